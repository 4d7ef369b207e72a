"""Work with files keeps neither the event loop waiting nor a task that is cancelled."""

import asyncio
import contextlib
import gc
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from zisk.cluster import disk
from zisk.cluster.disk import held_on_disk, on_disk


def test_what_is_returned_and_what_is_raised():
    async def run() -> None:
        assert await on_disk(lambda: threading.current_thread().name) != threading.current_thread().name
        with pytest.raises(FileNotFoundError):
            await on_disk(lambda: Path("/none").read_bytes())

    asyncio.run(run())


def test_the_loop_goes_on_and_threads_are_few():
    async def run() -> None:
        names: set[str] = set()
        answered = threading.Event()

        def work() -> bool:
            names.add(threading.current_thread().name)
            return answered.wait(10)

        waiting = [asyncio.create_task(on_disk(work)) for _ in range(40)]
        async with asyncio.timeout(5):
            while len(names) < 8:
                await asyncio.sleep(0.01)
        answered.set()
        assert all(await asyncio.gather(*waiting))
        assert len(names) == 8

    asyncio.run(run())


def test_a_task_that_is_cancelled_lets_the_thread_finish(caplog: pytest.LogCaptureFixture):
    async def run() -> list[str]:
        done: list[str] = []

        def work() -> None:
            time.sleep(0.2)
            done.append("worked")
            raise ValueError("nobody asks")

        task = asyncio.create_task(on_disk(work))
        await asyncio.sleep(0.05)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        return done

    assert asyncio.run(run()) == ["worked"]
    gc.collect()
    assert caplog.text == ""


def test_a_disk_that_does_not_answer_keeps_no_task(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(disk, "_LET_GO_SECONDS", 0.1)
    answered = threading.Event()

    async def run() -> None:
        task = asyncio.create_task(on_disk(lambda: answered.wait(10)))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            async with asyncio.timeout(2):
                await task

    asyncio.run(run())
    answered.set()


@pytest.mark.parametrize("error", [None, ValueError("in the middle")])
def test_a_context_begins_and_ends_on_a_thread(error: Exception | None):
    told: list[str] = []

    @contextlib.contextmanager
    def context() -> Iterator[str]:
        told.append(threading.current_thread().name)
        try:
            yield "value"
        finally:
            told.append(threading.current_thread().name)

    async def run() -> None:
        async with held_on_disk(context()) as value:
            assert value == "value"
            if error is not None:
                raise error

    if error is None:
        asyncio.run(run())
    else:
        with pytest.raises(ValueError, match="in the middle"):
            asyncio.run(run())
    assert len(told) == 2
    assert all(name.startswith("zisk-disk-") for name in told)
