"""The processes that a demonstration starts: real programs, ended with it whatever happens."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn

from zisk.cli.failures import CommandError
from zisk.errors import ErrorKind

GRACE_SECONDS = 10.0
"""How long a process may take to end after SIGTERM before it is killed."""

LAST_LINES = 12
"""How many lines of its output are shown of a process that ended by itself."""

_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


@dataclass
class Member:
    """One started process.

    `lines` are the lines of its output so far, standard output and error together.
    """

    name: str
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its output so far, as one text."""
        return "\n".join(list(self.lines))

    def has_said(self, text: str) -> bool:
        """Whether a line of its output holds `text`."""
        return any(text in line for line in self.lines)


class Crew:
    """A few processes that live and die together; a context manager that ends every one of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._members: list[Member] = []
        self._readers: list[threading.Thread] = []

    def __enter__(self) -> "Crew":
        """Start with nobody."""
        return self

    def __exit__(self, *error: object) -> None:
        """End every process that is left."""
        self.end()

    def start(self, name: str, module: str, arguments: Sequence[str]) -> Member:
        """Start `python -m MODULE ARGUMENTS` in the crew's folder.

        It has a session of its own, so that Ctrl-C reaches the demonstration alone, which then ends it.
        """
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=self._folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=_parent_follower(),
        )
        member = Member(name, process)
        reader = threading.Thread(target=_read, args=(member,), daemon=True)
        reader.start()
        self._members.append(member)
        self._readers.append(reader)
        return member

    def wait_until(self, condition: Callable[[], bool], what: str, seconds: float) -> None:
        """Return as soon as `condition` holds.

        Raises CommandError with HOST where a process ends before, or after `seconds`.
        """
        deadline = time.monotonic() + seconds
        while not condition():
            self.check()
            if time.monotonic() > deadline:
                raise CommandError(
                    ErrorKind.HOST,
                    f"the demonstration waited {seconds:.0f} s for {what}; "
                    "the machine may be too busy: try again",
                )
            time.sleep(0.05)

    def check(self) -> None:
        """Raise CommandError with WORKER_ERROR, and show the last lines, where a process has ended."""
        for member in self._members:
            code = member.process.poll()
            if code is not None:
                print("\n".join(member.lines[-LAST_LINES:]), file=sys.stderr)
                raise CommandError(
                    ErrorKind.WORKER_ERROR,
                    f"{member.name} ended by itself with code {code}; its last lines are above",
                )

    def end(self) -> None:
        """End the processes in the reverse order of their start: politely first, then by force."""
        members, self._members = self._members, []
        for member in reversed(members):
            if member.process.poll() is None:
                member.process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for member in reversed(members):
            try:
                member.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                member.process.kill()
                member.process.wait()
        for reader in self._readers:
            reader.join(1.0)


def _environment() -> dict[str, str]:
    """This program's environment without what would configure the programs that it starts."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ZISK_COORDINATOR", "ZISK_WORKER")) and name != "RUST_LOG"
    }


@contextmanager
def polite_endings() -> Iterator[None]:
    """Make SIGTERM and SIGHUP end the program as Ctrl-C does, so that every context is left in order."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(each, _interrupt) for each in signals]
    try:
        yield
    finally:
        for each, handler in zip(signals, before, strict=True):
            signal.signal(each, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """Handle a signal that asks the program to end."""
    raise KeyboardInterrupt


def _parent_follower() -> Callable[[], None] | None:
    """What a child does before it runs, so that Linux ends it when the demonstration is killed outright.

    Everything is looked up here: between fork and exec the child makes two system calls and nothing else.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def follow() -> None:
        prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return follow


def _read(member: Member) -> None:
    """Gather the output of a process until it closes."""
    assert member.process.stdout is not None
    for line in member.process.stdout:
        member.lines.append(line.rstrip("\n"))
