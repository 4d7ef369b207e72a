"""Stories of a job from its beginning to its end, told with a clock of their own."""

from dataclasses import replace

import pytest

from tests.cluster.scheduling.story import (
    COMPUTING,
    CONNECTIONS,
    DEFAULT,
    EXECUTION,
    IDLE,
    INPUT,
    RECOVERING,
    SUMMARY,
    Story,
    contribution_of,
    failed,
    proofs_of,
    sent,
    to_aggregate,
)
from zisk.cluster.protocol.payload import Inline
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.jobs import Happening, JobState, ProofSummary
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.tasks import (
    AggregateTask,
    AggregationResult,
    Binding,
    ContributeTask,
    ContributionResult,
    Counts,
    ExecuteTask,
    ExecutionResult,
    JobKind,
    ProofsResult,
    ProveTask,
    SetupResult,
)
from zisk.errors import ErrorKind


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
    contributions = tuple(map(contribution_of, runs))
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
    first = AggregateTask(
        request, binding, (*proofs_of(runs[1]), *proofs_of(runs[0])), first=True, last=False
    )
    assert sent(story.deliver("a")) == [("b", first)]
    assert story.states() == {"a": IDLE, "b": COMPUTING, "c": COMPUTING}
    assert sent(story.deliver("c")) == []
    last = AggregateTask(request, binding, proofs_of(runs[2]), first=False, last=True)
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
    assert (worker, task.proofs, task.first, task.last) == ("a", proofs_of(range(10)), True, True)


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
    story.done("a", ProofsResult(proofs_of(range(10))))
    assert failed(story)[:2] == (
        ErrorKind.WORKER_ERROR,
        "a worker answers a task of phase Contributions with ProofsResult; give all workers one version",
    )


def test_events_of_a_replaced_connection_are_ignored():
    story = Story(workers="a")
    story.submit()
    assert story.tell(on.WorkerGone("a", 99)) == []
    assert story.states() == {"a": COMPUTING}


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


def test_aggregation_has_a_progress_and_an_activity_of_its_own():
    story = Story(workers="ab")
    to_aggregate(story, "a", "b")
    worker = story.machine.state.workers["a"]
    assert (story.progress(), worker.activity) == (0.0, "")
    story.tell(on.HeartbeatSeen("a", 1, "j", done=3, total=4, activity="fold"))
    assert (story.progress(), worker.activity) == (0.75, "fold")


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
    story.done("a", ProofsResult(proofs_of(range(10)), counts))
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
