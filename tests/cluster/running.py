"""A coordinator and workers in one event loop, on free ports of the loopback interface."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc.aio

from tests.cluster.fake_engine import FakeEngine
from zisk.cluster.artifacts.store import ArtifactStore
from zisk.cluster.artifacts.transfer import AsyncArtifactClient
from zisk.cluster.coordinator.server import serving
from zisk.cluster.coordinator.settings import Endpoints, Rules
from zisk.cluster.coordinator.shell import CoordinatorShell
from zisk.cluster.protocol.generated import coordinator_pb2 as api
from zisk.cluster.protocol.generated import distributed_pb2 as admin
from zisk.cluster.protocol.generated.coordinator_pb2_grpc import ZiskCoordinatorApiStub
from zisk.cluster.protocol.generated.distributed_pb2_grpc import ZiskDistributedApiStub
from zisk.cluster.protocol.limits import CHANNEL_OPTIONS
from zisk.cluster.scheduling.limits import Limits
from zisk.cluster.worker.settings import WorkerOptions
from zisk.cluster.worker.shell import WorkerShell

ELF = b"a guest program"


@dataclass
class RunningCluster:
    """What a test talks to."""

    shell: CoordinatorShell
    endpoints: Endpoints
    client: ZiskCoordinatorApiStub
    admin: ZiskDistributedApiStub
    artifacts: AsyncArtifactClient
    inputs: Path
    workers: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)

    @property
    def worker_url(self) -> str:
        return f"http://127.0.0.1:{self.endpoints.cluster_port}"

    async def start_worker(
        self, name: str, capacity: int = 4, *, elf: bytes | None = ELF, engine: FakeEngine | None = None
    ) -> None:
        """Start a worker and wait until it is registered."""
        options = WorkerOptions(
            name, capacity, self.worker_url, self.inputs, reconnect_seconds=0.05, heartbeat_timeout=6.0
        )
        self.workers[name] = asyncio.create_task(WorkerShell(options, engine or FakeEngine(), elf).run())
        await self.until(lambda: name in self.shell.machine.state.workers)

    async def stop_worker(self, name: str) -> None:
        """End a worker as a signal would."""
        task = self.workers.pop(name)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def until(self, condition) -> None:
        """Wait until a condition on the coordinator holds."""
        async with asyncio.timeout(10):
            while not condition():
                await self.shell.change(0.02)

    async def upload(self, elf: bytes = ELF) -> str:
        """Register a program; its hash_id."""
        field = (await self.artifacts.send(elf)).to_field()
        return (
            await self.client.RegisterGuestProgram(api.RegisterGuestProgramRequest(zisk_elf=field))
        ).hash_id

    async def prove(self, data: bytes, *, hash_id: str | None = None, **fields) -> str:
        """Ask for a proof; the id of the job."""
        chunk = api.InputChunk(data=(await self.artifacts.send(data)).to_field())
        request = api.ProveRequest(
            hash_id=hash_id or await self.upload(), input=api.InputKind(inline=chunk), **fields
        )
        return await self.submit(api.JobKind(prove=request))

    async def submit(self, kind: api.JobKind) -> str:
        return (await self.client.JobRequest(api.JobRequestMessage(job_kind=kind))).job_id

    async def wait(self, job_id: str) -> api.WaitJobResultResponse:
        return await self.client.WaitJobResult(api.WaitJobResultRequest(job_id=job_id, timeout_seconds=20))

    async def launch(self, **fields) -> str:
        """Launch a proof the older way; the id of the job."""
        response: admin.LaunchProofResponse = await self.admin.LaunchProof(admin.LaunchProofRequest(**fields))
        return response.job_id


@contextlib.asynccontextmanager
async def running_cluster(
    folder: Path,
    workers: str = "",
    *,
    limits: Limits | None = None,
    save: bool = True,
    rules: Mapping[str, Any] | None = None,
) -> AsyncIterator[RunningCluster]:
    """A cluster below `folder`, with one worker of capacity 4 for each letter of `workers`.

    It saves proofs unless `save` is false; `rules` are what is to be other than by default.
    """
    inputs = folder / "inputs"
    inputs.mkdir()
    places = {"proofs_dir": folder / "proofs", "no_save_proofs": not save, "inputs_folder": inputs}
    told = Rules(**places | dict(rules or {}))
    store = ArtifactStore(folder / "artifacts", told.max_artifact_bytes, told.min_free_bytes)
    shell = CoordinatorShell(limits or Limits(), told, FakeEngine(), store)
    wanted = Endpoints(api_port=0, cluster_port=0, metrics_port=0)
    async with serving(shell, wanted) as endpoints, contextlib.AsyncExitStack() as stack:
        api_channel = await stack.enter_async_context(
            grpc.aio.insecure_channel(f"127.0.0.1:{endpoints.api_port}", options=CHANNEL_OPTIONS)
        )
        admin_channel = await stack.enter_async_context(
            grpc.aio.insecure_channel(f"127.0.0.1:{endpoints.cluster_port}", options=CHANNEL_OPTIONS)
        )
        cluster = RunningCluster(
            shell,
            endpoints,
            ZiskCoordinatorApiStub(api_channel),
            ZiskDistributedApiStub(admin_channel),
            AsyncArtifactClient(api_channel),
            inputs,
        )
        try:
            for name in workers:
                await cluster.start_worker(name)
            yield cluster
        finally:
            for name in list(cluster.workers):
                await cluster.stop_worker(name)
            await shell.stop(0.0)


Story = Callable[[RunningCluster], Awaitable[None]]


def play(
    folder: Path,
    workers: str,
    story: Story,
    *,
    limits: Limits | None = None,
    save: bool = True,
    rules: Mapping[str, Any] | None = None,
) -> None:
    """Run a story on a fresh cluster and check the state machine at its end."""

    async def run() -> None:
        about = {"limits": limits, "save": save, "rules": rules}
        async with asyncio.timeout(30), running_cluster(folder, workers, **about) as cluster:
            await story(cluster)
            cluster.shell.machine.validate()

    asyncio.run(run())
