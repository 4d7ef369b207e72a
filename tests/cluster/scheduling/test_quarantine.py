"""Workers that fail at what others can do, and how they come back."""

from dataclasses import replace

import pytest

from tests.cluster.scheduling.story import (
    COMPUTING,
    DEFAULT,
    IDLE,
    QUARANTINED,
    SUMMARY,
    Story,
    sent,
    told,
)
from zisk.cluster.protocol.payload import Inline
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.limits import Limits
from zisk.cluster.tasks import (
    AggregationResult,
    ContributeTask,
    Demand,
    FailureResult,
)
from zisk.errors import ErrorKind

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
