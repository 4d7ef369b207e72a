"""Settings of the two programs: where a value may come from, and where it came from.

The order is the same everywhere: defaults, then the TOML file, then the environment, then flags; later ones
win.
Parsing costs nothing but the standard library, so that `--help` stays quick.
"""

import argparse
import os
import textwrap
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zisk.cluster.declared import Setting, shown
from zisk.cluster.errors import ConfigurationError
from zisk.printable import is_text

__all__ = ["Settings", "Value", "add_flags", "resolve"]


FILE_LIMIT = 1 << 20
"""Largest settings file, in bytes."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value and where it came from, in words."""

    value: Any
    source: str = "default"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting's value.

    `unused` names what was given and means nothing here, `unknown` the keys of the TOML file that do not
    exist.
    """

    values: Mapping[str, Value]
    unused: tuple[str, ...]
    unknown: tuple[str, ...]

    def __getitem__(self, key: str) -> Any:
        return self.values[key].value

    def given(self, key: str, *sources: str) -> bool:
        """Whether a value is from one of these kinds of source, or any: `file`, `environment`, `flag`."""
        return self.values[key].source.split(" ")[0] in (sources or ("file", "environment", "flag"))

    def notices(self) -> list[str]:
        """What to say at start about settings that change nothing."""
        return [
            *(f"{name} is accepted and changes nothing in this version" for name in self.unused),
            *(f"{name} is not a setting and is ignored; check its spelling" for name in self.unknown),
        ]


def add_flags(parser: argparse.ArgumentParser, settings: Sequence[Setting]) -> None:
    """Give a parser the flags of these settings; what is not given stays out of the parsed arguments."""
    quiet = parser.add_argument_group("accepted and unused")
    for setting in settings:
        if not setting.flags:
            continue
        group = parser if setting.used else quiet
        options: dict[str, Any] = {
            "dest": setting.destination,
            "default": argparse.SUPPRESS,
            "help": setting.help,
        }
        if setting.counted:
            options["action"] = "count"
        elif isinstance(setting.default, bool):
            options["action"] = "store_true"
        else:
            options["type"] = setting.kind
            options["metavar"] = {int: "N", float: "SECONDS"}.get(setting.kind, "VALUE")
            if setting.choices:
                options["metavar"] = "|".join(setting.choices)
            if setting.optional_value:
                options |= {"nargs": "?", "const": ""}
        group.add_argument(*setting.flags, **options)


def resolve(
    settings: Sequence[Setting],
    prefix: str,
    *,
    file: Path | None,
    core_file_key: str = "",
    environment: Mapping[str, str] = os.environ,
    arguments: argparse.Namespace | None = None,
) -> Settings:
    """Work out every setting from the file, the environment and the flags.

    `core_file_key` names a setting that is the path of a second file, whose values count below those of the
    first.

    Raises:
        ConfigurationError: a file cannot be read, or a value is not of its type.

    """
    values = {setting.key: Value(setting.default) for setting in settings}
    known = {setting.key: setting for setting in settings}
    unknown: list[str] = []
    tables: list[tuple[Path, dict[str, Any]]] = []
    if file is not None:
        tables.append((file, _read(file)))
        if core_file_key and (core := tables[0][1].get(core_file_key)):
            core_path = file.parent / _typed(known[core_file_key], core, f"{core_file_key} in {file}")
            tables.insert(0, (core_path, _read(core_path)))
    for path, table in tables:
        for key, raw in table.items():
            if key not in known or "." not in key:
                unknown.append(f"{key} in {path}")
            else:
                values[key] = Value(_typed(known[key], raw, f"{key} in {path}"), f"file {path}")
    for setting in settings:
        for variable in reversed(setting.variables(prefix)):
            if raw := environment.get(variable, ""):
                values[setting.key] = Value(_parsed(setting, raw, variable), f"environment {variable}")
    given = vars(arguments) if arguments is not None else {}
    for setting in settings:
        if setting.destination in given:
            value = given[setting.destination]
            _check(setting, value, setting.flags[-1])
            values[setting.key] = Value(value, f"flag {setting.flags[-1]}")
    unused = tuple(
        f"{setting.key} ({values[setting.key].source})"
        for setting in settings
        if not setting.used and values[setting.key].source != "default"
    )
    return Settings(values, unused, tuple(unknown))


def _read(path: Path) -> dict[str, Any]:
    """A TOML file as one flat table of dotted keys."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ConfigurationError(
            f"configuration file {path} cannot be read: {why}; check the path"
        ) from error
    if len(data) > FILE_LIMIT:
        raise ConfigurationError(
            f"configuration file {path} has more than {FILE_LIMIT:,} bytes; check that it is the one meant"
        )
    try:
        return dict(_flat(tomllib.loads(data.decode()), ""))
    except ValueError as error:  # not TOML, not UTF-8, or a number without end
        raise ConfigurationError(
            f"configuration file {path} is not valid TOML: {error}; correct it"
        ) from error
    except RecursionError as error:
        raise ConfigurationError(
            f"configuration file {path} nests arrays or tables too deeply; correct it"
        ) from error


def _flat(table: Mapping[str, Any], prefix: str) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for name, value in table.items():
        pairs += _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else [(f"{prefix}{name}", value)]
    return pairs


def _typed(setting: Setting, raw: Any, where: str) -> Any:
    """A value of the setting's type from a TOML value."""
    kind: type = str if isinstance(setting.default, Path) else type(setting.default)
    if kind is float and type(raw) is int and abs(raw) < 1 << 53:
        raw = float(raw)
    if type(raw) is not kind:
        raise ConfigurationError(f"{where} is {_shown(raw)}; give a value like {shown(setting.default)}")
    _check(setting, raw, where)
    return setting.kind(raw)


def _shown(raw: Any) -> str:
    """A TOML value as a message shows it; numbers of thousands of digits have no text."""
    try:
        return textwrap.shorten(repr(raw), 100)
    except ValueError:
        return "a number without end"


def _parsed(setting: Setting, raw: str, variable: str) -> Any:
    """A value of the setting's type from text."""
    kind = setting.kind
    try:
        if kind is bool:
            value: Any = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
                raw.lower()
            ]
        else:
            value = kind(raw)
    except (KeyError, ValueError):
        text = f"{variable} is {raw!r}; give a value like {shown(setting.default)}"
        raise ConfigurationError(text) from None
    _check(setting, value, variable)
    return value


def _check(setting: Setting, value: Any, where: str) -> None:
    """Refuse what is none of the choices or out of range; a number that is none is out of every range."""
    if isinstance(setting.default, str | Path):
        _check_text(value, where)
    if setting.choices and value not in setting.choices:
        raise ConfigurationError(f"{where} is {value!r}; choose one of {', '.join(setting.choices)}")
    most = float("inf") if setting.most is None else setting.most
    if setting.least is not None and not setting.least <= value <= most:
        raise ConfigurationError(f"{where} is {value}; give a number {setting.range}")


def _check_text(value: str | Path, where: str) -> None:
    """Refuse a null character, which no path has, and in text that goes into messages what is not UTF-8."""
    if "\0" in str(value) or (isinstance(value, str) and not is_text(value)):
        raise ConfigurationError(f"{where} is {str(value)!r}; write it in UTF-8, without null characters")
