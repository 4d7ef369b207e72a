"""What the coordinator knows: workers, jobs, the queue. Pure data with the rules that always hold for it."""

from dataclasses import dataclass, field
from enum import StrEnum

from zisk.cluster.scheduling.jobs import Job, JobState
from zisk.cluster.scheduling.journal import Journal
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.tasks import JobRequest

__all__ = ["CoordinatorState", "Lease", "Quarantine", "Worker", "WorkerState"]


class WorkerState(StrEnum):
    """What a connected worker is at, in the words of the WorkersList call."""

    IDLE = "Idle"
    COMPUTING = "Computing"
    RECOVERING = "Recovering"
    """Its job ended before it did; it is winding down and takes nothing new."""
    QUARANTINED = "Quarantined"
    """It failed at what others succeeded at, and is given nothing but a canary."""
    DRAINING = "Draining"
    """It has nothing to do and is given nothing, because it was drained."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A task that one worker has: of a share of a job, or of its aggregation where `share` is None.

    Its number is given once. An answer under another than the worker's present lease counts for nothing.
    """

    number: int
    job_id: str
    share: int | None
    since: float


@dataclass(slots=True)
class Worker:
    """A connected worker.

    `connection` is the number of the connection that it came in on, `order` its place in the order of
    registration. `program` is the `hash_id` of the program it was started with, or "".
    `job_id` names the job that holds it, `lease` its task at present.
    `done`, `total` and `activity` are what it last said of this task.
    `draining` says that it ends its task and is given no other, `leaving` that it then goes by itself.
    `failures` counts the tasks that it could not do and others might, `last_failure` is why the last one.
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
    lease: Lease | None = None
    done: int = 0
    total: int = 0
    activity: str = ""
    draining: bool = False
    leaving: bool = False
    failures: int = 0
    last_failure: str = ""

    @property
    def progress(self) -> float:
        """Fraction of its task that it last said to have done, from 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0

    @property
    def shown(self) -> WorkerState:
        """Its state as operators see it: drained, whether or not it has still to end its task."""
        return WorkerState.DRAINING if self.draining else self.state


@dataclass(slots=True)
class Quarantine:
    """When a worker is next given a canary, and how many seconds that is after the last one."""

    due: float
    pause: float


@dataclass(slots=True)
class CoordinatorState:
    """Workers by id in order of registration, jobs by id, and ids of waiting jobs in order.

    `quarantined` is by the id of the worker, whether or not it is connected; `canary` is what such a worker
    is given to prove, None where there is nothing.
    `registrations`, `leases` and `canaries` count what was ever given out. `ticked` is when time last passed,
    `deserted` since when no worker has been there, None while one is.
    `drained` has the ids of workers whose connection ended while they were drained.
    """

    workers: dict[str, Worker] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    queue: list[str] = field(default_factory=list)
    registrations: int = 0
    leases: int = 0
    canaries: int = 0
    quarantined: dict[str, Quarantine] = field(default_factory=dict)
    canary: JobRequest | None = None
    ticked: float | None = None
    deserted: float | None = None
    drained: set[str] = field(default_factory=set)
    stopping: bool = False
    journal: Journal = field(default_factory=Journal)

    @property
    def capacity(self) -> int:
        """Compute units connected, those of drained workers left out."""
        return sum(capacity for _, capacity in self.connected())

    def idle(self) -> list[tuple[str, int]]:
        """Idle workers and their capacities, in order of registration."""
        return [(w.worker_id, w.capacity) for w in self.workers.values() if w.state is WorkerState.IDLE]

    def connected(self) -> list[tuple[str, int]]:
        """All workers that are given tasks, and their capacities, in order of registration."""
        given = (
            each for name, each in self.workers.items() if not (each.draining or name in self.quarantined)
        )
        return [(each.worker_id, each.capacity) for each in given]

    def running(self) -> list[Job]:
        """Jobs that workers are busy with."""
        return [job for job in self.jobs.values() if job.state is JobState.RUNNING]

    def at_rest(self, worker: Worker) -> WorkerState:
        """What a worker is at while no job holds it."""
        if worker.draining:
            return WorkerState.DRAINING
        return WorkerState.QUARANTINED if worker.worker_id in self.quarantined else WorkerState.IDLE

    def crew(self, job: Job) -> list[Worker]:
        """The workers that a job holds, in order of registration."""
        return [worker for worker in self.workers.values() if worker.job_id == job.job_id]

    def progress(self, job: Job) -> float:
        """Fraction of the phase that is done, from 0 to 1; aggregation counts once every share is done."""
        at_work = {worker.lease.share: worker for worker in self.crew(job) if worker.lease is not None}
        if job.phase is Phase.AGGREGATE and job.complete:
            return _told(at_work.get(None))
        if not job.shares:
            return 0.0
        done = sum(
            1.0 if share.done or _has_contributed(job, share.number) else _told(at_work.get(share.number))
            for share in job.shares
        )
        return done / len(job.shares)

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
        leases = [worker.lease for worker in self.workers.values() if worker.lease is not None]
        assert len({(lease.job_id, lease.share) for lease in leases}) == len(leases), (
            "no two workers have one task"
        )
        for worker in self.workers.values():
            self._validate_worker(worker)
        for job in self.jobs.values():
            self._validate_job(job)

    def _validate_worker(self, worker: Worker) -> None:
        name = worker.worker_id
        computing = worker.state is WorkerState.COMPUTING
        assert computing == (worker.job_id is not None), f"{name} has a job exactly while it computes"
        busy = worker.state in (WorkerState.COMPUTING, WorkerState.RECOVERING)
        assert busy or worker.state is self.at_rest(worker), (
            f"{name} is drained or in quarantine exactly where it is so"
        )
        assert worker.draining or not worker.leaving, f"{name} leaves and is given tasks"
        if worker.job_id is None:
            assert worker.lease is None, f"{name} has a task and no job"
            return
        job = self.jobs[worker.job_id]
        assert job.state is JobState.RUNNING, f"{name} computes for a job that has ended"
        aggregates = job.aggregator == name
        assert aggregates or job.held_by(name), f"{name} computes although its part is done"
        if (lease := worker.lease) is not None:
            assert lease.job_id == job.job_id, f"{name} has a task of another job"
            has = aggregates if lease.share is None else job.shares[lease.share] in job.held_by(name)
            assert has, f"{name} has a task that is not its own"

    def _validate_job(self, job: Job) -> None:
        running = job.state is JobState.RUNNING
        assert (job.phase is not None) == (job.started is not None), "a job has a phase once it has started"
        assert (job.ended is not None) == job.state.terminal, "a job has an end once it is over"
        assert (job.failure is not None) == (job.state is JobState.FAILED), "a failed job says why"
        for share in job.shares if running else []:
            if share.worker is not None and not share.done:
                worker = self.workers.get(share.worker)
                assert worker is not None, f"units {share.units} are with {share.worker}, which is gone"
                assert worker.job_id == job.job_id, f"units {share.units} are with {share.worker}, elsewhere"
        units = [unit for share in job.shares for unit in share.units]
        if units:
            assert units == list(range(job.request.demand.units)), "every unit is in one share"
        assert sorted(job.delivered) == [share.number for share in job.shares if share.proofs is not None]


def _has_contributed(job: Job, number: int) -> bool:
    return job.phase is Phase.CONTRIBUTIONS and job.shares[number].contribution is not None


def _told(worker: Worker | None) -> float:
    """Fraction that is done of the task of whoever has it."""
    return worker.progress if worker is not None else 0.0
