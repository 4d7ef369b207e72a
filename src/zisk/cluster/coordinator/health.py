"""The HTTP endpoint of the coordinator: `/health`."""

import os
import time
from typing import Any

from aiohttp import web

from zisk.cluster.coordinator.shell import CoordinatorShell
from zisk.cluster.scheduling.state import WorkerState
from zisk.version import __version__

__all__ = ["health_app", "health_of"]


def health_of(shell: CoordinatorShell) -> dict[str, Any]:
    """What `/health` says. `status` is `ok`, `stopping`, or `degraded` with the `reason`."""
    state = shell.machine.state
    health: dict[str, Any] = {
        "status": "ok",
        "version": __version__,
        "uptime_seconds": int(time.monotonic() - shell.started),
        "workers": len(state.workers),
        "idle_workers": sum(worker.state is WorkerState.IDLE for worker in state.workers.values()),
        "compute_capacity": state.capacity,
        "running_jobs": len(state.running()),
        "queued_jobs": len(state.queue),
    }
    if not os.access(shell.artifacts.folder, os.W_OK):
        health |= {"status": "degraded", "reason": f"{shell.artifacts.folder} cannot be written"}
    if state.stopping:
        health["status"] = "stopping"
    return health


def health_app(shell: CoordinatorShell) -> web.Application:
    """An application that answers `/health`: 200 while all is well, 503 otherwise."""

    async def health(_request: web.Request) -> web.Response:
        report = health_of(shell)
        return web.json_response(report, status=200 if report["status"] == "ok" else 503)

    app = web.Application()
    app.router.add_get("/health", health)
    return app
