"""Progress as bars on a terminal: one line for each name of a phase, with count, speed and time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bars
from rich.text import Text

from zisk.cli.reports import rate_text
from zisk.progress import Advance

UNITS = {"execute": "steps"}
"""What a phase counts, by its name; every other phase counts steps of its own."""


class _Count(ProgressColumn):
    """How much is done, of how much, and how fast."""

    def render(self, task: Task) -> Text:
        """The text of one line; empty for a phase that counts nothing."""
        if not task.fields["counted"]:
            return Text("")
        done = int(task.completed)
        count = f"{done:,}" if task.total is None or task.finished else f"{done:,}/{int(task.total):,}"
        unit = UNITS.get(task.fields["phase"])
        if unit is not None:
            seconds = task.finished_time if task.finished_time is not None else task.elapsed
            count = f"{count} {unit}, {rate_text(done, seconds or 0.0, unit)}"
        return Text(count, no_wrap=True)


class TerminalProgress:
    """A sink that draws on standard error; a context manager, so that the terminal is left in order.

    Phases of one name share a line: the line counts them together and goes on.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._bars = Bars(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            _Count(),
            TimeElapsedColumn(),
            console=console if console is not None else Console(stderr=True),
        )
        self._lines: dict[str, TaskID] = {}
        self._open: dict[str, int] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> "TerminalProgress":
        """Start drawing."""
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop drawing and leave the last picture."""
        self._bars.stop()

    @contextmanager
    def phase(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """Open or go on with the line of this name."""
        line = self._enter(name, total)

        def advance(n: int = 1, /) -> None:
            self._bars.update(line, advance=n, counted=True)

        failed = True
        try:
            yield advance
            failed = False
        finally:
            self._leave(name, line, failed)

    def _enter(self, name: str, total: int | None) -> TaskID:
        """The line of a phase that begins, its total grown by what this one adds."""
        with self._lock:
            self._open[name] = self._open.get(name, 0) + 1
            line = self._lines.get(name)
            if line is None:
                line = self._bars.add_task(name, total=total, phase=name, counted=total is not None)
                self._lines[name] = line
            elif total is not None:
                task = self._task(line)
                task.finished_time = None
                self._bars.update(line, total=(task.total or 0) + total, counted=True)
            return line

    def _leave(self, name: str, line: TaskID, failed: bool) -> None:
        """Tick the line of a phase that ended, unless another of its name is still open."""
        with self._lock:
            self._open[name] -= 1
            if self._open[name]:
                return
            if failed:
                self._bars.update(line, description=f"{name} [red]failed")
            else:
                task = self._task(line)
                self._bars.update(line, total=task.completed or 1, completed=task.completed or 1)

    def _task(self, line: TaskID) -> Task:
        """The state of a line."""
        return next(task for task in self._bars.tasks if task.id == line)
