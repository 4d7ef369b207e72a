"""A running cluster in a thread of its own, for clients that block."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.cluster.running import RunningCluster, running_cluster


@contextlib.contextmanager
def background_cluster(folder: Path, workers: str = "") -> Iterator[RunningCluster]:
    """A cluster below `folder` that runs while the context lasts."""
    ready: list[RunningCluster] = []
    started = threading.Event()
    loop = asyncio.new_event_loop()
    over = asyncio.Event()

    async def run() -> None:
        async with running_cluster(folder, workers) as cluster:
            ready.append(cluster)
            started.set()
            await over.wait()

    def serve() -> None:
        try:
            loop.run_until_complete(run())
        finally:
            started.set()
            loop.close()

    thread = threading.Thread(target=serve)
    thread.start()
    assert started.wait(10)
    try:
        yield ready[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
