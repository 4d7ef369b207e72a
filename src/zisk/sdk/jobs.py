"""A proof that was asked for, and what can be done about it while it is being made."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, Self

from zisk.cluster.errors import ClusterError
from zisk.proof_format.forms import ProofForm
from zisk.sdk.deadline import Deadline
from zisk.sdk.results import ExecutionReport, GuestProgram, Proof

__all__ = [
    "Cancellable",
    "JobDescription",
    "JobEvent",
    "JobEvents",
    "JobState",
    "ProofJob",
    "ProofOptions",
    "Prover",
    "cancelled_with",
]


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing more happens to the job."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class JobDescription:
    """Where a job stands, what it is at, and why it failed; a text is empty where there is nothing to say.

    `phase` is one of the cluster's (contributions, prove, aggregate), or what the prover of this process is
    at.
    """

    job_id: str
    state: JobState
    phase: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class JobEvent:
    """A job came into a state, or into another phase while it runs; `at` is in seconds since 1970."""

    at: float
    state: JobState
    phase: str = ""


class JobEvents(Iterator[JobEvent], Protocol):
    """What has happened to a job and what will, up to its end; `next` waits for it."""

    def __iter__(self) -> Self:
        return self

    def close(self) -> None:
        """Stop, from any thread: whoever waits for the next event is told that there is none."""
        ...


class Cancellable(Protocol):
    """What can be cancelled by its name."""

    job_id: str

    def cancel(self) -> bool:
        """End it; False where it was over already."""
        ...


class ProofJob(Cancellable, Protocol):
    """A proof that was asked for. It goes on whether or not anybody waits for it.

    Every method may be called from any thread, and as often as one likes.
    """

    def result(self, timeout: float | None = None) -> Proof:
        """The proof, verified, once it is there; it is waited for at most `timeout` seconds.

        Raises:
            TimeoutError: the job is not over; it goes on.
            VerificationError: the proof does not hold, or is not what was asked for.
            JobFailedError: the job failed, or was cancelled; GuestError where that is the guest's fault.
        """
        return self.collect(Deadline(timeout))

    def collect(self, deadline: Deadline) -> Proof:
        """What `result` is, up to a deadline that another thread may end."""
        ...

    def describe(self) -> JobDescription:
        """Where the job stands now."""
        ...

    def events(self) -> JobEvents:
        """What has happened to the job from its start, and what will up to its end."""
        ...


@dataclass(frozen=True, slots=True)
class ProofOptions:
    """How a run is to be proved, and what its proof is to be verified under; see `ProverClient.submit`."""

    log_size: int
    security: int
    form: ProofForm | None
    compute_capacity: int | None
    key: bytes | None
    digest: bytes | str | None


class Prover(Protocol):
    """What a `ProverClient` has its work done by: this process, or a cluster."""

    def upload(self, elf: bytes) -> GuestProgram:
        """See `ProverClient.upload`."""
        ...

    def setup(
        self, program: GuestProgram, *, log_size: int, security: int, digest: bytes | str | None
    ) -> bytes:
        """See `ProverClient.setup`."""
        ...

    def execute(self, program: GuestProgram, data: bytes) -> ExecutionReport:
        """See `ProverClient.execute`."""
        ...

    def submit(
        self, program: GuestProgram, data: bytes, options: ProofOptions, deadline: Deadline
    ) -> ProofJob:
        """See `ProverClient.submit`; the job is to be taken by the deadline."""
        ...

    def close(self) -> None:
        """Let go of connections and memory; jobs of this process are cancelled."""
        ...


@contextmanager
def cancelled_with(job: Cancellable, deadline: Deadline) -> Iterator[None]:
    """Cancel a job when whoever waits for it is interrupted, or runs out of time.

    Raises:
        JobFailedError: the deadline passed.
    """
    try:
        yield
    except ClusterError:
        raise  # it is over, or nobody is there who could cancel it
    except BaseException as error:
        job.cancel()
        if not isinstance(error, TimeoutError):
            raise
        raise deadline.failure(f"job {job.job_id} was cancelled") from None
