"""The thread of the prover."""

import asyncio
import subprocess
import sys
import threading

import pytest

from zisk.cluster.engines.thread import EngineThread


def test_answers_and_errors_come_back():
    async def story() -> None:
        thread = EngineThread("test")
        assert await thread.run(lambda: threading.current_thread().name) == "test"
        with pytest.raises(ZeroDivisionError):
            await thread.run(lambda: 1 // 0)
        with pytest.raises(KeyboardInterrupt):
            await thread.run(_interrupt)
        assert await thread.run(lambda: 2) == 2
        thread.stop()

    asyncio.run(story())


def _interrupt() -> None:
    raise KeyboardInterrupt


def test_functions_run_one_after_another():
    async def story() -> None:
        thread = EngineThread("test")
        order: list[int] = []
        await asyncio.gather(*(thread.run(lambda n=n: order.append(n)) for n in range(5)))
        assert order == [0, 1, 2, 3, 4]
        thread.stop()

    asyncio.run(story())


def test_what_waits_is_dropped_on_stop():
    async def story() -> None:
        thread = EngineThread("test")
        begun, go_on = threading.Event(), threading.Event()
        first = asyncio.create_task(thread.run(lambda: begun.set() or go_on.wait(5)))
        second = asyncio.create_task(thread.run(lambda: 2))
        await asyncio.to_thread(begun.wait, 5)
        thread.stop()
        go_on.set()
        assert await first
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(second, 0.1)

    asyncio.run(story())


@pytest.mark.parametrize(("seconds", "code"), [(60, 5), (0, 0)])
def test_a_process_leaves_at_once_where_the_thread_is_busy(seconds: int, code: int):
    program = f"""
import asyncio, time
from zisk.cluster.engines.thread import EngineThread, leave
async def story():
    running = asyncio.create_task(EngineThread("test").run(lambda: time.sleep({seconds})))
    await asyncio.sleep(0.2)
    running.cancel()
asyncio.run(story())
leave(5)
"""
    assert subprocess.run([sys.executable, "-c", program], timeout=30).returncode == code
