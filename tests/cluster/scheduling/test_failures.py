"""Workers that are lost, or cannot do what they are given: who goes on, and from where."""

from dataclasses import replace

import pytest

from tests.cluster.scheduling.story import (
    COMPUTING,
    CONNECTIONS,
    DEFAULT,
    IDLE,
    RECOVERING,
    SUMMARY,
    Story,
    failed,
    proofs_of,
    sent,
    to_aggregate,
    told,
)
from zisk.cluster.protocol.payload import Inline
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.dealing import binding_of
from zisk.cluster.scheduling.jobs import JobState
from zisk.cluster.scheduling.limits import Limits
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.tasks import (
    AggregateTask,
    AggregationResult,
    Committed,
    ContributeTask,
    ContributionResult,
    Demand,
    FailureResult,
    Kept,
    Piece,
    ProofsResult,
    ProveTask,
)
from zisk.errors import ErrorKind


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
    assert (worker, task.proofs, task.last) == ("a", proofs_of(range(10)), True)


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


def test_commitments_that_do_not_fit_are_made_anew_and_held_against_nobody():
    story = Story(Limits(max_workers_per_job=1), "ab")
    story.submit()
    kept(story, "a", Committed(1 << 30, b"a segment that no run has"))
    story.tell(on.WorkerGone("a", 1))
    refused = FailureResult(ErrorKind.BAD_CONTRIBUTION, "segment 1073741824 is said to be committed already")
    assert sent(story.done("b", refused)) == [("b", ContributeTask(DEFAULT, 0, 1, range(10)))]
    assert story.job().shares[0].failed == {}
    story.done("b", refused)
    assert failed(story)[0] is ErrorKind.BAD_CONTRIBUTION, "what it builds on now is its own"


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
    assert (task.proofs, task.last) == (proofs_of(range(10)), True)


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


def test_proofs_of_other_units_are_refused():
    story = Story(workers="ab")
    story.submit()
    story.to_prove("ab")
    story.done("a", ProofsResult(proofs_of(range(5, 10))))
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
    assert (task.first, task.last, task.proofs) == (True, True, proofs_of(range(10)))


def test_an_aggregator_that_fails_is_replaced():
    story = Story(workers="ab")
    to_aggregate(story, "a", "b")
    ((worker, _),) = sent(story.done("a", FailureResult(ErrorKind.WORKER_ERROR, "no memory")))
    assert worker == "b"
