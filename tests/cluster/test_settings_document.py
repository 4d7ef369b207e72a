"""docs/settings.md has every setting as it is."""

from pathlib import Path

import pytest

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
