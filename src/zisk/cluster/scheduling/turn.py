"""One event being taken in: the state, the time, the commands so far, and the moves that all rules make."""

from dataclasses import dataclass, field

from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling.jobs import Failure, Happening, Job, JobEvent, JobState
from zisk.cluster.scheduling.limits import Limits
from zisk.cluster.scheduling.state import CoordinatorState, WorkerState
from zisk.cluster.tasks import Task
from zisk.errors import ErrorKind

__all__ = ["Turn"]


@dataclass(slots=True)
class Turn:
    """What an event meets; `out` collects the commands that it leads to, in order."""

    state: CoordinatorState
    limits: Limits
    now: float
    out: list[do.Command] = field(default_factory=list)

    def running(self, job_id: str) -> Job | None:
        """The job of that id, if it is running."""
        job = self.state.jobs.get(job_id)
        return job if job is not None and job.state is JobState.RUNNING else None

    def note(self, job: Job, happening: Happening) -> None:
        """Add to the list of what has happened to a job."""
        job.events.append(JobEvent(happening, self.now, job.phase))

    def free(self, job: Job, worker_id: str) -> None:
        """Let a worker go that has done its part of a job."""
        member = job.member(worker_id)
        assert member is not None
        member.busy = False
        worker = self.state.workers[worker_id]
        worker.job_id = None
        worker.state = WorkerState.IDLE

    def send(self, job: Job, worker_id: str, task: Task) -> None:
        """Give a worker a task of a job that it has a part in."""
        self.out.append(do.SendTask(worker_id, self.state.workers[worker_id].connection, job.job_id, task))

    def fail(self, job: Job, kind: ErrorKind, message: str) -> None:
        """Bring a job to a bad end."""
        self.end(job, JobState.FAILED, message, Failure(kind, message, job.phase))

    def end(self, job: Job, state: JobState, reason: str, failure: Failure | None = None) -> None:
        """Bring a job to its end; workers that are still at it are told, and are free when they say so."""
        if job.state.terminal:
            return
        if job.state is JobState.QUEUED:
            self.state.queue.remove(job.job_id)
        for member in job.members:
            worker = self.state.workers.get(member.worker_id)
            if worker is not None and worker.job_id == job.job_id:
                worker.job_id = None
                worker.state = WorkerState.RECOVERING
                self.out.append(do.CancelTask(worker.worker_id, worker.connection, job.job_id, reason))
            member.busy = False
            member.contribution = member.proofs = None
        job.unmerged.clear()
        job.state = state
        job.failure = failure
        job.ended = self.now
        self.note(job, Happening[state.name])
        self.out.append(
            do.Forget(job.job_id, (job.proof,) if job.proof and state is JobState.COMPLETED else ())
        )
