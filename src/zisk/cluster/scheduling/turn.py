"""One event being taken in: the state, the time, the commands so far, and the moves that all rules make."""

from dataclasses import dataclass, field

from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling.jobs import Failure, Happening, Job, JobEvent, JobState, Share
from zisk.cluster.scheduling.limits import Limits
from zisk.cluster.scheduling.state import CoordinatorState, Lease, Worker, WorkerState
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
        text = f"phase {job.phase}" if happening is Happening.PROGRESS else str(happening)
        self.write(f"{text}: {job.failure.message}" if job.failure is not None else text, job_id=job.job_id)

    def write(self, text: str, *, job_id: str = "", worker_id: str = "") -> None:
        """Add to the journal."""
        self.state.journal.write(self.now, text, job_id, worker_id)

    def tell(self, job: Job, message: str) -> None:
        """Have the log say what becomes of a job's work."""
        self.out.append(do.LogOfJob(job.job_id, message))
        self.write(message, job_id=job.job_id)

    def give(self, job: Job, share: Share, worker: Worker) -> None:
        """Let a worker have a share of a job."""
        share.worker, share.ready, share.since = worker.worker_id, False, self.now
        self.hold(job, worker)

    def hold(self, job: Job, worker: Worker) -> None:
        """Let a job hold a worker."""
        worker.job_id, worker.state = job.job_id, WorkerState.COMPUTING

    def lease(self, job: Job, worker: Worker, share: int | None, task: Task) -> None:
        """Give a worker that a job holds a task, of a share or of the aggregation."""
        self.state.leases += 1
        worker.lease = Lease(self.state.leases, job.job_id, share, self.now)
        worker.done = worker.total = 0
        worker.activity = ""
        self.out.append(do.SendTask(worker.worker_id, worker.connection, job.job_id, self.state.leases, task))

    def release(self, job: Job) -> None:
        """Let go of the workers that nothing more is asked of at present."""
        for worker in self.state.crew(job):
            name = worker.worker_id
            if worker.lease is None and job.aggregator != name and not job.held_by(name):
                worker.job_id, worker.state = None, self.state.at_rest(worker)

    def fail(self, job: Job, kind: ErrorKind, message: str) -> None:
        """Bring a job to a bad end."""
        self.end(job, JobState.FAILED, message, Failure(kind, message, job.phase))

    def end(self, job: Job, state: JobState, reason: str, failure: Failure | None = None) -> None:
        """Bring a job to its end; workers that are still at it are told, and are free when they say so."""
        if job.state.terminal:
            return
        if job.state is JobState.QUEUED:
            self.state.queue.remove(job.job_id)
        if state is JobState.COMPLETED:
            self.release(job)
        for worker in self.state.crew(job):
            worker.job_id, worker.lease, worker.state = None, None, WorkerState.RECOVERING
            self.out.append(do.CancelTask(worker.worker_id, worker.connection, job.job_id, reason))
        for share in job.shares:
            share.contribution = share.proofs = None
            share.committed.clear()
            share.pieces.clear()
        job.pieces.clear()
        job.delivered.clear()
        job.aggregation = None
        job.state = state
        job.failure = failure
        job.ended = self.now
        self.note(job, Happening[state.name])
        self.out.append(
            do.Forget(job.job_id, (job.proof,) if job.proof and state is JobState.COMPLETED else ())
        )
