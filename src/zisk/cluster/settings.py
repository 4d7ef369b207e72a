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

from zisk.cluster.errors import ConfigurationError

__all__ = ["Setting", "Settings", "Value", "add_flags", "resolve"]


FILE_LIMIT = 1 << 20
"""Largest settings file, in bytes."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    `key` is its dotted name in TOML; names without a dot have no place there and are flags only.
    `default` gives its type: bool, int, float or str.
    `flags` and `environment` are the other ways to give it; every key in TOML also has the variable
    PREFIX_SECTION_NAME.
    `used` is False for what is accepted because the documents have it, and means nothing here.
    `optional_value` is for flags that may stand alone or have a value.
    """

    key: str
    default: Any
    help: str
    flags: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    used: bool = True
    counted: bool = False
    optional_value: bool = False

    @property
    def destination(self) -> str:
        """Its name among parsed arguments."""
        return self.key.replace(".", "__").replace("-", "_")

    def variables(self, prefix: str) -> tuple[str, ...]:
        """Environment variables that set it, the one that counts most first."""
        own = f"{prefix}_{self.key.replace('.', '_').upper()}"
        return (*self.environment, own) if "." in self.key else self.environment


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
        """Whether a value is from one of these kinds of source: `file`, `environment`, `flag`."""
        return self.values[key].source.split(" ")[0] in sources

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
            options["type"] = type(setting.default)
            options["metavar"] = {int: "N", float: "SECONDS"}.get(type(setting.default), "VALUE")
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
            _check_choice(setting, value, setting.flags[-1])
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
    kind = type(setting.default)
    if kind is float and type(raw) is int and abs(raw) < 1 << 53:
        raw = float(raw)
    if type(raw) is not kind:
        raise ConfigurationError(f"{where} is {_shown(raw)}; give a value like {setting.default!r}")
    _check_choice(setting, raw, where)
    return raw


def _shown(raw: Any) -> str:
    """A TOML value as a message shows it; numbers of thousands of digits have no text."""
    try:
        return textwrap.shorten(repr(raw), 100)
    except ValueError:
        return "a number without end"


def _parsed(setting: Setting, raw: str, variable: str) -> Any:
    """A value of the setting's type from text."""
    kind = type(setting.default)
    try:
        if kind is bool:
            value: Any = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
                raw.lower()
            ]
        else:
            value = kind(raw)
    except (KeyError, ValueError):
        text = f"{variable} is {raw!r}; give a value like {setting.default!r}"
        raise ConfigurationError(text) from None
    _check_choice(setting, value, variable)
    return value


def _check_choice(setting: Setting, value: Any, where: str) -> None:
    if setting.choices and value not in setting.choices:
        raise ConfigurationError(f"{where} is {value!r}; choose one of {', '.join(setting.choices)}")
