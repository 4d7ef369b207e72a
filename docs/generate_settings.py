"""Write the tables of all settings into docs/settings.md: `python docs/generate_settings.py`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from zisk.cluster.coordinator import settings as coordinator
from zisk.cluster.declared import Setting
from zisk.cluster.worker import settings as worker

PAGE = Path(__file__).with_name("settings.md")
HEAD = ("| TOML key | flag | environment | default | range | meaning |", "|---|---|---|---|---|---|")


def table(settings: Sequence[Setting], prefix: str) -> list[str]:
    """The lines of a program's settings."""
    return [*HEAD, *(_row(setting, prefix) for setting in settings)]


def _row(setting: Setting, prefix: str) -> str:
    cells = [
        f"`{setting.key}`" if "." in setting.key else "-",
        _listed(setting.flags),
        _listed(setting.variables(prefix)),
        f"`{setting.default}`" if setting.default != "" else "-",
        setting.range or _listed(setting.choices),
        f"{setting.help}{'' if setting.used else ' (unused)'}",
    ]
    return f"| {' | '.join(cells)} |"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "-"


def page(text: str) -> str:
    """The page with its tables as the settings are now; the rest of it stays."""
    lines = text.splitlines()
    for program, title in ((coordinator, "## zisk-coordinator"), (worker, "## zisk-worker")):
        start = next(at for at in range(lines.index(title), len(lines)) if lines[at].startswith("| TOML key"))
        end = next(at for at in range(start, len(lines)) if not lines[at].startswith("|"))
        lines[start:end] = table(program.SETTINGS, program.PREFIX)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
