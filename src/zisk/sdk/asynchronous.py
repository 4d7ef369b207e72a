"""The client for programs that live in an event loop."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Protocol, Self, TypeVar

from zisk.sdk.client import ProverClient
from zisk.sdk.deadline import Deadline
from zisk.sdk.jobs import JobDescription, JobEvent, ProofJob
from zisk.sdk.results import Proof

__all__ = ["AsyncProofJob", "AsyncProverClient"]

_CALLS = 64
"""Calls that may be under way at once; each has a thread, and the next one waits for one to end."""

P = ParamSpec("P")
T = TypeVar("T")


class Call(Protocol):
    """Makes a call beside the event loop."""

    async def __call__(self, function: Callable[[], T], /) -> T:
        """Await what it returns or raises."""
        ...


class AsyncProofJob:
    """A `ProofJob` whose methods are awaited.

    There is no timeout: end the waiting as any other, with `asyncio.timeout` for example. The job goes on.
    """

    def __init__(self, job: ProofJob, call: Call) -> None:
        self.job_id = job.job_id
        self._job = job
        self._call = call

    async def result(self) -> Proof:
        """See `ProofJob.result`."""
        deadline = Deadline()
        try:
            return await self._call(partial(self._job.collect, deadline))
        finally:
            deadline.end()

    async def cancel(self) -> bool:
        """See `ProofJob.cancel`."""
        return await self._call(self._job.cancel)

    async def describe(self) -> JobDescription:
        """See `ProofJob.describe`."""
        return await self._call(self._job.describe)

    async def events(self) -> AsyncIterator[JobEvent]:
        """See `ProofJob.events`."""
        events = self._job.events()
        try:
            while (event := await self._call(partial(next, events, None))) is not None:
                yield event
        finally:
            events.close()


def _awaited(
    method: Callable[Concatenate[ProverClient, P], T],
) -> "Callable[Concatenate[AsyncProverClient, P], Coroutine[Any, Any, T]]":
    """A method of `ProverClient` for whoever awaits it: the same arguments, result and errors."""

    @wraps(method)
    async def call(self: "AsyncProverClient", *args: P.args, **named: P.kwargs) -> T:
        return await self.call(partial(method, self.client, *args, **named))

    return call


def _submitted(
    method: Callable[Concatenate[ProverClient, P], ProofJob],
) -> "Callable[Concatenate[AsyncProverClient, P], Coroutine[Any, Any, AsyncProofJob]]":
    """`submit`, with a job that is awaited."""

    @wraps(method)
    async def call(self: "AsyncProverClient", *args: P.args, **named: P.kwargs) -> AsyncProofJob:
        job = await self.call(partial(method, self.client, *args, **named))
        return AsyncProofJob(job, self.call)

    return call


def _proved(
    method: Callable[Concatenate[ProverClient, P], ProofJob],
) -> "Callable[Concatenate[AsyncProverClient, P], Coroutine[Any, Any, Proof]]":
    """`submit` and `result` in one; a job that nobody awaits any more is cancelled."""
    submit = _submitted(method)

    async def prove(self: "AsyncProverClient", *args: P.args, **named: P.kwargs) -> Proof:
        """Prove a run as `submit` has it, and verify the proof before it is handed out.

        A job whose waiting is ended, by `asyncio.timeout` for example, is cancelled.
        """
        submitting = asyncio.ensure_future(submit(self, *args, **named))
        try:
            return await (await asyncio.shield(submitting)).result()
        except asyncio.CancelledError:
            await (await submitting).cancel()
            raise

    return prove


class AsyncProverClient:
    """A `ProverClient` whose calls are awaited, and whose jobs are awaitable; 64 may be under way at once.

    Close it when done, or use it in an `async with` statement.

    Example:
        async with AsyncProverClient.remote("http://127.0.0.1:7000") as client:
            program = await client.upload(elf)
            jobs = [await client.submit(program, data) for data in inputs]
            proofs = await asyncio.gather(*(job.result() for job in jobs))

    """

    def __init__(self, client: ProverClient) -> None:
        self.client = client
        self._threads = ThreadPoolExecutor(_CALLS, "zisk-client")

    @classmethod
    def embedded(cls, *, threads: int | None = None) -> Self:
        """See `ProverClient.embedded`."""
        return cls(ProverClient.embedded(threads=threads))

    @classmethod
    def remote(cls, url: str = "http://127.0.0.1:7000") -> Self:
        """See `ProverClient.remote`."""
        return cls(ProverClient.remote(url))

    upload = _awaited(ProverClient.upload)
    setup = _awaited(ProverClient.setup)
    execute = _awaited(ProverClient.execute)

    submit = _submitted(ProverClient.submit)
    prove = _proved(ProverClient.submit)

    async def call(self, function: Callable[[], T]) -> T:
        """Make a call in a thread of this client."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function)

    async def close(self) -> None:
        """See `ProverClient.close`."""
        await self.call(self.client.close)
        self._threads.shutdown(wait=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
