"""The two sinks of progress."""

import io
import json

import pytest
from rich.console import Console

from zisk.cli.progress_lines import LinesProgress
from zisk.cli.progress_terminal import TerminalProgress


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_lines_say_start_progress_and_end() -> None:
    stream, clock = io.StringIO(), Clock()
    with LinesProgress(stream, clock).phase("execute", total=1000) as advance:
        clock.now += 0.5
        advance(100)
        clock.now += 1.5
        advance(300)
        clock.now += 2.0
    assert [json.loads(line) for line in stream.getvalue().splitlines()] == [
        {"event": "phase_started", "phase": "execute", "total": 1000},
        {"event": "phase_progress", "phase": "execute", "done": 400, "total": 1000, "per_second": 200.0},
        {
            "event": "phase_finished",
            "phase": "execute",
            "done": 400,
            "total": 1000,
            "seconds": 4.0,
            "per_second": 100.0,
        },
    ]


def test_lines_say_that_a_phase_failed() -> None:
    stream = io.StringIO()
    with pytest.raises(ValueError, match="no"), LinesProgress(stream, Clock()).phase("prove"):
        raise ValueError("no")
    assert json.loads(stream.getvalue().splitlines()[-1]) == {
        "event": "phase_failed",
        "phase": "prove",
        "done": 0,
        "total": None,
        "seconds": 0.0,
        "per_second": 0.0,
    }


def drawn(console: Console) -> list[str]:
    """The lines of the last picture, without their times."""
    stream = console.file
    assert isinstance(stream, io.StringIO)
    return [line.rsplit(" ", 1)[0].strip() for line in stream.getvalue().splitlines() if line.strip()]


def test_the_terminal_has_one_line_for_each_name() -> None:
    console = Console(file=io.StringIO(), width=100)
    with TerminalProgress(console) as progress:
        with progress.phase("set up"):
            pass
        for _ in range(2):
            with progress.phase("commit", total=3) as advance:
                advance(2)
                advance()
        with pytest.raises(ValueError, match="no"), progress.phase("prove", total=5) as advance:
            advance()
            raise ValueError("no")
    lines = drawn(console)
    assert len(lines) == 3
    assert lines[0].startswith("✓ set up")
    assert lines[1].startswith("✓ commit")
    assert lines[1].endswith(" 6")
    assert "prove failed" in lines[2]
    assert lines[2].endswith("1/5")
