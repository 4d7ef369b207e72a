"""A drained worker ends the task it has; what it is not at goes to others, and nothing new comes to it."""

import pytest

from tests.cluster.scheduling.story import CONNECTIONS, DEFAULT, Story, sent, told
from zisk.cluster.protocol.payload import Inline
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.jobs import JobState, ProofSummary
from zisk.cluster.scheduling.limits import Limits
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.scheduling.state import WorkerState
from zisk.cluster.tasks import (
    AggregateTask,
    AggregationResult,
    ContributeTask,
    Execution,
    FailureResult,
    ProveTask,
)
from zisk.errors import ErrorKind

IDLE, COMPUTING, DRAINING = WorkerState.IDLE, WorkerState.COMPUTING, WorkerState.DRAINING


def drain(story: Story, worker: str, *, undo: bool = False) -> list[do.Command]:
    return story.tell(on.DrainRequested(worker, undo))


def leave(story: Story, worker: str) -> list[do.Command]:
    return story.tell(on.WorkerDraining(worker, CONNECTIONS[worker]))


def gone(story: Story, worker: str) -> list[do.Command]:
    return story.tell(on.WorkerGone(worker, CONNECTIONS[worker]))


def test_an_idle_worker_is_drained_at_once_and_takes_no_job():
    story = Story(workers="ab")
    drain(story, "a")
    assert story.states() == {"a": DRAINING, "b": IDLE}
    assert story.machine.state.capacity == 4
    assert [worker for worker, _ in sent(story.submit())] == ["b"]


def test_what_was_drained_takes_jobs_again():
    story = Story(workers="a")
    drain(story, "a")
    assert sent(story.submit()) == []
    assert story.job().state is JobState.QUEUED
    assert [worker for worker, _ in sent(drain(story, "a", undo=True))] == ["a"]
    assert story.states() == {"a": COMPUTING}


def test_a_worker_ends_the_task_it_has_and_its_share_goes_on_elsewhere():
    story = Story(workers="ab")
    story.submit()
    assert drain(story, "a") == []
    story.contribute("b")
    assert sent(story.contribute("a")) == []
    story.connect("c")
    commands = story.tell(on.ChallengeDerived("j", b"challenge"))
    assert [(worker, type(task)) for worker, task in sent(commands)] == [
        ("c", ContributeTask),
        ("b", ProveTask),
    ]
    assert told(commands) == ["units 0 to 4 go to worker c"]
    assert story.states() == {"a": DRAINING, "b": COMPUTING, "c": COMPUTING}


def test_without_anybody_else_the_work_waits_with_the_drained_worker():
    story = Story(workers="a")
    story.submit()
    drain(story, "a")
    assert sent(story.to_prove("a")) == []
    assert (story.job().state, story.states()) == (JobState.RUNNING, {"a": COMPUTING})
    assert [type(task) for _, task in sent(drain(story, "a", undo=True))] == [ProveTask]


def test_another_worker_goes_on_with_the_aggregation():
    story = Story(workers="abc")
    story.submit()
    story.to_prove("abc")
    story.deliver("a")
    story.deliver("b")
    assert story.job().aggregator == "a"
    drain(story, "a")
    commands = story.done("a", AggregationResult(None))
    assert told(commands) == ["worker b aggregates"]
    assert story.states() == {"a": DRAINING, "b": COMPUTING, "c": COMPUTING}
    ((worker, task),) = sent(commands)
    assert isinstance(task, AggregateTask)
    assert (worker, task.first, task.last) == ("b", True, False)


def test_a_worker_that_leaves_is_told_that_nothing_more_comes():
    story = Story(workers="ab")
    assert leave(story, "a") == [do.ConfirmDrain(CONNECTIONS["a"])]
    drain(story, "a", undo=True)
    assert story.states() == {"a": DRAINING, "b": IDLE}


def test_who_left_because_it_was_told_to_does_not_count_as_lost_at_its_task():
    story = Story(workers="a")
    story.submit()
    for _ in range(4):
        leave(story, "a")
        assert told(gone(story, "a")) == ["worker a left: it was told to end"]
        story.connect("a")
    assert (story.job().state, story.job().shares[0].lost) == (JobState.RUNNING, {})


def test_a_worker_that_connects_again_is_drained_still_and_one_that_is_started_again_is_not():
    story = Story(workers="a")
    drain(story, "a")
    gone(story, "a")
    story.tell(on.WorkerConnected("a", CONNECTIONS["a"], 4, "", True))
    assert story.states() == {"a": DRAINING}
    gone(story, "a")
    story.connect("a")
    assert story.states() == {"a": IDLE}


def test_a_worker_that_winds_down_is_drained_when_it_is_ready():
    story = Story(workers="a")
    story.submit()
    story.tell(on.CancelRequested("j"))
    drain(story, "a")
    assert story.states() == {"a": WorkerState.RECOVERING}
    story.tell(on.WorkerRecovered("a", CONNECTIONS["a"]))
    assert story.states() == {"a": DRAINING}


@pytest.mark.parametrize("undo", [False, True])
def test_a_worker_that_is_not_there_is_not_drained(undo: bool):
    story = Story(workers="a")
    assert drain(story, "b", undo=undo) == []
    assert story.states() == {"a": IDLE}


def test_a_drained_member_takes_no_place_from_who_goes_on():
    story = Story(Limits(max_workers_per_job=1), workers="ab")
    story.submit()
    drain(story, "a")
    story.done("a", FailureResult(ErrorKind.WORKER_ERROR, "no"))
    assert story.states() == {"a": DRAINING, "b": COMPUTING}


def test_the_journal_tells_what_happened_in_order():
    story = Story(workers="a")
    story.submit(request=DEFAULT)
    drain(story, "a")
    drain(story, "a", undo=True)
    gone(story, "a")
    story.tell(on.CancelRequested("j"))
    journal = story.machine.state.journal
    assert [(entry.job_id, entry.worker_id, entry.text) for entry in journal.after(0)] == [
        ("", "a", "connected with 4 units"),
        ("j", "", "queued"),
        ("j", "", "started"),
        ("", "a", "drains"),
        ("", "a", "is given tasks again"),
        ("", "a", "gone: its connection ended"),
        ("j", "", "worker a was lost: its connection ended"),
        ("j", "", "cancelled"),
    ]
    assert [entry.number for entry in journal.after(6)] == [7, 8]
    assert journal.after(8) == []


def test_the_journal_tells_phases_and_why_a_job_failed():
    story = Story(workers="a")
    story.submit()
    story.to_prove("a")
    story.deliver("a")
    story.done("a", AggregationResult(Inline(b"proof")))
    execution = Execution(steps=1, cycles=1, segments=1, exit_code=0, outputs=(0,) * 64)
    story.tell(on.ProofAccepted("j", ProofSummary(execution, b"key")))
    story.submit("k")
    story.done("a", FailureResult(ErrorKind.GUEST_FAULT, "unimp"), "k")
    texts = [entry.text for entry in story.machine.state.journal.after(1)]
    assert texts == [
        *("queued", "started", f"phase {Phase.PROVE}", f"phase {Phase.AGGREGATE}", "completed"),
        *("queued", "started", "failed: worker a: unimp"),
    ]
