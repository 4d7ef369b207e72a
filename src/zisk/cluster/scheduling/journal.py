"""What has happened to workers and jobs, newest last: what operators follow."""

from collections import deque
from dataclasses import dataclass, field
from itertools import islice

__all__ = ["MOST_ENTRIES", "Entry", "Journal"]

MOST_ENTRIES = 10_000
"""Entries that are kept; older ones go."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened to a job, a worker or both; its number is one above that of the last."""

    number: int
    at: float
    text: str
    job_id: str = ""
    worker_id: str = ""


@dataclass(slots=True)
class Journal:
    """The last entries; `written` is the number of the newest, 0 before there is one."""

    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=MOST_ENTRIES))
    written: int = 0

    def write(self, at: float, text: str, job_id: str = "", worker_id: str = "") -> None:
        """Add an entry."""
        self.written += 1
        self.entries.append(Entry(self.written, at, text, job_id, worker_id))

    def after(self, number: int) -> list[Entry]:
        """The entries with higher numbers, as far as they are kept."""
        known = number - (self.written - len(self.entries))
        return list(islice(self.entries, max(0, known), None))
