"""A worker that is told to end hands in its task first, within its time, and others go on."""

import asyncio
from pathlib import Path

from tests.cluster.fake_engine import FakeEngine, proof_of
from tests.cluster.running import ELF, RunningCluster, play
from zisk.cluster.worker.settings import WorkerOptions
from zisk.cluster.worker.shell import WorkerShell


async def joined(cluster: RunningCluster, name: str) -> tuple[WorkerShell, "asyncio.Task[None]"]:
    """A worker that is registered, and its run."""
    options = WorkerOptions(name, 4, cluster.worker_url, cluster.inputs, reconnect_seconds=0.05)
    shell = WorkerShell(options, FakeEngine(), ELF)
    running = asyncio.create_task(shell.run())
    await cluster.until(lambda: name in cluster.shell.machine.state.workers)
    return shell, running


def test_an_idle_worker_leaves_at_once_and_is_not_connected_again(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        shell, running = await joined(cluster, "z")
        async with asyncio.timeout(2):
            assert await shell.leave(20)
            await running
        await cluster.until(lambda: not cluster.shell.machine.state.workers)

    play(tmp_path, "", story)


def test_a_worker_hands_its_task_in_and_another_proves_its_share(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        shell, running = await joined(cluster, "z")
        state = cluster.shell.machine.state
        job_id = await cluster.prove(b"input slow")
        await cluster.until(lambda: state.workers["z"].lease is not None)
        await cluster.start_worker("a", engine=FakeEngine(hasty=True))
        assert await shell.leave(20)
        await running
        share = state.jobs[job_id].shares[0]
        assert share.contribution is not None
        assert share.lost == {}
        response = await cluster.wait(job_id)
        assert response.result.prove.proof.data == proof_of(ELF, b"input slow")
        told = [(entry.worker_id, entry.text) for entry in state.journal.after(0)]
        assert ("z", "gone: it was told to end") in told

    play(tmp_path, "", story)


def test_a_task_that_takes_longer_is_lost_and_not_held_against_it(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        shell, running = await joined(cluster, "z")
        state = cluster.shell.machine.state
        job_id = await cluster.prove(b"slow")
        await cluster.until(lambda: state.workers["z"].lease is not None)
        assert not await shell.leave(0.2)
        running.cancel()
        await asyncio.wait({running})
        await cluster.until(lambda: not state.workers)
        assert state.jobs[job_id].shares[0].lost == {}
        await cluster.start_worker("a", engine=FakeEngine(hasty=True))
        response = await cluster.wait(job_id)
        assert response.result.prove.proof.data == proof_of(ELF, b"slow")

    play(tmp_path, "", story)


def test_a_worker_that_reaches_no_coordinator_leaves_at_once(tmp_path: Path):
    async def story() -> None:
        shell = WorkerShell(WorkerOptions("z", 4, "http://127.0.0.1:1", tmp_path), FakeEngine())
        running = asyncio.create_task(shell.run())
        await asyncio.sleep(0.1)
        async with asyncio.timeout(2):
            assert await shell.leave(20)
        running.cancel()
        await asyncio.wait({running})

    asyncio.run(story())
