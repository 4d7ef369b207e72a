"""What the coordinator knows: workers, jobs, the queue. Pure data with the rules that always hold for it."""

from dataclasses import dataclass, field
from enum import StrEnum

from zisk.cluster.scheduling.jobs import Job, JobState

__all__ = ["CoordinatorState", "Worker", "WorkerState"]


class WorkerState(StrEnum):
    """What a connected worker is at, in the words of the WorkersList call."""

    IDLE = "Idle"
    COMPUTING = "Computing"
    RECOVERING = "Recovering"
    """Its job ended before it did; it is winding down and takes nothing new."""


@dataclass(slots=True)
class Worker:
    """A connected worker.

    `connection` is the number of the connection that it came in on, `order` its place in the order of
    registration. `program` is the `hash_id` of the program it was started with, or "".
    """

    worker_id: str
    connection: int
    capacity: int
    program: str
    order: int
    connected_at: float
    last_heartbeat: float
    state: WorkerState = WorkerState.IDLE
    job_id: str | None = None


@dataclass(slots=True)
class CoordinatorState:
    """Workers by id in order of registration, jobs by id, and ids of waiting jobs in order."""

    workers: dict[str, Worker] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    queue: list[str] = field(default_factory=list)
    registrations: int = 0
    stopping: bool = False

    @property
    def capacity(self) -> int:
        """Compute units connected."""
        return sum(worker.capacity for worker in self.workers.values())

    def idle(self) -> list[tuple[str, int]]:
        """Idle workers and their capacities, in order of registration."""
        return [(w.worker_id, w.capacity) for w in self.workers.values() if w.state is WorkerState.IDLE]

    def connected(self) -> list[tuple[str, int]]:
        """All workers and their capacities, in order of registration."""
        return [(worker.worker_id, worker.capacity) for worker in self.workers.values()]

    def running(self) -> list[Job]:
        """Jobs that workers are busy with."""
        return [job for job in self.jobs.values() if job.state is JobState.RUNNING]

    def validate(self) -> None:
        """Check what must hold after every event.

        Raises:
            AssertionError: something does not; the state machine has a defect.

        """
        orders = [worker.order for worker in self.workers.values()]
        assert orders == sorted(set(orders)), "workers are in order of registration"
        assert len({worker.connection for worker in self.workers.values()}) == len(orders), (
            "one worker a connection"
        )
        waiting = [job.job_id for job in self.jobs.values() if job.state is JobState.QUEUED]
        assert sorted(waiting) == sorted(self.queue), "the queue holds every waiting job once and no other"
        for worker in self.workers.values():
            computing = worker.state is WorkerState.COMPUTING
            assert computing == (worker.job_id is not None), (
                f"{worker.worker_id} has a job exactly while it computes"
            )
            if worker.job_id is not None:
                job = self.jobs[worker.job_id]
                assert job.state is JobState.RUNNING, f"{worker.worker_id} computes for a job that has ended"
                member = job.member(worker.worker_id)
                assert member is not None, f"{worker.worker_id} computes for a job it has no part in"
                assert member.busy, f"{worker.worker_id} computes although its part is done"
        for job in self.jobs.values():
            self._validate_job(job)

    def _validate_job(self, job: Job) -> None:
        running = job.state is JobState.RUNNING
        assert (job.phase is not None) == (job.started is not None), "a job has a phase once it has started"
        assert (job.ended is not None) == job.state.terminal, "a job has an end once it is over"
        assert (job.failure is not None) == (job.state is JobState.FAILED), "a failed job says why"
        for member in job.members:
            worker = self.workers.get(member.worker_id)
            held = worker is not None and worker.job_id == job.job_id
            assert held == (running and member.busy), f"{member.worker_id} is held exactly while it is needed"
        units = [unit for member in job.members for unit in member.units]
        if units:
            assert units == list(range(job.request.demand.units)), "every unit belongs to one worker"
