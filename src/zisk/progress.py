"""How long-running work says where it is: phases, each with an optional count of steps.

Functions that may take more than a moment accept `progress: Progress = NULL_PROGRESS`.
They know nothing of terminals or logs; the sinks that draw or print live in `zisk.cli`.

    with progress.phase("commit", total=tables) as advance:
        for table in tables:
            ...
            advance()
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Advance(Protocol):
    """Reports finished steps of one phase; may be called from any thread."""

    def __call__(self, n: int = 1, /) -> None:
        """Add `n` finished steps, `n >= 0`, in the unit that the phase counts in."""
        ...


class Progress(Protocol):
    """Where the phases of a piece of work are reported to."""

    def phase(self, name: str, total: int | None = None) -> AbstractContextManager[Advance]:
        """Open a phase, and close it when the context ends, whether well or by an exception.

        `name` is a short lower-case label, such as "commit" or "execute".
        `total` is the number of steps that make the phase complete; None where it is not known beforehand.
        Phases may nest, and phases of different threads may be open at the same time.
        """
        ...


def _ignore(_n: int = 1, /) -> None:
    """Take a report and do nothing with it."""


class NullProgress:
    """A sink that reports nowhere."""

    @contextmanager
    def phase(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """Open a phase that nobody watches."""
        del name, total
        yield _ignore


NULL_PROGRESS: Progress = NullProgress()
"""The default of every `progress` parameter."""
