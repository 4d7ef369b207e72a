"""Jobs of this process, with a prover that does what the test says."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from zisk.cluster.errors import JobFailedError
from zisk.errors import ErrorKind
from zisk.progress import Progress
from zisk.sdk import JobDescription, JobState, Proof
from zisk.sdk.deadline import Deadline
from zisk.sdk.embedded_job import EmbeddedJob
from zisk.vm.errors import GuestFault

PROOF: Proof = object()  # pyright: ignore[reportAssignmentType] - it is handed on as it is


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


class Prover:
    """Reports a phase of two steps, and waits between them until it is let go on."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, progress: Progress) -> Proof:
        with progress.phase("prove", total=2) as advance, progress.phase("inside"):
            advance()
            self.begun.set()
            assert self.go_on.wait(10)
            advance()
        return PROOF


def started(executor: ThreadPoolExecutor, prove: Callable[[Progress], Proof]) -> EmbeddedJob:
    job = EmbeddedJob("job", prove)
    executor.submit(job.run)
    return job


def states(job: EmbeddedJob) -> list[tuple[JobState, str]]:
    return [(event.state, event.phase) for event in job.events()]


def test_a_job_is_described_while_it_runs_and_tells_what_happened(executor: ThreadPoolExecutor) -> None:
    prover = Prover()
    job = started(executor, prover)
    assert prover.begun.wait(10)
    assert job.describe() == JobDescription("job", JobState.RUNNING, "prove 1/2, inside")
    with pytest.raises(TimeoutError, match=r"job job is not over after 0\.01 s; it goes on: ask again"):
        job.result(0.01)
    prover.go_on.set()
    assert job.result() is PROOF
    assert job.result(0) is PROOF
    assert job.describe() == JobDescription("job", JobState.COMPLETED)
    assert not job.cancel()
    assert states(job) == [
        (JobState.QUEUED, ""),
        (JobState.RUNNING, ""),
        (JobState.RUNNING, "prove"),
        (JobState.COMPLETED, ""),
    ]


def test_a_cancelled_job_ends_at_the_next_report(executor: ThreadPoolExecutor) -> None:
    prover = Prover()
    job = started(executor, prover)
    assert prover.begun.wait(10)
    assert job.cancel()
    prover.go_on.set()
    with pytest.raises(JobFailedError, match="job job was cancelled") as caught:
        job.result()
    assert caught.value.kind is ErrorKind.CANCELLED
    assert job.describe() == JobDescription("job", JobState.CANCELLED, "", "job job was cancelled")


def test_a_job_that_is_cancelled_in_the_queue_never_runs(executor: ThreadPoolExecutor) -> None:
    prover, second = Prover(), Prover()
    job = started(executor, prover)
    queued = started(executor, second)
    assert queued.describe() == JobDescription("job", JobState.QUEUED)
    assert queued.cancel()
    prover.go_on.set()
    with pytest.raises(JobFailedError, match="was cancelled"):
        queued.result()
    assert job.result() is PROOF
    assert not second.begun.is_set()
    assert states(queued) == [(JobState.QUEUED, ""), (JobState.CANCELLED, "")]


def test_what_the_prover_raises_is_raised_to_whoever_asks(executor: ThreadPoolExecutor) -> None:
    def fault(_: Progress) -> Proof:
        raise GuestFault.told("guest fault: unimp")

    job = started(executor, fault)
    for _ in range(2):
        with pytest.raises(GuestFault, match="unimp"):
            job.result()
    assert job.describe() == JobDescription("job", JobState.FAILED, "", "guest fault: unimp")


def test_who_waits_can_be_told_to_stop_from_another_thread(executor: ThreadPoolExecutor) -> None:
    prover, deadline = Prover(), Deadline()
    job = started(executor, prover)
    events = job.events()
    with ThreadPoolExecutor(2) as waiters:
        result = waiters.submit(job.collect, deadline)
        told = waiters.submit(list, events)
        assert prover.begun.wait(10)
        deadline.end()
        events.close()
        assert isinstance(result.exception(10), TimeoutError)
        assert len(told.result(10)) <= 3
    prover.go_on.set()
    assert job.result() is PROOF
