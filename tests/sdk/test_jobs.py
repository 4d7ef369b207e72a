"""Handles on the jobs of a cluster, waited for or awaited, with a prover that pretends."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.background import background_cluster
from tests.cluster.fake_engine import proof_of
from tests.sdk.test_remote import ELF, derived_key, verify
from zisk import AsyncProverClient, ProverClient, UnknownProgramError
from zisk.cluster.errors import CoordinatorUnreachableError, JobFailedError
from zisk.errors import ErrorKind
from zisk.sdk import GuestProgram, JobDescription, JobState
from zisk.vm.errors import GuestFault


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr("zisk.sdk.remote.derived_key", derived_key)
    monkeypatch.setattr("zisk.sdk.remote_job.verify", verify)
    with background_cluster(tmp_path, "ab") as cluster:
        yield f"http://127.0.0.1:{cluster.endpoints.api_port}"


@pytest.fixture
def client(url: str) -> Iterator[ProverClient]:
    with ProverClient.remote(url) as client:
        yield client


def test_a_job_goes_on_while_nobody_waits_for_it(client: ProverClient) -> None:
    job = client.submit(client.upload(ELF), b"input")
    told = list(job.events())
    assert [event.state for event in told[:2]] == [JobState.QUEUED, JobState.RUNNING]
    phases = dict.fromkeys(event.phase for event in told if event.phase)
    assert list(phases) == ["prove", "aggregate"]
    assert told[-1].state is JobState.COMPLETED
    assert [event.at for event in told] == sorted(event.at for event in told)
    assert job.describe() == JobDescription(job.job_id, JobState.COMPLETED)
    for _ in range(2):
        assert job.result(0).data == proof_of(ELF, b"input")
    assert not job.cancel()


def test_a_job_outlives_the_waiting_and_ends_when_it_is_cancelled(client: ProverClient) -> None:
    job = client.submit(client.upload(ELF), b"slow")
    with pytest.raises(TimeoutError, match=f"job {job.job_id} is not over after 0.1 s; it goes on"):
        job.result(0.1)
    standing = job.describe()
    assert (standing.state, standing.phase) == (JobState.RUNNING, "contributions")
    events = job.events()
    assert next(events).state is JobState.QUEUED
    events.close()
    assert job.cancel()
    with pytest.raises(JobFailedError, match="was cancelled by a client") as caught:
        job.result()
    assert caught.value.kind is ErrorKind.CANCELLED
    assert job.describe().state is JobState.CANCELLED


def test_why_a_job_failed_is_described(client: ProverClient) -> None:
    job = client.submit(client.upload(ELF), b"fault")
    with pytest.raises(GuestFault, match="unimp"):
        job.result()
    standing = job.describe()
    assert standing.state is JobState.FAILED
    assert "guest fault: unimp" in standing.failure


def test_nothing_is_sent_for_a_program_that_was_not_uploaded() -> None:
    with (
        ProverClient.remote("http://127.0.0.1:1") as client,
        pytest.raises(UnknownProgramError, match="has not uploaded program"),
    ):
        client.submit(GuestProgram("00" * 32))


def test_jobs_are_awaited_together(url: str) -> None:
    async def main() -> None:
        async with AsyncProverClient.remote(url) as client:
            program = await client.upload(ELF)
            jobs = [await client.submit(program, data) for data in (b"one", b"two", b"three")]
            proofs = await asyncio.gather(*(job.result() for job in jobs))
            assert [proof.data for proof in proofs] == [
                proof_of(ELF, data) for data in (b"one", b"two", b"three")
            ]
            assert (await jobs[0].describe()).state is JobState.COMPLETED
            states = [event.state async for event in jobs[0].events()]
            assert (states[0], states[-1]) == (JobState.QUEUED, JobState.COMPLETED)
            assert not await jobs[0].cancel()

    asyncio.run(main())


def test_awaiting_a_result_may_end_without_its_job_and_awaiting_a_proof_not(url: str) -> None:
    async def main() -> None:
        async with AsyncProverClient.remote(url) as client:
            program = await client.upload(ELF)
            job = await client.submit(program, b"slow")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await job.result()
            assert (await job.describe()).state is JobState.RUNNING
            watching = asyncio.create_task(anext(_later_events(job)))
            await asyncio.sleep(0.1)
            watching.cancel()
            assert await job.cancel()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await client.prove(program, b"slow")
            # The workers are free again, long before a slow job would be done.
            async with asyncio.timeout(5):
                assert (await client.prove(program, b"quick")).data == proof_of(ELF, b"quick")

    asyncio.run(main())


async def _later_events(job):
    """Events after the first three, of which a slow job has no more for a while."""
    count = 0
    async for event in job.events():
        count += 1
        if count > 3:
            yield event


def test_nobody_there_is_told_to_who_awaits() -> None:
    async def main() -> None:
        async with AsyncProverClient.remote("http://127.0.0.1:1") as client:
            with pytest.raises(CoordinatorUnreachableError):
                await client.upload(ELF)

    asyncio.run(main())
