"""Stories of the coordinator's state machine, told with a clock of their own."""

from dataclasses import replace

import pytest

from zisk.cluster.protocol.payload import Inline
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.dealing import binding_of
from zisk.cluster.scheduling.jobs import Happening, Job, JobState, ProofSummary
from zisk.cluster.scheduling.limits import Limits
from zisk.cluster.scheduling.machine import Coordinator
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.scheduling.state import WorkerState
from zisk.cluster.tasks import (
    AggregateTask,
    AggregationResult,
    Binding,
    Committed,
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
    Kept,
    Piece,
    ProofsResult,
    ProveTask,
    Result,
    SetupResult,
    Task,
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
        return self.done(worker, ContributionResult(_contribution(self.units(worker, job))), job)

    def deliver(self, worker: str, job: str = "j") -> list[do.Command]:
        return self.done(worker, ProofsResult(_proofs(self.units(worker, job))), job)

    def units(self, worker: str, job: str = "j") -> range:
        """The units that a worker has a task of."""
        lease = self.machine.state.workers[worker].lease
        return range(0) if lease is None or lease.share is None else self.job(job).shares[lease.share].units

    def done(self, worker: str, result: Result, job: str = "j") -> list[do.Command]:
        """A worker answers the task that it has."""
        lease = self.machine.state.workers[worker].lease
        number = lease.number if lease is not None else 0
        return self.tell(on.TaskDone(worker, CONNECTIONS[worker], job, number, result))

    def to_prove(self, workers: str, job: str = "j") -> list[do.Command]:
        for worker in workers:
            self.contribute(worker, job)
        return self.tell(on.ChallengeDerived(job, b"challenge"))

    def job(self, job: str = "j") -> Job:
        return self.machine.state.jobs[job]

    def progress(self, job: str = "j") -> float:
        return self.machine.state.progress(self.job(job))

    def states(self) -> dict[str, WorkerState]:
        return {worker.worker_id: worker.state for worker in self.machine.state.workers.values()}


def _contribution(units: range) -> Inline:
    return Inline(f"contribution of {units}".encode())


def sent(commands: list[do.Command]) -> list[tuple[str, Task]]:
    """The tasks among commands, and who gets them."""
    return [(one.worker_id, one.task) for one in commands if isinstance(one, do.SendTask)]


def told(commands: list[do.Command]) -> list[str]:
    """What the log is told."""
    return [one.message for one in commands if isinstance(one, do.LogOfJob)]


def failed(story: "Story", job: str = "j") -> tuple[ErrorKind, str, Phase | None]:
    """Why a job failed, and in which phase."""
    failure = story.job(job).failure
    assert failure is not None
    return failure.kind, failure.message, failure.phase


def _proofs(units: range) -> tuple[tuple[int, Inline], ...]:
    return tuple((unit, Inline(f"unit {unit}".encode())) for unit in units)


IDLE, COMPUTING, RECOVERING = WorkerState.IDLE, WorkerState.COMPUTING, WorkerState.RECOVERING
QUARANTINED = WorkerState.QUARANTINED


def test_a_proof_by_three_workers_from_beginning_to_end():
    story = Story(workers="abc")
    runs = (range(4), range(4, 7), range(7, 10))
    assert story.submit() == [
        do.Hold("j", (INPUT,)),
        do.PrepareProgram(DEFAULT),
        *(
            do.SendTask(
                worker, CONNECTIONS[worker], "j", rank + 1, ContributeTask(DEFAULT, rank, 3, runs[rank])
            )
            for rank, worker in enumerate("abc")
        ),
    ]
    story.contribute("c")
    story.contribute("a")
    contributions = tuple(map(_contribution, runs))
    assert story.contribute("b") == [
        do.Hold("j", contributions[1:2]),
        do.DeriveChallenge("j", DEFAULT, contributions),
    ]
    binding = Binding(contributions, b"challenge")
    assert story.tell(on.ChallengeDerived("j", b"challenge")) == [
        do.SendTask(worker, CONNECTIONS[worker], "j", rank + 4, ProveTask(runs[rank], binding))
        for rank, worker in enumerate("abc")
    ]
    assert story.deliver("b") == [do.Hold("j", (Inline(b"unit 4"), Inline(b"unit 5"), Inline(b"unit 6")))]
    assert (story.job().phase, story.job().aggregator) == (Phase.AGGREGATE, "b")
    request = replace(DEFAULT, input=Inline(b""))
    first = AggregateTask(request, binding, (*_proofs(runs[1]), *_proofs(runs[0])), first=True, last=False)
    assert sent(story.deliver("a")) == [("b", first)]
    assert story.states() == {"a": IDLE, "b": COMPUTING, "c": COMPUTING}
    assert sent(story.deliver("c")) == []
    last = AggregateTask(request, binding, _proofs(runs[2]), first=False, last=True)
    assert sent(story.done("b", AggregationResult(None))) == [("b", last)]
    proof = Inline(b"proof")
    assert story.done("b", AggregationResult(proof)) == [
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
    ((worker, task),) = sent(story.deliver("a"))
    assert isinstance(task, AggregateTask)
    assert (worker, task.proofs, task.first, task.last) == ("a", _proofs(range(10)), True, True)


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
    assert [share.units for share in story.job().shares] == [range(10), range(10, 20)]


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
    assert [share.worker for share in story.job("third").shares] == ["a"]


def test_a_job_that_needs_more_than_is_left_does_not_hold_up_others():
    story = Story(workers="abc")
    story.submit("first")
    story.submit("large", replace(DEFAULT, demand=Demand(12, 12)))
    story.tell(on.WorkerGone("c", 3))
    story.tell(on.CancelRequested("first"))
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


@pytest.mark.parametrize("phase", ["contributions", "prove", "aggregate"])
def test_an_idle_worker_takes_what_a_lost_one_had(phase: str):
    story = Story(Limits(max_workers_per_job=2), "abc")
    story.submit()
    if phase != "contributions":
        story.to_prove("ab")
    if phase == "aggregate":
        story.deliver("a")
    commands = story.tell(on.WorkerGone("b", 2))
    assert told(commands) == [
        "worker b was lost: its connection ended",
        "units 5 to 9 go to worker c",
    ]
    assert sent(commands) == [("c", ContributeTask(DEFAULT, 1, 2, range(5, 10)))]
    if phase == "contributions":
        story.to_prove("ac")
    else:
        assert sent(story.contribute("c")) == [("c", ProveTask(range(5, 10), binding_of(story.job())))]
    if phase != "aggregate":
        story.deliver("a")
    ((worker, task),) = sent(story.deliver("c"))
    assert isinstance(task, AggregateTask)
    assert (worker, task.proofs, task.last) == ("a", _proofs(range(10)), True)


def kept(story: Story, worker: str, what: Kept) -> list[do.Command]:
    """A worker hands in what it has made of the task that it has."""
    lease = story.machine.state.workers[worker].lease
    assert lease is not None
    return story.tell(on.WorkKept(worker, CONNECTIONS[worker], "j", lease.number, what))


def piece(start: int, end: int) -> Piece:
    return Piece(start, end, Inline(f"segments {start} to {end}".encode()))


def test_a_successor_goes_on_from_what_was_kept():
    story = Story(Limits(max_workers_per_job=1), "abc")
    story.submit()
    first, second = Committed(7, b"seven"), Committed(3, b"three")
    for each in (first, second):
        assert kept(story, "a", each) == []
    assert sent(story.tell(on.WorkerGone("a", 1))) == [
        ("b", ContributeTask(DEFAULT, 0, 1, range(10), (second, first)))
    ]
    story.to_prove("b")
    assert kept(story, "b", piece(0, 1)) == [do.Hold("j", (piece(0, 1).proof,))]
    for each in (piece(1, 2), piece(0, 2), piece(2, 3)):
        kept(story, "b", each)
    late = on.WorkKept("b", 2, "j", 2, piece(3, 4))
    assert story.tell(late) == [], "of a lease that has ended"
    assert sent(story.tell(on.WorkerGone("b", 2))) == [
        ("c", ContributeTask(DEFAULT, 0, 1, range(10), (second, first)))
    ]
    ((_, task),) = sent(story.contribute("c"))
    assert isinstance(task, ProveTask)
    assert task.pieces == (piece(0, 2), piece(2, 3)), "a piece stands for those inside it"
    story.deliver("c")
    assert story.job().shares[0].pieces == []


def test_another_aggregator_goes_on_from_what_was_kept():
    story = Story(workers="abc")
    to_aggregate(story, "a", "bc")
    kept(story, "a", piece(0, 8))
    ((worker, task),) = sent(story.tell(on.WorkerGone("a", 1)))
    assert isinstance(task, AggregateTask)
    assert (worker, task.pieces) == ("b", (piece(0, 8),))
    ((_, task),) = sent(story.done("b", AggregationResult(None)))
    assert isinstance(task, AggregateTask)
    assert task.pieces == ()


def test_a_worker_of_the_job_takes_what_a_lost_one_had_when_nobody_is_idle():
    story = Story(workers="ab")
    story.submit()
    story.contribute("a")
    commands = story.tell(on.WorkerGone("b", 2))
    assert sent(commands) == [("a", ContributeTask(DEFAULT, 1, 2, range(5, 10)))]
    assert sent(story.to_prove("a")) == [("a", ProveTask(range(5), binding_of(story.job())))]
    assert sent(story.deliver("a")) == [("a", ProveTask(range(5, 10), binding_of(story.job())))]
    ((_, task),) = sent(story.deliver("a"))
    assert isinstance(task, AggregateTask)
    assert (task.proofs, task.last) == (_proofs(range(10)), True)


def test_the_aggregator_too_takes_what_a_lost_worker_had():
    story = Story(workers="ab")
    story.submit()
    story.to_prove("ab")
    story.deliver("a")
    assert sent(story.tell(on.WorkerGone("b", 2))) == [("a", ContributeTask(DEFAULT, 1, 2, range(5, 10)))]
    story.contribute("a")
    ((_, task),) = sent(story.deliver("a"))
    assert isinstance(task, AggregateTask)
    assert (task.first, task.last) == (True, True)


def test_another_worker_aggregates_when_the_aggregator_is_lost():
    story = Story(workers="abc")
    to_aggregate(story, "a", "bc")
    commands = story.tell(on.WorkerGone("a", 1))
    assert told(commands) == ["worker a was lost: its connection ended", "worker b aggregates"]
    ((worker, task),) = sent(commands)
    assert isinstance(task, AggregateTask)
    assert (worker, task.first, task.last) == ("b", True, False)
    ((worker, task),) = sent(story.done("b", AggregationResult(None)))
    assert isinstance(task, AggregateTask)
    assert (task.first, task.last) == (False, True)


def test_a_job_waits_for_a_worker_when_all_are_lost_and_its_clock_stands_still():
    story = Story(Limits(phase1_seconds=100, no_worker_seconds=500, heartbeat_seconds=0), "a")
    story.submit()
    story.tell(on.Tick())
    story.tell(on.WorkerGone("a", 1))
    for _ in range(100):
        story.now += 4
        story.tell(on.Tick())
    assert story.job().state is JobState.RUNNING
    assert sent(story.connect("b")) == [("b", ContributeTask(DEFAULT, 0, 1, range(10)))]
    for _ in range(20):
        story.now += 4
        story.tell(on.Tick())
    assert story.job().state is JobState.RUNNING
    story.tell(on.WorkerGone("b", 2))
    story.now += 500
    story.tell(on.Tick())
    assert failed(story)[:2] == (
        ErrorKind.WORKER_LOST,
        "no worker has been connected for 500 s; start one and submit the job again",
    )


def test_work_that_takes_worker_after_worker_away_fails_its_job_by_name():
    story = Story(Limits(max_workers_per_job=1), "abc")
    story.submit()
    story.tell(on.WorkerGone("a", 1, "killed"))
    story.tell(on.WorkerGone("b", 2, "killed"))
    assert story.job().state is JobState.RUNNING
    story.tell(on.WorkerGone("c", 3, "killed"))
    assert failed(story) == (
        ErrorKind.WORKER_LOST,
        "workers a, b, c were lost at it, the last because killed; "
        "look for what it does to them in their logs",
        Phase.CONTRIBUTIONS,
    )


def test_a_successor_that_contributes_other_digests_is_named():
    story = Story(Limits(max_workers_per_job=1), "ab")
    story.submit()
    story.to_prove("a")
    story.tell(on.WorkerGone("a", 1))
    story.done("b", ContributionResult(Inline(b"others")))
    kind, message, _ = failed(story)
    assert kind is ErrorKind.BAD_CONTRIBUTION
    assert message.startswith("worker b contributes other digests for units [0, 1, 2")


def test_a_worker_that_has_delivered_may_go():
    story = Story(workers="ab")
    story.submit()
    story.to_prove("ab")
    story.deliver("a")
    story.deliver("b")
    story.tell(on.WorkerGone("b", 2))
    assert story.job().state is JobState.RUNNING


def test_what_is_the_same_everywhere_fails_the_job():
    story = Story(workers="ab")
    story.submit()
    commands = story.done("a", FailureResult(ErrorKind.INPUT, "no such file: x"))
    reason = "worker a: no such file: x"
    assert commands == [
        do.CancelTask("a", 1, "j", reason),
        do.CancelTask("b", 2, "j", reason),
        do.Forget("j", ()),
    ]
    assert failed(story) == (ErrorKind.INPUT, reason, Phase.CONTRIBUTIONS)


def test_a_task_that_one_worker_cannot_do_is_done_by_another():
    story = Story(workers="abc")
    story.submit(request=replace(DEFAULT, demand=Demand(4, 4)))
    commands = story.done("a", FailureResult(ErrorKind.WORKER_ERROR, "no memory"))
    assert told(commands) == ["worker a: no memory", "units 0 to 3 go to worker b"]
    assert story.states() == {"a": IDLE, "b": COMPUTING, "c": IDLE}
    story.done("b", FailureResult(ErrorKind.STORE, "no disk"))
    story.done("c", FailureResult(ErrorKind.STORE, "no disk either"))
    assert failed(story)[:2] == (ErrorKind.STORE, "worker c: no disk either")


CANARY = replace(DEFAULT, hash_id="canary", demand=Demand(1, 1))


def in_quarantine() -> Story:
    """A worker that failed at what another one could do."""
    story = Story(Limits(max_workers_per_job=1, quarantine_seconds=10, heartbeat_seconds=0), "ab")
    story.machine.state.canary = CANARY
    story.submit()
    story.done("a", FailureResult(ErrorKind.WORKER_ERROR, "broken"))
    assert story.states() == {"a": IDLE, "b": COMPUTING}, "it may have been the work"
    story.contribute("b")
    story.tell(on.ChallengeDerived("j", b"challenge"))
    story.deliver("b")
    story.done("b", AggregationResult(Inline(b"proof")))
    assert story.states() == {"a": IDLE, "b": IDLE}, "so far it is what b says"
    assert told(story.tell(on.ProofAccepted("j", SUMMARY))) == [
        "worker a failed at what worker b could do; it is in quarantine"
    ]
    assert story.states() == {"a": QUARANTINED, "b": IDLE}
    return story


def test_a_worker_that_fails_at_what_another_can_do_is_given_nothing():
    story = in_quarantine()
    assert [worker for worker, _ in sent(story.submit("next"))] == ["b"]
    story.submit("later")
    assert story.machine.state.queue == ["later"]
    story.tell(on.WorkerGone("a", 1))
    story.connect("a")
    assert story.states() == {"a": QUARANTINED, "b": COMPUTING}, "coming back is no cure"


def test_a_worker_proves_a_canary_and_is_free():
    story = in_quarantine()
    story.now = 10
    assert sent(story.tell(on.Tick())) == [
        ("a", ContributeTask(replace(CANARY, data_id="a"), 0, 1, range(1)))
    ]
    name = "canary-1"
    story.contribute("a", name)
    story.tell(on.ChallengeDerived(name, b"challenge"))
    story.deliver("a", name)
    commands = story.done("a", AggregationResult(Inline(b"proof")), name)
    (check,) = [command for command in commands if isinstance(command, do.CheckProof)]
    assert not check.save
    assert story.states()["a"] is QUARANTINED
    assert told(story.tell(on.ProofAccepted(name, SUMMARY))) == [
        "worker a has proved its canary; its quarantine is over"
    ]
    assert (story.states()["a"], name in story.machine.state.jobs) == (IDLE, False)


@pytest.mark.parametrize("how", ["fails", "is lost"])
def test_a_canary_that_is_not_proved_comes_again_later(how: str):
    story = in_quarantine()
    story.now = 10
    story.tell(on.Tick())
    if how == "fails":
        commands = story.done("a", FailureResult(ErrorKind.WORKER_ERROR, "broken"), "canary-1")
        story.tell(on.WorkerRecovered("a", 1))
    else:
        commands = story.tell(on.WorkerGone("a", 1))
        story.connect("a")
    assert told(commands)[-1] == "worker a stays in quarantine for 20 s more"
    assert story.states()["a"] is QUARANTINED
    story.now = 29
    assert sent(story.tell(on.Tick())) == []
    story.now = 30
    assert len(sent(story.tell(on.Tick()))) == 1


def test_a_task_that_every_worker_failed_at_fails_the_job():
    story = Story(workers="a")
    story.submit()
    story.done("a", FailureResult(ErrorKind.WORKER_ERROR, "no memory"))
    assert failed(story)[:2] == (ErrorKind.WORKER_ERROR, "worker a: no memory")


def test_a_worker_that_has_to_recover_gives_its_work_away():
    story = Story(Limits(max_workers_per_job=1), "ab")
    story.submit()
    story.tell(on.TaskDone("a", 1, "j", 1, FailureResult(ErrorKind.WORKER_ERROR, "stuck"), recovering=True))
    assert story.states() == {"a": RECOVERING, "b": COMPUTING}
    story.tell(on.WorkerRecovered("a", 1))
    assert story.states() == {"a": IDLE, "b": COMPUTING}


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
    again = on.TaskDone("a", 1, "j", 1, ContributionResult(Inline(b"another")))
    assert story.tell(again) == []
    story.contribute("b")
    story.tell(on.ChallengeDerived("j", b"challenge"))
    assert story.tell(again) == []
    assert story.tell(on.ChallengeDerived("j", b"another")) == []
    assert story.job().challenge == b"challenge"
    story.deliver("a")
    assert story.tell(on.TaskDone("a", 1, "j", 3, ProofsResult(()))) == []
    assert story.tell(on.TaskDone("b", 2, "unknown", 4, ProofsResult(()))) == []
    assert story.job().state is JobState.RUNNING


def test_an_answer_that_is_none_to_the_task_fails_the_job():
    story = Story(workers="a")
    story.submit()
    story.done("a", ProofsResult(_proofs(range(10))))
    assert failed(story)[:2] == (
        ErrorKind.WORKER_ERROR,
        "a worker answers a task of phase Contributions with ProofsResult; give all workers one version",
    )


def test_events_of_a_replaced_connection_are_ignored():
    story = Story(workers="a")
    story.submit()
    assert story.tell(on.WorkerGone("a", 99)) == []
    assert story.states() == {"a": COMPUTING}


def test_proofs_of_other_units_are_refused():
    story = Story(workers="ab")
    story.submit()
    story.to_prove("ab")
    story.done("a", ProofsResult(_proofs(range(5, 10))))
    failure = story.job().failure
    assert failure is not None
    assert (failure.kind, failure.message) == (
        ErrorKind.BAD_PROOF,
        "worker a delivered units [5, 6, 7, 8, 9] and holds [0, 1, 2, 3, 4]",
    )


def test_an_aggregator_that_answers_the_last_proofs_with_nothing_is_replaced():
    story = Story(workers="ab")
    to_aggregate(story, "a", "b")
    ((worker, _),) = sent(story.done("a", AggregationResult(None)))
    assert worker == "b"
    story.done("b", AggregationResult(None))
    assert failed(story)[:2] == (
        ErrorKind.BAD_PROOF,
        "aggregator b delivered no final proof after the last unit proofs",
    )


def test_a_proof_that_does_not_hold_is_made_by_another_worker():
    story = Story(workers="ab")
    to_aggregate(story, "a", "b")
    story.done("a", AggregationResult(Inline(b"a lie")))
    commands = story.tell(on.JobWorkFailed("j", ErrorKind.BAD_PROOF, "it does not hold"))
    assert [worker for worker, _ in sent(commands)] == ["b"]
    story.done("b", AggregationResult(Inline(b"proof")))
    story.tell(on.ProofAccepted("j", SUMMARY))
    assert story.job().state is JobState.COMPLETED


def test_a_taken_worker_id_is_refused_and_a_returning_worker_is_not():
    story = Story(workers="a")
    story.submit()
    assert story.tell(on.WorkerConnected("a", 5, 4)) == [
        do.RefuseRegistration(
            "a", 5, "worker id a is already connected; give each worker its own --worker-id"
        )
    ]
    commands = story.tell(on.WorkerConnected("a", 6, 4, reconnecting=True, last_job="j"))
    assert commands[0] == do.CloseConnection(1, "the worker has connected again")
    assert do.ConfirmRegistration("a", 6, 4, do.Directive.CANCEL_STALE_JOB) in commands
    assert sent(commands) == [("a", ContributeTask(DEFAULT, 0, 1, range(10)))]


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
    assert sent(story.submit(request=request)) == [("a", ExecuteTask(request))]
    story.done("a", ExecutionResult(EXECUTION))
    assert (story.job().state, story.job().execution) == (JobState.COMPLETED, EXECUTION)


def test_a_setup_goes_to_every_idle_worker_and_their_keys_must_agree():
    story = Story(workers="ab")
    story.submit(request=replace(DEFAULT, kind=JobKind.SETUP))
    story.done("a", SetupResult(b"key"))
    assert story.states() == {"a": IDLE, "b": COMPUTING}
    story.done("b", SetupResult(b"another key"))
    failure = story.job().failure
    assert failure is not None
    assert failure.message == "worker b derived another key; give all workers one version"


def test_progress_is_the_mean_over_the_shares():
    story = Story(workers="ab")
    story.submit()
    story.tell(on.HeartbeatSeen("a", 1, "j", done=1, total=4))
    assert story.progress() == 0.125
    story.contribute("b")
    assert story.progress() == 0.625


def to_aggregate(story: Story, aggregator: str, others: str) -> None:
    """Bring a job to where the aggregator has a task with the proofs of the first of the others."""
    story.submit()
    story.to_prove(aggregator + others)
    for worker in aggregator + others:
        story.deliver(worker)


def test_aggregation_has_a_progress_and_an_activity_of_its_own():
    story = Story(workers="ab")
    to_aggregate(story, "a", "b")
    worker = story.machine.state.workers["a"]
    assert (story.progress(), worker.activity) == (0.0, "")
    story.tell(on.HeartbeatSeen("a", 1, "j", done=3, total=4, activity="fold"))
    assert (story.progress(), worker.activity) == (0.75, "fold")


def test_proofs_that_are_refused_are_made_by_another_worker_than_theirs():
    story = Story(workers="ab")
    to_aggregate(story, "a", "b")
    commands = story.done("a", FailureResult(ErrorKind.BAD_PROOF, "unit 5 is junk", 5))
    assert told(commands) == [
        "worker a, taking in the proofs of worker b: unit 5 is junk",
        "units 5 to 9 go to worker a",
    ]
    assert sent(commands) == [("a", ContributeTask(DEFAULT, 1, 2, range(5, 10)))]
    story.contribute("a")
    ((_, task),) = sent(story.deliver("a"))
    assert isinstance(task, AggregateTask)
    assert (task.first, task.last, task.proofs) == (True, True, _proofs(range(10)))


def test_an_aggregator_that_fails_is_replaced():
    story = Story(workers="ab")
    to_aggregate(story, "a", "b")
    ((worker, _),) = sent(story.done("a", FailureResult(ErrorKind.WORKER_ERROR, "no memory")))
    assert worker == "b"


@pytest.mark.parametrize(
    ("shown", "counts", "execution"),
    [
        ((None, None), Counts(120, 100), (120, 100)),
        ((119, None), Counts(120, 100), (119, 100)),
        ((None, None), None, (None, None)),
    ],
)
def test_a_worker_tells_the_length_of_the_run_where_the_proof_does_not(
    shown: tuple[int | None, int | None], counts: Counts | None, execution: tuple[int | None, int | None]
):
    story = Story(workers="a")
    story.submit()
    story.to_prove("a")
    story.done("a", ProofsResult(_proofs(range(10)), counts))
    story.done("a", AggregationResult(Inline(b"proof")))
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
