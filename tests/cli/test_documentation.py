"""The page of the command says what the command does."""

import argparse
import re
from pathlib import Path

from zisk.cli.main import build_parser
from zisk.exit_codes import ExitCode

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()


def parsers() -> dict[str, argparse.ArgumentParser]:
    """The parser of each command by name."""
    [commands] = [
        action for action in build_parser()._actions if isinstance(action, argparse._SubParsersAction)
    ]
    return dict(commands.choices)


def test_every_exit_code_is_listed() -> None:
    assert re.findall(r"^\| (\d+) \| ([A-Z_]+) \|", PAGE, re.MULTILINE) == [
        (str(int(code)), code.name) for code in ExitCode
    ]


def test_every_flag_is_listed_with_its_commands() -> None:
    listed = {
        flag: set(commands.split(", "))
        for flags, commands in re.findall(
            r"^\| (`-[^|]*(?:\\\|[^|]*)*) \| ([a-z, -]+) \|", PAGE, re.MULTILINE
        )
        for flag in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", flags)
    }
    listed.pop("--json")
    taken: dict[str, set[str]] = {}
    for name, parser in parsers().items():
        for action in parser._actions:
            for flag in action.option_strings:
                taken.setdefault(flag, set()).add(name)
    for common in ("-h", "--help", "--json", "--input"):
        taken.pop(common)
    assert listed == {flag: names - {"run"} for flag, names in taken.items()}
