"""docs/settings.md has every setting as it is, and every flag of `zisk-coordinator prove`."""

import argparse
import re
from pathlib import Path

import pytest

from zisk.cli.coordinator import build_parser
from zisk.cluster.coordinator import settings as coordinator
from zisk.cluster.settings import Setting
from zisk.cluster.worker import settings as worker

DOCUMENT = (Path(__file__).parents[2] / "docs" / "settings.md").read_text().splitlines()


def row(setting: Setting, prefix: str) -> str:
    """The line of a setting."""
    cells = [
        f"`{setting.key}`" if "." in setting.key else "-",
        ", ".join(f"`{flag}`" for flag in setting.flags) or "-",
        ", ".join(f"`{variable}`" for variable in setting.variables(prefix)) or "-",
        f"`{setting.default}`" if setting.default != "" else "-",
        f"{setting.help}{'' if setting.used else ' (unused)'}",
    ]
    return f"| {' | '.join(cells)} |"


@pytest.mark.parametrize("program", [coordinator, worker])
def test_every_setting_has_its_line(program):
    missing = [row(setting, program.PREFIX) for setting in program.SETTINGS]
    assert [line for line in missing if line not in DOCUMENT] == []


def test_every_flag_of_the_command_that_proves_has_its_line():
    [commands] = [each for each in build_parser()._actions if isinstance(each, argparse._SubParsersAction)]
    start = DOCUMENT.index("## zisk-coordinator prove")
    end = next(place for place in range(start + 1, len(DOCUMENT)) if DOCUMENT[place].startswith("## "))
    listed = [
        re.findall(r"`(-[^`]+)`", line.split("|")[1])
        for line in DOCUMENT[start:end]
        if line.startswith("| `")
    ]
    taken = [action.option_strings for action in commands.choices["prove"]._actions]
    taken.remove(["-h", "--help"])
    unused = [["--hints-uri"], ["--stream-hints"], ["--simulated-node"]]
    assert taken[-3:] == unused
    assert sorted(listed) == sorted([*taken[:-3], ["--hints-uri", "--stream-hints", "--simulated-node"]])
