"""One thread for the prover, so that the event loop stays free for the network and its heartbeats."""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import TypeVar

__all__ = ["EngineThread"]

Answer = TypeVar("Answer")


class EngineThread:
    """Runs functions one after another in a thread that does not keep the process from ending."""

    def __init__(self, name: str) -> None:
        self._queue: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def run(self, function: Callable[[], Answer]) -> Answer:
        """Wait for what `function` returns or raises in the thread.

        When the waiting task is cancelled the function runs on, and what it returns is dropped.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()

        def deliver(answer: Answer | None, error: BaseException | None) -> None:
            if future.cancelled():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(answer)  # pyright: ignore[reportArgumentType]

        def call() -> None:
            answer, failure = None, None
            try:
                answer = function()
            except BaseException as error:
                failure = error
            # The loop may be gone when the process is on its way out.
            if not loop.is_closed():
                loop.call_soon_threadsafe(deliver, answer, failure)

        self._queue.put(call)
        return await future

    def stop(self) -> None:
        """End the thread after what it is doing; what waits is dropped."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put(None)

    def _work(self) -> None:
        while (call := self._queue.get()) is not None:
            call()
