"""A job of this process: one call of the prover, in a thread beside whoever waits for it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from zisk.cluster.errors import JobFailedError
from zisk.errors import ErrorKind
from zisk.progress import Advance, Progress
from zisk.progress_meter import Interrupted, ProgressMeter
from zisk.sdk.deadline import Deadline
from zisk.sdk.jobs import JobDescription, JobEvent, JobEvents, JobState, ProofJob
from zisk.sdk.results import Proof

__all__ = ["EmbeddedJob"]

_GLANCE_SECONDS = 0.5
"""How often whoever waits looks whether another thread has ended the waiting."""


class EmbeddedJob(ProofJob):
    """A call of `prove`, which is told where to report; `job_id` is a name within this process.

    `told` are the events so far; `news` guards them, and is notified of each.
    """

    def __init__(self, job_id: str, prove: Callable[[Progress], Proof]) -> None:
        self.job_id = job_id
        self.news = threading.Condition()
        self.told = [JobEvent(time.time(), JobState.QUEUED)]
        self._prove = prove
        self._meter = ProgressMeter()
        self._proof: Proof | None = None
        self._error: Exception | None = None

    @property
    def state(self) -> JobState:
        """Where the job stands."""
        return self.told[-1].state

    def run(self) -> None:
        """Make the call, unless the job is cancelled already."""
        try:
            self._meter.check()
            self._tell(JobState.RUNNING)
            self._proof = self._prove(self)
            self._meter.check()
        except Interrupted:
            self._error = JobFailedError(ErrorKind.CANCELLED, f"job {self.job_id} was cancelled")
            self._tell(JobState.CANCELLED)
        except Exception as error:
            self._error = error
            self._tell(JobState.FAILED)
        else:
            self._tell(JobState.COMPLETED)

    def collect(self, deadline: Deadline) -> Proof:
        """Wait for the call to end, and hand out or raise what came of it."""
        with self.news:
            while not self.state.over:
                deadline.check(f"job {self.job_id} is not over")
                self.news.wait(deadline.at_most(_GLANCE_SECONDS))
        if self._error is not None:
            raise self._error
        assert self._proof is not None
        return self._proof

    def cancel(self) -> bool:
        """Let the prover's next report end the call."""
        was_over = self.state.over
        self._meter.stop()
        return not was_over

    def describe(self) -> JobDescription:
        """Say what the prover is at."""
        return JobDescription(self.job_id, self.state, self._meter.activity, str(self._error or ""))

    def events(self) -> JobEvents:
        """Tell what is kept, and what comes."""
        return _Events(self)

    @contextmanager
    def phase(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """Take the prover's reports; a phase that is inside no other is news."""
        if not self._meter.activity:
            self._tell(JobState.RUNNING, name)
        with self._meter.phase(name, total) as advance:
            yield advance

    def _tell(self, state: JobState, phase: str = "") -> None:
        with self.news:
            self.told.append(JobEvent(time.time(), state, phase))
            self.news.notify_all()


class _Events(JobEvents):
    """The events of one job, for one reader."""

    def __init__(self, job: EmbeddedJob) -> None:
        self._job = job
        self._read = 0
        self._closed = False

    def __next__(self) -> JobEvent:
        job = self._job
        with job.news:
            job.news.wait_for(lambda: self._closed or job.state.over or self._read < len(job.told))
            if self._closed or self._read == len(job.told):
                raise StopIteration
            self._read += 1
            return job.told[self._read - 1]

    def close(self) -> None:
        """Stop."""
        with self._job.news:
            self._closed = True
            self._job.news.notify_all()
