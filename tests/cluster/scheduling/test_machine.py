"""Stories of the coordinator's state machine, told with a clock of their own."""

from dataclasses import replace

import pytest

from zisk.cluster.protocol.payload import Inline
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.jobs import Happening, Job, JobState, ProofSummary
from zisk.cluster.scheduling.limits import Limits
from zisk.cluster.scheduling.machine import Coordinator
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.scheduling.state import WorkerState
from zisk.cluster.tasks import (
    AggregateTask,
    AggregationResult,
    ContributeTask,
    ContributionResult,
    Counts,
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
)
from zisk.errors import ErrorKind

CONNECTIONS = {"a": 1, "b": 2, "c": 3}
INPUT = Inline(b"input")
EXECUTION = Execution(steps=120, cycles=100, segments=2, exit_code=0, outputs=(7,) * 64)
SUMMARY = ProofSummary(EXECUTION, b"key")
DEFAULT = JobRequest(JobKind.PROVE, "hash", INPUT, Demand(10, None), 20, 128)


class Story:
    """A coordinator, its clock, and short words for what workers and clients do."""

    def __init__(self, limits: Limits | None = None, workers: str = "") -> None:
        self.machine = Coordinator(limits)
        self.now = 0.0
        for worker in workers:
            self.connect(worker)

    def tell(self, event: on.Event) -> list[do.Command]:
        """Pass one event on and check what must always hold."""
        commands = self.machine.handle(event, self.now)
        self.machine.validate()
        return commands

    def connect(self, worker: str, capacity: int = 4) -> list[do.Command]:
        return self.tell(on.WorkerConnected(worker, CONNECTIONS[worker], capacity))

    def submit(self, job: str = "j", request: JobRequest = DEFAULT, *, may_wait: bool = True):
        return self.tell(on.JobSubmitted(job, request, may_wait))

    def contribute(self, worker: str, job: str = "j") -> list[do.Command]:
        return self.tell(
            on.TaskDone(worker, CONNECTIONS[worker], job, ContributionResult(_contribution(worker)))
        )

    def deliver(self, worker: str, job: str = "j") -> list[do.Command]:
        member = self.machine.state.jobs[job].member(worker)
        assert member is not None
        return self.tell(on.TaskDone(worker, CONNECTIONS[worker], job, ProofsResult(_proofs(member.units))))

    def to_prove(self, workers: str, job: str = "j") -> list[do.Command]:
        for worker in workers:
            self.contribute(worker, job)
        return self.tell(on.ChallengeDerived(job, b"challenge"))

    def job(self, job: str = "j") -> Job:
        return self.machine.state.jobs[job]

    def states(self) -> dict[str, WorkerState]:
        return {worker.worker_id: worker.state for worker in self.machine.state.workers.values()}


def _contribution(worker: str) -> Inline:
    return Inline(f"contribution of {worker}".encode())


def _proofs(units: range) -> tuple[tuple[int, Inline], ...]:
    return tuple((unit, Inline(f"unit {unit}".encode())) for unit in units)


IDLE, COMPUTING, RECOVERING = WorkerState.IDLE, WorkerState.COMPUTING, WorkerState.RECOVERING


def test_a_proof_by_three_workers_from_beginning_to_end():
    story = Story(workers="abc")
    assert story.submit() == [
        do.Hold("j", (INPUT,)),
        do.PrepareProgram(DEFAULT),
        do.SendTask("a", 1, "j", ContributeTask(DEFAULT, 0, 3, range(4))),
        do.SendTask("b", 2, "j", ContributeTask(DEFAULT, 1, 3, range(4, 7))),
        do.SendTask("c", 3, "j", ContributeTask(DEFAULT, 2, 3, range(7, 10))),
    ]
    story.contribute("c")
    story.contribute("a")
    contributions = tuple(_contribution(worker) for worker in "abc")
    assert story.contribute("b") == [
        do.Hold("j", (_contribution("b"),)),
        do.DeriveChallenge("j", DEFAULT, contributions),
    ]
    task = ProveTask(contributions, b"challenge")
    assert story.tell(on.ChallengeDerived("j", b"challenge")) == [
        do.SendTask(worker, CONNECTIONS[worker], "j", task) for worker in "abc"
    ]
    assert story.deliver("b") == [do.Hold("j", (Inline(b"unit 4"), Inline(b"unit 5"), Inline(b"unit 6")))]
    assert (story.job().phase, story.job().aggregator) == (Phase.AGGREGATE, "b")
    assert story.deliver("a")[1:] == [do.SendTask("b", 2, "j", AggregateTask(_proofs(range(4)), last=False))]
    assert story.states() == {"a": IDLE, "b": COMPUTING, "c": COMPUTING}
    assert story.deliver("c")[1:] == []
    assert story.tell(on.TaskDone("b", 2, "j", AggregationResult(None))) == [
        do.SendTask("b", 2, "j", AggregateTask(_proofs(range(7, 10)), last=True))
    ]
    proof = Inline(b"proof")
    assert story.tell(on.TaskDone("b", 2, "j", AggregationResult(proof))) == [
        do.Hold("j", (proof,)),
        do.CheckProof("j", DEFAULT, proof),
    ]
    assert story.states() == {"a": IDLE, "b": IDLE, "c": IDLE}
    assert story.tell(on.ProofAccepted("j", SUMMARY)) == [do.Forget("j", (proof,))]
    assert (story.job().state, story.job().key, story.job().execution) == (
        JobState.COMPLETED,
        b"key",
        EXECUTION,
    )
    assert [(event.happening, event.phase) for event in story.job().events] == [
        (Happening.QUEUED, None),
        (Happening.STARTED, Phase.CONTRIBUTIONS),
        (Happening.PROGRESS, Phase.PROVE),
        (Happening.PROGRESS, Phase.AGGREGATE),
        (Happening.COMPLETED, Phase.AGGREGATE),
    ]


def test_a_single_worker_aggregates_its_own_proofs():
    story = Story(workers="a")
    story.submit()
    story.to_prove("a")
    assert story.deliver("a")[1:] == [do.SendTask("a", 1, "j", AggregateTask((), last=True))]


def test_an_explicit_capacity_above_what_is_connected_is_refused():
    story = Story(workers="ab")
    assert story.submit(request=replace(DEFAULT, demand=Demand(9, 9))) == [
        do.RefuseJob(
            "j",
            ErrorKind.NO_CAPACITY,
            "Insufficient compute capacity: 9 units asked for, 8 connected; "
            "start more workers or ask for at most 8 with --compute-capacity",
        )
    ]


def test_a_capacity_beyond_the_workers_one_job_may_have_is_refused():
    story = Story(Limits(max_workers_per_job=1), "ab")
    assert story.submit(request=replace(DEFAULT, demand=Demand(8, 8))) == [
        do.RefuseJob(
            "j",
            ErrorKind.NO_CAPACITY,
            "Insufficient compute capacity: 8 units asked for, 8 connected, "
            "4 within coordinator.max_workers_per_job; raise it or ask for less",
        )
    ]


def test_a_partial_allocation_keeps_the_number_of_units():
    story = Story(workers="ab")
    story.submit(request=replace(DEFAULT, demand=Demand(20, 8)))
    assert [member.units for member in story.job().members] == [range(10), range(10, 20)]


@pytest.mark.parametrize(
    ("demand", "message"),
    [
        (Demand(0, 0), "Compute capacity must be greater than zero"),
        (Demand(3, 4), "Minimal compute capacity must not exceed compute capacity"),
    ],
)
def test_demands_that_make_no_sense(demand: Demand, message: str):
    story = Story(workers="a")
    assert story.submit(request=replace(DEFAULT, demand=demand)) == [
        do.RefuseJob("j", ErrorKind.USAGE, message)
    ]


def test_a_job_without_any_worker_is_refused():
    (refusal,) = Story().submit()
    assert isinstance(refusal, do.RefuseJob)
    assert (refusal.kind, refusal.message) == (
        ErrorKind.UNREACHABLE,
        "no worker is connected; start one: zisk-worker --elf FILE --coordinator-url URL",
    )


def test_jobs_wait_in_order_and_start_as_workers_become_free():
    story = Story(workers="abc")
    story.submit("first")
    story.submit("second")
    story.submit("third", replace(DEFAULT, demand=Demand(4, 4)))
    assert story.machine.state.queue == ["second", "third"]
    story.to_prove("abc", "first")
    story.deliver("c", "first")
    story.deliver("a", "first")
    assert story.machine.state.queue == ["second", "third"], "the larger job is not overtaken"
    story.tell(on.CancelRequested("second"))
    assert story.machine.state.queue == []
    assert [member.worker_id for member in story.job("third").members] == ["a"]


def test_a_job_that_needs_more_than_is_left_does_not_hold_up_others():
    story = Story(workers="abc")
    story.submit("first")
    story.submit("large", replace(DEFAULT, demand=Demand(12, 12)))
    story.tell(on.WorkerGone("c", 3))
    story.tell(on.WorkerRecovered("a", 1))
    story.submit("small", replace(DEFAULT, demand=Demand(4, 4)))
    assert story.machine.state.queue == ["large"]
    assert story.job("small").state is JobState.RUNNING


def test_a_launch_that_may_not_wait_is_refused_while_workers_are_busy():
    story = Story(workers="a")
    story.submit("first")
    (refusal,) = story.submit("second", may_wait=False)
    assert refusal == do.RefuseJob(
        "second",
        ErrorKind.NO_CAPACITY,
        "Insufficient compute capacity: workers are busy with other jobs; launch again later",
    )


@pytest.mark.parametrize("phase", list("cpa"))
def test_a_lost_worker_fails_its_job_and_frees_the_others(phase: str):
    story = Story(workers="ab")
    story.submit()
    if phase in "pa":
        story.to_prove("ab")
    if phase == "a":
        story.deliver("b")
    name = story.job().phase
    commands = story.tell(on.WorkerGone("b", 2))
    reason = "worker b was lost: its connection ended"
    assert commands == [do.CancelTask("a", 1, "j", reason), do.Forget("j", ())]
    assert story.job().state is JobState.FAILED
    failure = story.job().failure
    assert failure is not None
    assert (failure.kind, failure.message, failure.phase) == (ErrorKind.WORKER_LOST, reason, name)
    assert story.states() == {"a": RECOVERING}
    story.tell(on.WorkerRecovered("a", 1))
    assert story.states() == {"a": IDLE}


def test_a_worker_that_has_delivered_may_go():
    story = Story(workers="ab")
    story.submit()
    story.to_prove("ab")
    story.deliver("a")
    story.deliver("b")
    story.tell(on.WorkerGone("b", 2))
    assert story.job().state is JobState.RUNNING


def test_a_failed_task_fails_the_job_and_leaves_its_worker_free():
    story = Story(workers="ab")
    story.submit()
    commands = story.tell(on.TaskDone("a", 1, "j", FailureResult(ErrorKind.INPUT, "no such file: x")))
    assert commands == [do.CancelTask("b", 2, "j", "worker a: no such file: x"), do.Forget("j", ())]
    assert story.states() == {"a": IDLE, "b": RECOVERING}
    failure = story.job().failure
    assert failure is not None
    assert failure.kind is ErrorKind.INPUT


@pytest.mark.parametrize("phase", list("qcpa"))
def test_cancelling_works_in_every_phase(phase: str):
    story = Story(workers="ab")
    if phase == "q":
        story.submit("other")
    story.submit()
    if phase in "pa":
        story.to_prove("ab")
    if phase == "a":
        story.deliver("a")
    story.tell(on.CancelRequested("j"))
    assert story.job().state is JobState.CANCELLED
    assert story.machine.state.queue == []
    busy = COMPUTING if phase == "q" else RECOVERING
    assert story.states() == {"a": busy, "b": busy}


def test_an_end_is_final():
    story = Story(workers="a")
    story.submit()
    story.tell(on.CancelRequested("j"))
    story.tell(on.WorkerGone("a", 1))
    story.tell(on.JobWorkFailed("j", ErrorKind.STORE, "disk full"))
    assert story.job().state is JobState.CANCELLED


def test_answers_that_come_twice_or_late_change_nothing():
    story = Story(workers="ab")
    story.submit()
    story.contribute("a")
    assert story.contribute("a") == []
    story.contribute("b")
    story.tell(on.ChallengeDerived("j", b"challenge"))
    assert story.contribute("a") == []
    assert story.tell(on.ChallengeDerived("j", b"another")) == []
    story.deliver("a")
    assert story.deliver("a") == []
    assert story.tell(on.TaskDone("b", 2, "unknown", ProofsResult(()))) == []


def test_events_of_a_replaced_connection_are_ignored():
    story = Story(workers="a")
    story.submit()
    assert story.tell(on.WorkerGone("a", 99)) == []
    assert story.states() == {"a": COMPUTING}


def test_proofs_of_other_units_are_refused():
    story = Story(workers="ab")
    story.submit()
    story.to_prove("ab")
    story.tell(on.TaskDone("a", 1, "j", ProofsResult(_proofs(range(5, 10)))))
    failure = story.job().failure
    assert failure is not None
    assert (failure.kind, failure.message) == (
        ErrorKind.BAD_PROOF,
        "worker a delivered units [5, 6, 7, 8, 9] and holds [0, 1, 2, 3, 4]",
    )


def test_an_aggregator_that_answers_the_last_proofs_with_nothing_fails_the_job():
    story = Story(workers="a")
    story.submit()
    story.to_prove("a")
    story.deliver("a")
    story.tell(on.TaskDone("a", 1, "j", AggregationResult(None)))
    failure = story.job().failure
    assert failure is not None
    assert failure.message == "aggregator a delivered no final proof after the last unit proofs"


def test_a_taken_worker_id_is_refused_and_a_returning_worker_is_not():
    story = Story(workers="a")
    story.submit()
    assert story.tell(on.WorkerConnected("a", 5, 4)) == [
        do.RefuseRegistration(
            "a", 5, "worker id a is already connected; give each worker its own --worker-id"
        )
    ]
    assert story.tell(on.WorkerConnected("a", 6, 4, reconnecting=True, last_job="j")) == [
        do.CloseConnection(1, "the worker has connected again"),
        do.Forget("j", ()),
        do.ConfirmRegistration("a", 6, 4, do.Directive.CANCEL_STALE_JOB),
    ]
    assert story.job().state is JobState.FAILED
    assert story.states() == {"a": IDLE}


def test_a_silent_worker_is_lost_and_one_with_heartbeats_is_not():
    story = Story(Limits(heartbeat_seconds=30), "ab")
    story.now = 60
    assert story.tell(on.HeartbeatSeen("b", 2)) == [do.AnswerHeartbeat(2)]
    story.now = 90
    assert story.tell(on.Tick()) == [do.CloseConnection(1, "silent for 90 s")]
    assert story.states() == {"b": IDLE}


@pytest.mark.parametrize(
    ("phase", "limit"), [(Phase.CONTRIBUTIONS, 10.0), (Phase.PROVE, 20.0), (Phase.AGGREGATE, 30.0)]
)
def test_a_phase_that_takes_too_long_fails_the_job(phase: Phase, limit: float):
    story = Story(Limits(phase1_seconds=10, phase2_seconds=20, phase3_seconds=30, heartbeat_seconds=0), "ab")
    story.submit()
    if phase is not Phase.CONTRIBUTIONS:
        story.to_prove("ab")
    if phase is Phase.AGGREGATE:
        story.deliver("a")
        story.deliver("b")
    story.now = limit - 0.1
    story.tell(on.Tick())
    assert story.job().state is JobState.RUNNING
    story.now = limit
    story.tell(on.Tick())
    failure = story.job().failure
    assert failure is not None
    assert (failure.kind, failure.phase, failure.limit_seconds) == (ErrorKind.TIMEOUT, phase, limit)


def test_proving_is_under_its_own_limit_until_the_last_proof_is_in():
    story = Story(Limits(phase2_seconds=20, phase3_seconds=5, heartbeat_seconds=0), "ab")
    story.submit()
    story.to_prove("ab")
    story.deliver("a")
    story.now = 19
    story.tell(on.Tick())
    assert story.job().state is JobState.RUNNING


def test_a_finished_job_is_forgotten_after_its_time():
    story = Story(Limits(job_ttl_seconds=100), "a")
    story.submit()
    story.tell(on.CancelRequested("j"))
    story.now = 100
    story.tell(on.HeartbeatSeen("a", 1))
    assert do.Forget("j") in story.tell(on.Tick())
    assert story.machine.state.jobs == {}


def test_stopping_drops_what_waits_and_refuses_what_comes():
    story = Story(workers="ab")
    story.submit("running")
    story.submit("waiting")
    story.tell(on.StopRequested(now=False))
    assert [story.job(job).state for job in ("running", "waiting")] == [JobState.RUNNING, JobState.FAILED]
    (refusal,) = story.submit("late")
    assert isinstance(refusal, do.RefuseJob)
    assert refusal.kind is ErrorKind.UNREACHABLE
    story.tell(on.StopRequested(now=True))
    failure = story.job("running").failure
    assert failure is not None
    assert failure.kind is ErrorKind.STOPPED


def test_an_execution_takes_one_worker():
    story = Story(workers="ab")
    request = replace(DEFAULT, kind=JobKind.EXECUTE)
    assert story.submit(request=request)[1:] == [do.SendTask("a", 1, "j", ExecuteTask(request))]
    story.tell(on.TaskDone("a", 1, "j", ExecutionResult(EXECUTION)))
    assert (story.job().state, story.job().execution) == (JobState.COMPLETED, EXECUTION)


def test_a_setup_goes_to_every_idle_worker_and_their_keys_must_agree():
    story = Story(workers="ab")
    story.submit(request=replace(DEFAULT, kind=JobKind.SETUP))
    story.tell(on.TaskDone("a", 1, "j", SetupResult(b"key")))
    assert story.states() == {"a": IDLE, "b": COMPUTING}
    story.tell(on.TaskDone("b", 2, "j", SetupResult(b"another key")))
    failure = story.job().failure
    assert failure is not None
    assert failure.message == "worker b derived another key; give all workers one version"


def test_progress_is_the_mean_over_the_members():
    story = Story(workers="ab")
    story.submit()
    story.tell(on.HeartbeatSeen("a", 1, "j", done=1, total=4))
    assert story.job().progress == 0.125
    story.contribute("b")
    assert story.job().progress == 0.625


def to_aggregate(story: Story, aggregator: str, others: str) -> None:
    """Bring a job to where the aggregator has a task with the proofs of the first of the others."""
    story.submit()
    story.to_prove(aggregator + others)
    for worker in aggregator + others:
        story.deliver(worker)


def test_aggregation_has_a_share_and_an_activity_of_its_own():
    story = Story(workers="ab")
    to_aggregate(story, "a", "b")
    assert (story.job().progress, [member.activity for member in story.job().members]) == (0.0, ["", ""])
    story.tell(on.HeartbeatSeen("a", 1, "j", done=3, total=4, activity="fold"))
    assert (story.job().progress, [member.activity for member in story.job().members]) == (0.75, ["fold", ""])


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (ErrorKind.BAD_PROOF, "worker a, taking in the proofs of worker b: unit 5 is junk"),
        (ErrorKind.WORKER_ERROR, "worker a: unit 5 is junk"),
    ],
)
def test_proofs_that_are_refused_are_named_by_their_worker(kind: ErrorKind, message: str):
    story = Story(workers="ab")
    to_aggregate(story, "a", "b")
    story.tell(on.TaskDone("a", 1, "j", FailureResult(kind, "unit 5 is junk")))
    failure = story.job().failure
    assert failure is not None
    assert (failure.kind, failure.message, failure.phase) == (kind, message, Phase.AGGREGATE)


@pytest.mark.parametrize(
    ("shown", "counts", "execution"),
    [
        ((None, None), Counts(120, 100), (120, 100)),
        ((119, None), Counts(120, 100), (119, 100)),
        ((None, None), None, (None, None)),
    ],
)
def test_the_aggregator_tells_the_length_of_the_run_where_the_proof_does_not(
    shown: tuple[int | None, int | None], counts: Counts | None, execution: tuple[int | None, int | None]
):
    story = Story(workers="a")
    to_aggregate(story, "a", "")
    story.tell(on.TaskDone("a", 1, "j", AggregationResult(Inline(b"proof"), counts)))
    verified = replace(EXECUTION, steps=shown[0], cycles=shown[1])
    story.tell(on.ProofAccepted("j", ProofSummary(verified, b"key")))
    assert story.job().execution == replace(EXECUTION, steps=execution[0], cycles=execution[1])


def test_what_cannot_be_is_told_with_what_came_before():
    story = Story(workers="a")
    story.submit()
    story.machine.state.workers["a"].job_id = None
    with pytest.raises(AssertionError, match="a has a job exactly while it computes") as caught:
        story.machine.validate()
    [note] = caught.value.__notes__
    assert note.splitlines() == [
        "0.000 WorkerConnected a -> ConfirmRegistration a",
        "0.000 JobSubmitted j -> Hold j, PrepareProgram, SendTask a j",
    ]
