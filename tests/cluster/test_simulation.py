"""Coordinator and workers, state machine against state machine, over a network that delays and breaks.

Nothing here waits or opens a port: messages lie in queues until a rule delivers them, the prover is done
when a rule says so, and connections break whenever a rule wants. Messages on one connection keep their order.
After every story the dust settles: everything is delivered, lost workers come back, and then nothing hangs.
"""

from collections import deque
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from zisk.cluster.protocol.payload import Inline
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.jobs import JobState, ProofSummary
from zisk.cluster.scheduling.limits import Limits
from zisk.cluster.scheduling.machine import Coordinator
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
    Result,
    SetupResult,
    SetupTask,
    Task,
)
from zisk.cluster.worker import commands as worker_commands
from zisk.cluster.worker import events as worker_events
from zisk.cluster.worker.machine import Worker
from zisk.errors import ErrorKind

NAMES = "abcd"
UNITS = 12
EXECUTION = Execution(1, 1, 1, 0, (0,) * 64)
LUCK = st.sampled_from([True, True, True, False])
"""Whether things go well this time; mostly they do, or no story would get far."""
# Silence and limits are not under test here: time stands still unless a rule moves it.
LIMITS = Limits(heartbeat_seconds=0, job_ttl_seconds=0, quarantine_seconds=1)
CANARY = JobRequest(JobKind.PROVE, "canary", Inline(b""), Demand(UNITS, UNITS), 16, 128)


@dataclass
class Node:
    """A worker, its prover and its two directions of a connection."""

    name: str
    capacity: int
    machine: Worker = field(default_factory=Worker)
    connection: int | None = None
    to_coordinator: deque[on.Event] = field(default_factory=deque)
    to_worker: deque[worker_events.Event] = field(default_factory=deque)
    proving: tuple[str, Task] | None = None
    interrupted: bool = False
    begun: dict[str, list[range]] = field(default_factory=dict)
    gathered: dict[str, list[int]] = field(default_factory=dict)

    def prove(self, job_id: str, task: Task) -> Result:
        """What an honest prover makes of a task: it goes on from what it has begun, or not at all."""
        match task:
            case ContributeTask():
                self.begun.setdefault(job_id, []).append(task.units)
            case ProveTask():
                assert task.units in self.begun[job_id]
            case AggregateTask():
                gathered = [] if task.first else self.gathered[job_id]
                self.gathered[job_id] = gathered
                gathered += [unit for unit, _ in task.proofs]
                assert not task.last or sorted(gathered) == list(range(UNITS))
            case _:
                pass
        return _result(task)


class Simulation(RuleBasedStateMachine):
    """The cluster."""

    def __init__(self) -> None:
        super().__init__()
        self.coordinator = Coordinator(LIMITS)
        self.coordinator.state.canary = CANARY
        self.nodes = {name: Node(name, capacity) for name, capacity in zip(NAMES, (3, 3, 4, 4), strict=True)}
        self.by_connection: dict[int, Node] = {}
        self.own_work: deque[on.Event] = deque()
        self.now = 0.0
        self.connections = 0
        self.jobs = 0
        for node in self.nodes.values():
            self.connect(node)
            for _ in range(3):
                self.step(node)

    # Both ends

    def tell(self, event: on.Event) -> None:
        for command in self.coordinator.handle(event, self.now):
            match command:
                case do.ConfirmRegistration(_, connection, _, directive):
                    self.reply(connection, worker_events.Accepted(directive is do.Directive.CANCEL_STALE_JOB))
                case do.RefuseRegistration(_, connection, _):
                    self.reply(connection, worker_events.Refused())
                case do.SendTask(_, connection, job_id, lease, task):
                    self.reply(connection, worker_events.TaskArrived(job_id, lease, task))
                case do.CancelTask(_, connection, job_id, _):
                    self.reply(connection, worker_events.CancelArrived(job_id))
                case do.AnswerHeartbeat(connection):
                    self.reply(connection, worker_events.Heard())
                case do.CloseConnection(connection, _):
                    if connection in self.by_connection:
                        self.cut(self.by_connection[connection])
                case do.DeriveChallenge(job_id):
                    self.own_work.append(on.ChallengeDerived(job_id, b"challenge"))
                case do.CheckProof(job_id):
                    self.own_work.append(on.ProofAccepted(job_id, ProofSummary(EXECUTION, b"key")))
                case _:
                    pass

    def reply(self, connection: int, event: worker_events.Event) -> None:
        if connection in self.by_connection:
            self.by_connection[connection].to_worker.append(event)

    def act(self, node: Node, event: worker_events.Event) -> None:
        for command in node.machine.handle(event, self.now):
            self.do(node, command)

    def do(self, node: Node, command: worker_commands.Command) -> None:
        connection = node.connection or 0
        match command:
            case worker_commands.Register(again, last_job):
                node.to_coordinator.append(
                    on.WorkerConnected(node.name, connection, node.capacity, "", again, last_job)
                )
            case worker_commands.SendHeartbeat(job_id):
                node.to_coordinator.append(on.HeartbeatSeen(node.name, connection, job_id))
            case worker_commands.Start(job_id, _, task):
                assert node.proving is None, "one task at a time"
                node.proving, node.interrupted = (job_id, task), False
            case worker_commands.Interrupt():
                node.interrupted = True
            case worker_commands.Report(job_id, lease, _, result):
                node.to_coordinator.append(on.TaskDone(node.name, connection, job_id, lease, result))
            case worker_commands.ReportRecovered():
                node.to_coordinator.append(on.WorkerRecovered(node.name, connection))
            case worker_commands.Disconnect():
                self.cut(node)
            case worker_commands.DropJob(job_id):
                node.begun.pop(job_id, None)
                node.gathered.pop(job_id, None)
            case worker_commands.Acknowledge():
                pass

    def cut(self, node: Node) -> None:
        """Break a connection; both ends notice, and what was under way is lost."""
        if node.connection is None:
            return
        connection, node.connection = node.connection, None
        del self.by_connection[connection]
        node.to_coordinator.clear()
        node.to_worker.clear()
        self.act(node, worker_events.Disconnected())
        self.tell(on.WorkerGone(node.name, connection))

    def connect(self, node: Node) -> None:
        if node.connection is None:
            self.connections += 1
            node.connection = self.connections
            self.by_connection[node.connection] = node
            self.act(node, worker_events.Connected())

    def step(self, node: Node, well: bool = True) -> bool:
        """Let one thing happen at a worker; whether there was any."""
        if node.to_coordinator:
            self.tell(node.to_coordinator.popleft())
        elif node.to_worker:
            self.act(node, node.to_worker.popleft())
        elif node.proving is not None:
            job_id, task = node.proving
            node.proving = None
            failed = FailureResult(ErrorKind.WORKER_ERROR, "bad luck")
            result = node.prove(job_id, task) if well else failed
            self.act(node, worker_events.TaskEnded(None if node.interrupted else result))
        else:
            return False
        return True

    # What may happen

    @rule(name=st.sampled_from(NAMES))
    def a_worker_connects(self, name: str) -> None:
        self.connect(self.nodes[name])

    @rule(name=st.sampled_from(NAMES), luck=LUCK)
    def a_connection_breaks(self, name: str, luck: bool) -> None:
        if not luck:
            self.cut(self.nodes[name])

    @rule(name=st.sampled_from(NAMES), luck=LUCK, steps=st.integers(1, 6))
    def things_happen(self, name: str, luck: bool, steps: int) -> None:
        for _ in range(steps):
            self.step(self.nodes[name], luck)

    @rule(order=st.permutations(NAMES), rounds=st.integers(1, 6))
    def things_happen_everywhere(self, order: list[str], rounds: int) -> None:
        for _ in range(rounds):
            for name in order:
                self.step(self.nodes[name])
            if self.own_work:
                self.tell(self.own_work.popleft())

    @rule(name=st.sampled_from(NAMES))
    def the_prover_is_done_before_messages_arrive(self, name: str) -> None:
        node = self.nodes[name]
        if node.proving is not None:
            job_id, task = node.proving
            node.proving = None
            self.act(node, worker_events.TaskEnded(node.prove(job_id, task)))

    @rule(name=st.sampled_from(NAMES))
    def the_prover_reports(self, name: str) -> None:
        self.act(self.nodes[name], worker_events.Progressed())

    @rule()
    def own_work_is_done(self) -> None:
        if self.own_work:
            self.tell(self.own_work.popleft())

    @rule(kind=st.sampled_from(JobKind), minimum=st.none() | st.integers(1, UNITS))
    def a_job_is_submitted(self, kind: JobKind, minimum: int | None) -> None:
        self.jobs += 1
        request = JobRequest(kind, "hash", Inline(b""), Demand(UNITS, minimum), 20, 128)
        self.tell(on.JobSubmitted(f"job {self.jobs}", request))

    @rule(number=st.integers(1, 8))
    def a_job_is_cancelled(self, number: int) -> None:
        self.tell(on.CancelRequested(f"job {number}"))

    @invariant()
    def the_state_is_consistent(self) -> None:
        self.coordinator.validate()

    def teardown(self) -> None:
        """Let the dust settle: with every worker back, every job ends and every worker is idle."""
        for node in self.nodes.values():
            self.connect(node)
        for _ in range(10_000):
            moved = [self.step(node) for node in self.nodes.values()]
            if self.own_work:
                self.tell(self.own_work.popleft())
            elif not any(moved):
                if not self.coordinator.state.quarantined:
                    break
                self.now += LIMITS.quarantine_seconds
                self.tell(on.Tick())
        state = self.coordinator.state
        assert {job.state for job in state.jobs.values()} <= {
            JobState.COMPLETED,
            JobState.FAILED,
            JobState.CANCELLED,
        }
        assert {worker.worker_id: worker.state for worker in state.workers.values()} == dict.fromkeys(
            self.nodes, WorkerState.IDLE
        )
        assert all(node.proving is None for node in self.nodes.values())


def _result(task: Task) -> Result:
    """What an honest prover makes of a task."""
    match task:
        case ContributeTask():
            return ContributionResult(Inline(b"contribution"))
        case ProveTask(units=units):
            return ProofsResult(tuple((unit, Inline(b"proof")) for unit in units))
        case AggregateTask(last=last):
            return AggregationResult(Inline(b"final proof") if last else None)
        case ExecuteTask():
            return ExecutionResult(EXECUTION)
        case SetupTask():
            return SetupResult(b"key")


TestSimulation = Simulation.TestCase
TestSimulation.settings = settings(max_examples=150, stateful_step_count=50)
