"""Any order of events leaves the coordinator's state machine in order.

Workers here are honest and slow: they keep the tasks they were sent and answer them, fail them, or vanish,
in any order and with any delay. After every event the invariants of the state are checked, and no end is
ever undone.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from zisk.cluster.protocol.payload import Inline
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.jobs import Happening, JobState, ProofSummary
from zisk.cluster.scheduling.limits import Limits
from zisk.cluster.scheduling.machine import Coordinator
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.scheduling.state import WorkerState
from zisk.cluster.tasks import (
    AggregateTask,
    AggregationResult,
    ContributeTask,
    ContributionResult,
    Demand,
    ExecuteTask,
    Execution,
    ExecutionResult,
    FailureResult,
    JobKind,
    JobRequest,
    ProofsResult,
    ProveTask,
    SetupResult,
    SetupTask,
)
from zisk.errors import ErrorKind

EXECUTION = Execution(1, 1, 1, 0, (0,) * 64)
LIMITS = Limits(max_workers_per_job=3, max_total_workers=4, job_ttl_seconds=500)
ENDS = (Happening.COMPLETED, Happening.FAILED, Happening.CANCELLED)
NAMES = st.sampled_from("abcde")


class Cluster(RuleBasedStateMachine):
    """The coordinator among workers and clients that do anything at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = Coordinator(LIMITS)
        self.machine.state.canary = JobRequest(JobKind.PROVE, "canary", Inline(b""), Demand(1, 1), 16, 128)
        self.now = 0.0
        self.connections = 0
        self.submitted = 0
        self.tasks: list[do.SendTask] = []
        self.winding_down: list[do.CancelTask] = []
        self.own_work: list[do.DeriveChallenge | do.CheckProof] = []
        self.ends: dict[str, JobState] = {}

    def tell(self, event: on.Event) -> None:
        for command in self.machine.handle(event, self.now):
            match command:
                case do.SendTask():
                    self.tasks.append(command)
                case do.CancelTask():
                    self.winding_down.append(command)
                case do.DeriveChallenge() | do.CheckProof():
                    self.own_work.append(command)
                case _:
                    pass

    @rule(worker=NAMES, capacity=st.integers(0, 6), reconnecting=st.booleans())
    def connect(self, worker: str, capacity: int, reconnecting: bool) -> None:
        self.connections += 1
        self.tell(on.WorkerConnected(worker, self.connections, capacity, "", reconnecting))

    @rule(worker=NAMES, stale=st.booleans())
    def disconnect(self, worker: str, stale: bool) -> None:
        known = self.machine.state.workers.get(worker)
        self.tell(on.WorkerGone(worker, known.connection if known and not stale else 0))

    @rule(worker=NAMES, undo=st.booleans())
    def drain(self, worker: str, undo: bool) -> None:
        self.tell(on.DrainRequested(worker, undo))

    @rule(worker=NAMES)
    def leave(self, worker: str) -> None:
        if (known := self.machine.state.workers.get(worker)) is not None:
            self.tell(on.WorkerDraining(worker, known.connection))

    @rule(
        kind=st.sampled_from(JobKind),
        units=st.integers(0, 12),
        minimum=st.none() | st.integers(0, 12),
        may_wait=st.booleans(),
    )
    def submit(self, kind: JobKind, units: int, minimum: int | None, may_wait: bool) -> None:
        self.submitted += 1
        request = JobRequest(kind, "hash", Inline(b""), Demand(units, minimum), 20, 128)
        self.tell(on.JobSubmitted(f"job {self.submitted}", request, may_wait))

    @rule(number=st.integers(1, 20))
    def cancel(self, number: int) -> None:
        self.tell(on.CancelRequested(f"job {number}"))

    @rule(data=st.data(), twice=st.booleans())
    def answer(self, data: st.DataObject, twice: bool) -> None:
        if not self.tasks:
            return
        task = data.draw(st.sampled_from(self.tasks))
        if not twice:
            self.tasks.remove(task)
        self.tell(self.honest_answer(task))

    @rule(steps=st.integers(1, 12))
    def all_goes_well_for_a_while(self, steps: int) -> None:
        for _ in range(steps):
            if self.own_work:
                self.tell(_own_answer(self.own_work.pop(0)))
            elif self.tasks:
                self.tell(self.honest_answer(self.tasks.pop(0)))

    @rule(data=st.data(), recovering=st.booleans())
    def fail(self, data: st.DataObject, recovering: bool) -> None:
        if not self.tasks:
            return
        task = data.draw(st.sampled_from(self.tasks))
        self.tasks.remove(task)
        failed = on.TaskDone(
            task.worker_id,
            task.connection,
            task.job_id,
            task.lease,
            FailureResult(ErrorKind.WORKER_ERROR, "bad luck"),
            recovering,
        )
        self.tell(failed)

    @rule(data=st.data())
    def recover(self, data: st.DataObject) -> None:
        if self.winding_down:
            command = data.draw(st.sampled_from(self.winding_down))
            self.winding_down.remove(command)
            self.tell(on.WorkerRecovered(command.worker_id, command.connection))

    @rule(data=st.data(), well=st.booleans())
    def finish_own_work(self, data: st.DataObject, well: bool) -> None:
        if not self.own_work:
            return
        work = data.draw(st.sampled_from(self.own_work))
        self.own_work.remove(work)
        if not well:
            self.tell(on.JobWorkFailed(work.job_id, ErrorKind.BAD_PROOF, "it does not hold"))
        else:
            self.tell(_own_answer(work))

    @rule(seconds=st.sampled_from([1, 30, 89, 301]), worker=NAMES)
    def time_passes(self, seconds: int, worker: str) -> None:
        self.now += seconds
        known = self.machine.state.workers.get(worker)
        if known is not None:
            self.tell(on.HeartbeatSeen(worker, known.connection, known.job_id or "", 1, 2))
        self.tell(on.Tick())

    @invariant()
    def state_is_consistent(self) -> None:
        self.machine.validate()

    @invariant()
    def ends_are_final(self) -> None:
        jobs = self.machine.state.jobs
        for job_id, state in self.ends.items():
            assert job_id not in jobs or jobs[job_id].state is state
        self.ends |= {job.job_id: job.state for job in jobs.values() if job.state.terminal}

    @invariant()
    def a_job_that_could_run_alone_runs(self) -> None:
        """With every worker idle, whatever waits needs more than is connected."""
        state = self.machine.state
        if any(worker.state is not WorkerState.IDLE for worker in state.workers.values()):
            return
        for job_id in state.queue:
            request = state.jobs[job_id].request
            if not state.workers:
                continue
            assert request.kind is JobKind.PROVE
            assert request.demand.minimum is not None

    @invariant()
    def work_does_not_lie_about(self) -> None:
        """While a job is at nothing, no idle worker may join it that could do what it needs."""
        state = self.machine.state
        for job in state.running():
            crew = state.crew(job)
            if job.at_work or any(worker.lease is not None for worker in crew):
                continue
            if job.canary_of is not None:
                continue
            failed = {name for share in job.shares for name in share.failed} | set(job.unfit)
            idle = {name for name, worker in state.workers.items() if worker.state is WorkerState.IDLE}
            members = sum(not worker.draining for worker in crew)
            assert idle <= failed or members == LIMITS.max_workers_per_job

    @invariant()
    def a_drained_worker_does_not_keep_others_from_its_work(self) -> None:
        """What it is not at waits with it only while no idle worker may take it."""
        state = self.machine.state
        for job in state.running():
            crew = state.crew(job)
            kept = [share for share in job.shares if share.worker in state.workers and not share.done]
            drained = [
                share
                for share in kept
                if (worker := state.workers[share.worker or ""]).draining
                and (worker.lease is None or worker.lease.share != share.number)
                and (job.phase is not Phase.CONTRIBUTIONS or share.contribution is None)
            ]
            room = sum(not worker.draining for worker in crew) < LIMITS.max_workers_per_job
            idle = {name for name, worker in state.workers.items() if worker.state is WorkerState.IDLE}
            assert not (room and any(idle - set(share.failed) for share in drained))

    @invariant()
    def one_end_per_job(self) -> None:
        for job in self.machine.state.jobs.values():
            ends = [event.happening for event in job.events if event.happening in ENDS]
            assert ends == ([Happening[job.state.name]] if job.state.terminal else [])

    def honest_answer(self, task: do.SendTask) -> on.Event:
        """What an honest worker says to a task."""
        return _answer(task)


def _own_answer(work: do.DeriveChallenge | do.CheckProof) -> on.Event:
    if isinstance(work, do.DeriveChallenge):
        return on.ChallengeDerived(work.job_id, b"challenge")
    return on.ProofAccepted(work.job_id, ProofSummary(EXECUTION, b"key"))


def _answer(task: do.SendTask) -> on.Event:
    sender = (task.worker_id, task.connection, task.job_id, task.lease)
    match task.task:
        case ContributeTask(units=units):
            return on.TaskDone(*sender, ContributionResult(Inline(repr(units).encode())))
        case ProveTask(units=units):
            return on.TaskDone(
                *sender, ProofsResult(tuple((unit, Inline(b"proof of a unit")) for unit in units))
            )
        case AggregateTask(last=True):
            return on.TaskDone(*sender, AggregationResult(Inline(b"proof")))
        case AggregateTask():
            return on.TaskDone(*sender, AggregationResult(None))
        case ExecuteTask():
            return on.TaskDone(*sender, ExecutionResult(EXECUTION))
        case SetupTask():
            return on.TaskDone(*sender, SetupResult(b"key"))


TestCluster = Cluster.TestCase
TestCluster.settings = settings(max_examples=150, stateful_step_count=60)
