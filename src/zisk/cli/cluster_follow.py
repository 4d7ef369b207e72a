"""Following a job or everything that happens, for as long as it takes and over lost connections."""

import sys
import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, TypeVar

from zisk.cli.cluster_reports import standing_text
from zisk.cli.cluster_tables import print_json
from zisk.printable import printable

if TYPE_CHECKING:
    from zisk.cluster.cluster_client import ClusterClient
    from zisk.cluster.errors import CoordinatorUnreachableError
    from zisk.cluster.protocol.generated import cluster_pb2 as wire

_PAUSE_SECONDS = 0.2
"""Least time from one question about a job to the next, however much news there is."""

_LINE_SECONDS = 1
"""Time between two looks of the line on a terminal, and least time between lines that stay to be read."""

_WAIT_SECONDS = 30
"""How long one question waits for news where nothing is to be drawn meanwhile."""

_AGAIN_SECONDS = 2.0
"""Pause between two attempts to reach a coordinator that was there."""

_PATIENCE_SECONDS = 600.0
"""How long a coordinator that was there is tried again: jobs without workers wait as long by default."""

ENDS = ("Completed", "Failed", "Cancelled")
"""States of a job that is over."""

Answer = TypeVar("Answer")


def follow_job(client: "ClusterClient", job_id: str, *, as_json: bool) -> "wire.Job":
    """Show where a job stands until it is over: as JSON a line for each news, else on standard error."""
    live = sys.stderr.isatty() and not as_json
    wait = _LINE_SECONDS if live else _WAIT_SECONDS
    job = client.job(job_id)
    shown, shown_at = "", 0.0
    while True:
        asked = time.monotonic()
        line = printable(f"job {job.job_id}: {standing_text(job)}")
        if as_json:
            print_json(job)
        elif live:
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        elif line != shown and (job.state in ENDS or asked - shown_at >= _LINE_SECONDS):
            print(line, file=sys.stderr, flush=True)
            shown, shown_at = line, asked
        if job.state in ENDS:
            break
        time.sleep(_PAUSE_SECONDS)
        job = _patiently(lambda last=job: client.job(last.job_id, seen=last.revision, wait_seconds=wait))
    if live:
        print(file=sys.stderr)
    return job


def follow_events(client: "ClusterClient") -> "Generator[wire.Event, None, None]":
    """Everything that has happened, as far as it is known, and all that will, until interrupted."""
    from zisk.cluster.errors import CoordinatorUnreachableError

    client.status()  # one that never answered is not waited for
    patience = _Patience()
    last: wire.Event | None = None
    while True:
        begun = time.monotonic()
        try:
            for event in client.events(after=last, follow=True):
                yield event
                last = event
            error = CoordinatorUnreachableError("the coordinator ended the stream of events")
        except CoordinatorUnreachableError as caught:
            error = caught
        if time.monotonic() - begun > 2 * _AGAIN_SECONDS:
            patience = _Patience()
        patience.wait(error)


class _Patience:
    """Waits for a coordinator that was there, for a time that has an end, and says so once."""

    def __init__(self) -> None:
        self._deadline: float | None = None

    def wait(self, error: "CoordinatorUnreachableError") -> None:
        """Pause before another attempt.

        Raises:
            CoordinatorUnreachableError: there were enough of them.

        """
        if self._deadline is None:
            self._deadline = time.monotonic() + _PATIENCE_SECONDS
            print(f"note: {error}; trying again for {_PATIENCE_SECONDS:g} s", file=sys.stderr, flush=True)
        if time.monotonic() >= self._deadline:
            raise error
        time.sleep(_AGAIN_SECONDS)


def _patiently(ask: Callable[[], Answer]) -> Answer:
    """Ask a coordinator that was there until it answers."""
    from zisk.cluster.errors import CoordinatorUnreachableError

    patience = _Patience()
    while True:
        try:
            return ask()
        except CoordinatorUnreachableError as error:
            patience.wait(error)
