"""What time brings about."""

import pytest

from tests.cluster.scheduling.story import DEFAULT, IDLE, Story, failed, sent
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.jobs import JobState
from zisk.cluster.scheduling.limits import Limits
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.tasks import (
    ContributeTask,
)
from zisk.errors import ErrorKind


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
