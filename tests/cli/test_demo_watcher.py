"""What a demonstration shows of its workers' phases while they are at it."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from zisk.cli.demo.processes import Member
from zisk.cli.demo.watcher import PhaseWatcher
from zisk.progress import Advance


class Notes:
    """A sink that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.beats: dict[str, list[int]] = {}

    @contextmanager
    def phase(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """Note the begin of a phase, its steps and its end."""
        self.told.append(f"{name} of {total}")
        steps: list[int] = []
        self.beats[name] = steps

        def advance(n: int = 1, /) -> None:
            steps.append(n)
            if n:
                self.told.append(f"{name} +{n}")

        yield advance
        self.told.append(f"{name} over")


def member(*lines: str) -> Member:
    """A process that has said these lines."""
    return Member("worker", cast("subprocess.Popen[str]", None), [at(line) for line in lines])


def at(line: str) -> str:
    """A line of a log."""
    return f"2026-11-20T10:00:00.000Z DEBUG {line}"


def test_phases_are_opened_counted_and_closed() -> None:
    notes, worker = Notes(), member("phase setup 0/3")
    with PhaseWatcher({"w": worker}, notes):
        worker.lines += [
            at(line) for line in ["phase prove 0/4", "phase fold 0/2", "phase prove 1/4", "phase prove 3/4"]
        ]
        deadline = time.monotonic() + 10
        while len(notes.told) < 4 and time.monotonic() < deadline:
            time.sleep(0.02)
        ends = ["phase fold 2/2", "phase fold done in 1.000 s", "phase setup done in 1.000 s"]
        worker.lines += [at(line) for line in ends]
    assert notes.told == [
        "prove of 4",
        "fold of 2",
        "prove +1",
        "prove +2",
        "fold +2",
        "fold over",
        "prove over",
    ]


def test_the_newest_phase_that_counts_is_told_of_again_and_again() -> None:
    notes, worker = Notes(), member()
    with PhaseWatcher({"w": worker}, notes):
        worker.lines += [at(line) for line in ["phase prove 0/4", "phase fold 0/2"]]
        deadline = time.monotonic() + 10
        while len(notes.beats.get("fold", [])) < 3 and time.monotonic() < deadline:
            time.sleep(0.02)
    assert notes.beats["prove"] == []
    assert notes.beats["fold"][:3] == [0, 0, 0]


def test_workers_have_phases_of_their_own() -> None:
    notes, first, second = Notes(), member(), member()
    with PhaseWatcher({"a": first, "b": second}, notes):
        first.lines.append(at("phase fold 0/2"))
        second.lines += [at("phase fold 0/1"), at("phase fold done in 1.000 s")]
    assert notes.told == ["fold of 2", "fold of 1", "fold over", "fold over"]
