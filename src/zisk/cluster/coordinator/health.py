"""The HTTP endpoint of the coordinator, `/health`, and what it watches over to tell it."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiohttp import web

from zisk.cluster.coordinator.folders import trouble_with
from zisk.cluster.coordinator.shell import CoordinatorShell
from zisk.cluster.disk import on_disk
from zisk.cluster.scheduling.state import WorkerState
from zisk.version import __version__

__all__ = ["HealthWatch", "health_app"]

_log = logging.getLogger("zisk.coordinator")

_BEAT_SECONDS = 0.25
"""Pause between two looks at whether the event loop keeps time."""

_LAG_SECONDS = 2.0
"""How late the event loop may be."""

_REMEMBERED_SECONDS = 30.0
"""How long it counts that it was late."""

_PROBE_SECONDS = 10.0
"""Pause between two looks at the folders."""

_ANSWER_SECONDS = 20.0
"""Time that disks have to answer."""


class HealthWatch:
    """Finds out whether all is well with a coordinator: its folders, its event loop, its workers."""

    def __init__(self, shell: CoordinatorShell) -> None:
        self._shell = shell
        self._lags: deque[tuple[float, float]] = deque()
        self._troubles: tuple[str, ...] = ()
        self._asked: float | None = None
        self._told: list[str] = []

    async def probe(self) -> None:
        """Look at the folders: whether files can be kept there."""
        self._asked = time.monotonic()
        least_free = self._shell.rules.min_free_bytes
        found = [await on_disk(lambda one=folder: trouble_with(one, least_free)) for folder in self._folders]
        self._troubles = tuple(filter(None, found))
        self._asked = None

    async def run(self) -> None:
        """Watch, until cancelled; what changes is logged."""
        probing = asyncio.create_task(self._probe_for_ever())
        try:
            while not probing.done():
                before = time.monotonic()
                await asyncio.sleep(_BEAT_SECONDS)
                self._note_lag(before)
                self._log_changes()
            await probing
        finally:
            probing.cancel()

    async def _probe_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_PROBE_SECONDS)
            await self.probe()

    def report(self) -> dict[str, Any]:
        """What `/health` says. `status` is `ok`, `stopping`, or `degraded` with the `reason`."""
        state = self._shell.machine.state
        reasons = self.reasons()
        report: dict[str, Any] = {
            "status": "degraded" if reasons else "ok",
            "version": __version__,
            "uptime_seconds": int(time.monotonic() - self._shell.started),
            "workers": len(state.workers),
            "idle_workers": sum(worker.state is WorkerState.IDLE for worker in state.workers.values()),
            "compute_capacity": state.capacity,
            "running_jobs": len(state.running()),
            "queued_jobs": len(state.queue),
            "artifact_bytes": self._shell.artifacts.kept_bytes,
            "loop_lag_seconds": round(self._lag, 3),
        }
        if reasons:
            report["reason"] = "; ".join(reasons)
        if state.stopping:
            report["status"] = "stopping"
        return report

    def reasons(self) -> list[str]:
        """Why not all is well; none where it is."""
        reasons = [*self._troubles, *self._silent()]
        if self._asked is not None and (silence := time.monotonic() - self._asked) > _ANSWER_SECONDS:
            folders = " and ".join(map(str, self._folders))
            reasons.append(f"the disks of {folders} have not answered for {silence:.0f} s")
        if self._lag > _LAG_SECONDS:
            reasons.append(
                f"the event loop was held up for {self._lag:.1f} s within {_REMEMBERED_SECONDS:g} s"
            )
        if self._shell.unsaved:
            reasons.append(self._shell.unsaved)
        return reasons

    @property
    def _folders(self) -> list[Path]:
        saved_in = self._shell.rules.saved_in
        return [self._shell.artifacts.folder, *([] if saved_in is None else [saved_in])]

    @property
    def _lag(self) -> float:
        return max((lag for _, lag in self._lags), default=0.0)

    def _note_lag(self, before: float) -> None:
        now = time.monotonic()
        self._lags.append((now, max(0.0, now - before - _BEAT_SECONDS)))
        while now - self._lags[0][0] > _REMEMBERED_SECONDS:
            self._lags.popleft()

    def _silent(self) -> Iterator[str]:
        """Workers that have a job and have said nothing for half the time after which they are lost."""
        limit = self._shell.machine.limits.silence_seconds
        for worker in self._shell.machine.state.workers.values():
            silence = self._shell.now() - worker.last_heartbeat
            if worker.job_id is not None and 0 < limit < 2 * silence:
                yield (
                    f"worker {worker.worker_id}, at job {worker.job_id}, has been silent for {silence:.0f} s "
                    f"of the {limit:g} s after which it is lost"
                )

    def _log_changes(self) -> None:
        """Log what has become of health; numbers that change alone are no change."""
        reasons = self.reasons()
        if bool(reasons) != bool(self._told):
            if reasons:
                _log.warning("health is degraded: %s", "; ".join(reasons))
            else:
                _log.info("health is ok again")
        self._told = reasons


def health_app(watch: HealthWatch) -> web.Application:
    """An application that answers `/health`: 200 while all is well, 503 otherwise."""

    async def health(_request: web.Request) -> web.Response:
        report = watch.report()
        return web.json_response(report, status=200 if report["status"] == "ok" else 503)

    app = web.Application()
    app.router.add_get("/health", health)
    return app
