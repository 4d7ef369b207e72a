"""One thread for the prover, so that the event loop stays free for the network and its heartbeats."""

import asyncio
import logging
import os
import queue
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

from zisk.cluster.engines.protocol import ProverEngine

__all__ = ["EngineThread", "leave"]

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

    async def prepare(self, engine: ProverEngine, log: logging.Logger) -> None:
        """Compile the kernels ahead of the first job, and say so where they are not.

        What goes wrong here goes wrong again in the first job, and is reported there.
        """
        try:
            if await self.run(engine.is_prepared):
                return
            log.info("compiling kernels, once on this machine")
            await self.run(engine.prepare)
            log.info("kernels compiled")
        except Exception as error:
            log.warning("kernels could not be compiled ahead of the first job: %s", error)

    def stop(self) -> None:
        """End the thread after what it is doing; what waits is dropped."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put(None)

    def _work(self) -> None:
        while (call := self._queue.get()) is not None:
            _busy.add(self)
            try:
                call()
            finally:
                _busy.discard(self)


_busy: set[EngineThread] = set()
"""Threads in the middle of something."""


def leave(code: int) -> None:
    """End the process with that code if a thread is in the middle of something; otherwise return.

    The interpreter must not be taken down under a thread that compiles or computes: that ends in a fault.
    """
    if _busy:
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
