"""Operators' client and service over real connections: jobs, shares, workers and events of a fake prover."""

import asyncio
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from tests.cluster.background import background_cluster
from tests.cluster.fake_engine import proof_of
from tests.cluster.running import ELF, RunningCluster, play
from zisk.cluster.cluster_client import ClusterClient
from zisk.cluster.errors import CoordinatorUnreachableError, SubmissionRefusedError
from zisk.cluster.protocol.payload import Inline
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.jobs import Job, JobState
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.scheduling.state import WorkerState
from zisk.cluster.tasks import Demand, JobKind, JobRequest
from zisk.errors import ErrorKind, ZiskError


def urls(cluster: RunningCluster) -> tuple[str, str]:
    ports = (cluster.endpoints.api_port, cluster.endpoints.cluster_port)
    first, second = (f"http://127.0.0.1:{port}" for port in ports)
    return first, second


def asked(cluster: RunningCluster, question, port: int = 0):
    """What a question to a client of one of the ports comes to, asked from another thread."""

    def ask():
        with ClusterClient(urls(cluster)[port]) as client:
            return question(client)

    return asyncio.to_thread(ask)


@pytest.mark.parametrize("port", [0, 1])
def test_either_port_tells_how_the_cluster_is(tmp_path: Path, port: int):
    async def story(cluster: RunningCluster) -> None:
        await cluster.wait(await cluster.prove(b"input"))
        status = await asked(cluster, ClusterClient.status, port)
        assert (status.health, list(status.reasons)) == ("ok", [])
        assert (status.capacity, status.idle_capacity, status.workers.idle) == (8, 8, 2)
        assert (status.jobs.completed, status.jobs.queued) == (1, 0)

    play(tmp_path, "ab", story)


def test_a_running_job_shows_its_shares_and_a_completed_one_its_proof(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        job_id = await cluster.prove(b"slow")
        at_work = lambda client: client.job(job_id[:8])  # noqa: E731 - a question, not a function
        job = await asked(cluster, at_work)
        assert (job.job_id, job.state, job.kind, job.form) == (job_id, "Running", "prove", "final")
        shares = [(each.first_unit, each.end_unit, each.worker, each.state) for each in job.shares]
        assert shares == [(0, 5, "a", "at work"), (5, 10, "b", "at work")]
        again = await asked(cluster, lambda client: client.job(job_id, seen=job.revision, wait_seconds=20))
        assert again.revision != job.revision
        with pytest.raises(SubmissionRefusedError, match=r"is running, in phase .*; wait for it"):
            await asked(cluster, lambda client: client.proof(job_id))
        assert (await asked(cluster, lambda client: client.cancel(job_id))).cancelled
        assert not (await asked(cluster, lambda client: client.cancel(job_id))).cancelled
        with pytest.raises(SubmissionRefusedError) as caught:
            await asked(cluster, lambda client: client.proof(job_id))
        assert caught.value.kind is ErrorKind.CANCELLED

    play(tmp_path, "ab", story)


def test_a_worker_that_is_gone_is_among_what_was_tried(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        job_id = await cluster.prove(b"slow")
        await cluster.stop_worker("a")
        await cluster.until(lambda: "a" not in cluster.shell.machine.state.workers)
        share = (await asked(cluster, lambda client: client.job(job_id))).shares[0]
        (attempt,) = share.attempts
        assert (share.worker, share.state) == ("", "nobody")
        assert (attempt.worker, attempt.end, attempt.reason.phase) == ("a", "lost", "Contributions")
        assert attempt.reason.message == "its connection ended"

    play(tmp_path, "ab", story)


def test_the_proof_of_a_completed_job_is_fetched_large_or_small(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        for data in (b"input", b"large"):
            job_id = await cluster.prove(data)
            await cluster.wait(job_id)
            assert await asked(cluster, lambda client, job=job_id: client.proof(job)) == (
                job_id,
                proof_of(ELF, data),
            )

    play(tmp_path, "a", story)


def test_a_failed_job_says_why_and_has_no_proof(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        job_id = await cluster.prove(b"fault")
        await cluster.wait(job_id)
        job = await asked(cluster, lambda client: client.job(job_id))
        assert (job.state, job.failure.kind, job.failure.phase) == ("Failed", "guest_fault", "Contributions")
        with pytest.raises(ZiskError, match="failed, so it has no proof: worker a: guest fault") as caught:
            await asked(cluster, lambda client: client.proof(job_id))
        assert caught.value.kind is ErrorKind.GUEST_FAULT

    play(tmp_path, "a", story)


def test_ids_are_taken_by_how_they_begin_where_that_is_one(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        assert (await asked(cluster, lambda client: client.drain("w1", undo=False))).worker_id == "w1"
        with pytest.raises(SubmissionRefusedError, match="begins the ids of 2 workers, w1, w20: give"):
            await asked(cluster, lambda client: client.drain("w", undo=False))
        assert (await asked(cluster, lambda client: client.drain("w2", undo=False))).state == "Draining"
        with pytest.raises(SubmissionRefusedError, match="there is no worker 'x': it is not connected"):
            await asked(cluster, lambda client: client.drain("x", undo=False))
        with pytest.raises(SubmissionRefusedError, match="there is no job '': it was never submitted"):
            await asked(cluster, lambda client: client.job(""))

    async def with_workers(cluster: RunningCluster) -> None:
        for name in ("w1", "w20"):
            await cluster.start_worker(name)
        await story(cluster)

    play(tmp_path, "", with_workers)


def test_a_waiting_job_is_explained_and_starts_when_a_worker_is_taken_back(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        await asked(cluster, lambda client: client.drain("a", undo=False))
        job_id = await cluster.prove(b"input")
        explained = await asked(cluster, lambda client: client.explanation(job_id))
        assert [reason.subject for reason in explained.reasons] == ["job", "workers"]
        assert explained.reasons[1].text.startswith("all are drained; start another")
        assert not explained.reasons[1].HasField("since")
        assert (await asked(cluster, lambda client: client.job(job_id))).position == 1
        await asked(cluster, lambda client: client.drain("a", undo=True))
        assert (await cluster.wait(job_id)).job_status.HasField("completed")

    play(tmp_path, "a", story)


@pytest.mark.parametrize("phase", [Phase.CONTRIBUTIONS, Phase.PROVE])
def test_a_worker_drained_in_the_middle_of_a_job_changes_no_byte_of_the_proof(tmp_path: Path, phase: Phase):
    async def story(cluster: RunningCluster) -> None:
        state = cluster.shell.machine.state
        job_id = await cluster.prove(b"input")
        job = state.jobs[job_id]
        await cluster.until(lambda: job.phase is not None and (phase is Phase.CONTRIBUTIONS or job.challenge))
        cluster.shell.tell(on.DrainRequested("a"))  # at once: the job takes no longer than a call
        response = await cluster.wait(job_id)
        assert response.result.prove.proof.data == proof_of(ELF, b"input")
        assert state.workers["a"].state is WorkerState.DRAINING

    play(tmp_path, "ab", story)


def test_many_jobs_are_listed_without_holding_up_the_event_loop(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        known, count, now = cluster.shell.machine.state.jobs, 10_000, cluster.shell.now()
        request = JobRequest(JobKind.EXECUTE, "0" * 64, Inline(b""), Demand(1, None), 20, 128)
        for number in range(count):
            known[f"j{number}"] = Job(f"j{number}", request, now, JobState.CANCELLED, ended=now)
        listing = asyncio.create_task(asked(cluster, lambda client: client.jobs(active_only=False)))
        longest, before = 0.0, time.monotonic()
        while not listing.done():
            await asyncio.sleep(0.001)
            longest, before = max(longest, time.monotonic() - before), time.monotonic()
        assert [job.job_id for job in listing.result().jobs] == [f"j{number}" for number in range(count)]
        assert longest < 1.0

    play(tmp_path, "", story)


def test_workers_say_what_they_are_at(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        job_id = await cluster.prove(b"slow")
        await cluster.until(lambda: cluster.shell.machine.state.workers["a"].activity != "")
        (worker,) = (await asked(cluster, ClusterClient.workers)).workers
        assert (worker.worker_id, worker.state, worker.job_id) == ("a", "Computing", job_id)
        assert (worker.task, worker.activity[:4]) == ("units 0 to 9", "work")
        drained = await asked(cluster, lambda client: client.drain("a", undo=False))
        assert (drained.state, drained.task) == ("Draining", "units 0 to 9")
        assert cluster.shell.machine.state.workers["a"].state is WorkerState.COMPUTING

    play(tmp_path, "a", story)


def test_events_are_told_once_and_go_on(tmp_path: Path):
    with background_cluster(tmp_path, "a") as cluster, ClusterClient(urls(cluster)[0]) as client:
        told = list(client.events(after=None, follow=False))
        assert [(each.worker_id, each.text) for each in told] == [("a", "connected with 4 units")]
        following = client.events(after=told[-1], follow=True)
        client.drain("a", undo=False)
        assert next(following).text == "drains"
        client.drain("a", undo=True)
        last = next(following)
        assert last.text == "is given tasks again"
        assert list(client.events(after=last, follow=False)) == []
        last.run = "another run"
        assert len(list(client.events(after=last, follow=False))) == 3
        following.close()


def test_a_port_where_something_else_listens_is_named(tmp_path: Path):
    with background_cluster(tmp_path) as cluster:
        url = f"http://127.0.0.1:{cluster.endpoints.metrics_port}"
        with ClusterClient(url) as client, pytest.raises(CoordinatorUnreachableError) as caught:
            client.status()
        assert str(caught.value) == (
            f"what listens at {url} is no gRPC port of a coordinator; give that of its client API "
            "(7000 unless it is set) or of its workers (50051)"
        )


def test_a_server_that_is_no_coordinator_is_named():
    server = grpc.server(ThreadPoolExecutor(1))
    url = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        with (
            ClusterClient(url) as client,
            pytest.raises(CoordinatorUnreachableError, match="does not know zisk"),
        ):
            client.status()
    finally:
        server.stop(None).wait()


def test_nobody_at_all_is_named():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with ClusterClient(url) as client, pytest.raises(CoordinatorUnreachableError) as caught:
            client.status()
    assert str(caught.value).startswith(f"no coordinator answers at {url} (")
