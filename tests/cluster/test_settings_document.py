"""docs/settings.md has every setting as it is, and every flag of `zisk-coordinator prove`."""

import argparse
import re
import runpy
from pathlib import Path

from zisk.cli.coordinator import build_parser

DOCUMENTS = Path(__file__).parents[2] / "docs"
DOCUMENT = (DOCUMENTS / "settings.md").read_text().splitlines()


def test_the_tables_are_those_of_the_settings():
    generator = runpy.run_path(str(DOCUMENTS / "generate_settings.py"))
    text = (DOCUMENTS / "settings.md").read_text(encoding="utf-8")
    assert generator["page"](text) == text


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
