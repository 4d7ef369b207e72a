"""What a job waits for is said with its cause, and since when."""

from dataclasses import replace

from tests.cluster.scheduling.story import CONNECTIONS, DEFAULT, Story
from zisk.cluster.protocol.payload import Inline
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.explain import explain
from zisk.cluster.scheduling.limits import Limits
from zisk.cluster.tasks import AggregationResult, Demand, FailureResult, JobKind
from zisk.errors import ErrorKind


def reasons(story: Story, job: str = "j") -> list[tuple[str, str, float | None]]:
    """What is said of a job, and since when that is so."""
    machine = story.machine
    told = explain(machine.state, machine.limits, story.job(job), story.now)
    return [(reason.subject, reason.text, reason.since) for reason in told]


def says(story: Story, worker: str, activity: str, job: str = "j") -> None:
    story.tell(on.HeartbeatSeen(worker, CONNECTIONS[worker], job, 1, 2, activity))


def gone(story: Story, worker: str) -> None:
    story.tell(on.WorkerGone(worker, CONNECTIONS[worker]))


def test_a_job_behind_another_says_its_place_and_who_is_at_what():
    story = Story(workers="a")
    story.submit("i")
    story.now = 5.0
    story.submit("k")
    story.submit("j")
    says(story, "a", "commit 3/7", "i")
    story.now = 9.0
    assert reasons(story) == [
        ("job", "it is number 2 of 2 in the queue; ahead: k", 5.0),
        ("capacity", "it starts with 4 compute units; 0 are idle, 4 connected", None),
        ("worker a", "is at units 0 to 9 of job i, commit 3/7, last heard 4 s ago", 0.0),
        ("queue", "job k is ahead and takes the next workers that are free", None),
    ]


def test_a_job_without_workers_says_since_when():
    story = Story(workers="a")
    story.submit("i")
    story.submit()
    story.now = 3.0
    gone(story, "a")
    story.now = 7.0
    assert reasons(story) == [
        ("job", "it is number 1 of 1 in the queue", 0.0),
        ("workers", "none is connected; start one with zisk-worker", 3.0),
    ]
    assert reasons(story, "i") == [
        ("workers", "none is connected; with none for 600 s the job ends", 3.0),
        (
            "units 0 to 9",
            "nobody has them: worker a was lost: its connection ended; no other worker is connected",
            3.0,
        ),
    ]


def test_a_job_that_asks_for_more_than_there_is_says_how_much():
    story = Story(Limits(max_workers_per_job=2), workers="abc")
    story.submit(request=replace(DEFAULT, demand=Demand(8, 8)))
    gone(story, "c")
    story.submit("k", request=replace(DEFAULT, demand=Demand(8, 8)))
    gone(story, "b")
    assert reasons(story, "k")[1:] == [
        (
            "capacity",
            "it starts with 8 compute units; 0 are idle, 4 connected, 4 of them on the 2 workers that one "
            "job may have; start more workers, or cancel it and ask for less",
            None,
        ),
    ]


def test_drained_workers_are_told_apart_from_none():
    story = Story(workers="a")
    story.tell(on.DrainRequested("a"))
    story.submit()
    assert reasons(story)[1:] == [
        (
            "workers",
            "all are drained; start another, or take one back with zisk cluster drain WORKER --undo",
            None,
        ),
    ]


def test_many_workers_are_counted():
    story = Story()
    for number in range(8):
        story.tell(on.WorkerConnected(f"w{number}", number + 1, 1))
    story.submit("i", request=replace(DEFAULT, demand=Demand(8, None)))
    story.submit(request=replace(DEFAULT, kind=JobKind.EXECUTE))
    told = reasons(story)
    assert [subject for subject, _, _ in told[1:6]] == [f"worker w{number}" for number in range(5)]
    assert told[6:] == [("workers", "3 more are busy or drained", None)]


def test_each_share_of_a_running_job_says_what_it_is_at():
    story = Story(workers="abc")
    story.submit()
    story.contribute("a")
    story.now = 2.0
    says(story, "b", "commit 1/2")
    gone(story, "c")
    story.now = 6.0
    assert reasons(story) == [
        ("units 0 to 3", "worker a has contributed; the challenge waits for the others", 0.0),
        ("units 4 to 6", "worker b is at it, commit 1/2, last heard 4 s ago", 0.0),
        ("units 7 to 9", "worker a is at it, last heard 6 s ago", 2.0),
    ]


def test_a_share_waits_for_its_worker_to_end_another():
    story = Story(workers="ab")
    story.submit()
    story.to_prove("ab")
    story.now = 4.0
    gone(story, "b")
    assert reasons(story) == [
        ("units 0 to 4", "worker a is at it, last heard 4 s ago", 0.0),
        ("units 5 to 9", "nobody has them: worker b was lost: its connection ended; busy: a", 4.0),
    ]


def test_a_share_that_somebody_failed_at_says_who_and_why():
    story = Story(workers="ab")
    story.submit()
    story.now = 1.0
    story.done("a", FailureResult(ErrorKind.WORKER_ERROR, "bad luck"))
    assert reasons(story)[0] == ("units 0 to 4", "nobody has them: worker a: bad luck; busy: b", 1.0)


def test_what_waits_with_a_drained_worker_says_so():
    story = Story(workers="a")
    story.submit()
    story.tell(on.DrainRequested("a"))
    story.to_prove("a")
    assert reasons(story) == [
        (
            "units 0 to 9",
            "worker a is drained, and nobody else takes them: no other worker is connected",
            0.0,
        ),
    ]


def test_the_coordinators_own_work_is_named():
    story = Story(workers="a")
    story.submit()
    story.contribute("a")
    assert reasons(story)[0] == ("coordinator", "it derives the challenge", None)
    story.tell(on.ChallengeDerived("j", b"challenge"))
    story.deliver("a")
    story.done("a", AggregationResult(Inline(b"proof")))
    assert reasons(story) == [("coordinator", "it checks the proof", None)]


def test_the_aggregation_says_who_has_it_and_what_it_waits_for():
    story = Story(workers="abc")
    story.submit()
    story.to_prove("abc")
    story.deliver("a")
    assert reasons(story)[-1] == (
        "aggregation",
        "worker a has taken in 0 of 3 shares and waits for the rest",
        0.0,
    )
    story.now = 3.0
    story.deliver("b")
    says(story, "a", "fold 1/2")
    assert reasons(story)[-1] == ("aggregation", "worker a is at it, fold 1/2, last heard 0 s ago", 3.0)
    gone(story, "a")
    assert reasons(story)[-1][1] == "worker b is at it, last heard 0 s ago"
    gone(story, "b")
    assert reasons(story)[-1][1] == (
        "nobody does it: worker a was lost: its connection ended; worker b was lost: its connection ended; "
        "busy: c"
    )


def test_a_drained_aggregator_without_a_successor_is_named():
    story = Story(workers="a")
    story.submit()
    story.to_prove("a")
    story.tell(on.DrainRequested("a"))
    story.deliver("a")
    assert reasons(story) == [("aggregation", "nobody does it: drained: a", 0.0)]


def test_a_job_that_is_over_says_how():
    story = Story(workers="a")
    story.submit()
    story.now = 2.0
    story.tell(on.CancelRequested("j"))
    assert reasons(story) == [("job", "it is over: cancelled", 2.0)]
    story.tell(on.WorkerRecovered("a", CONNECTIONS["a"]))
    story.submit("k")
    story.done("a", FailureResult(ErrorKind.GUEST_FAULT, "unimp"), "k")
    assert reasons(story, "k") == [("job", "it failed in phase Contributions: worker a: unimp", 2.0)]


def test_a_worker_that_winds_down_is_named():
    story = Story(workers="a")
    story.submit("i")
    story.submit()
    story.tell(on.CancelRequested("i"))
    assert reasons(story)[-1] == (
        "worker a",
        "winds down after a job that has ended, last heard 0 s ago",
        None,
    )


def test_an_aggregator_that_is_drained_before_the_last_share_says_that_nobody_follows():
    story = Story(workers="ab")
    story.submit()
    story.to_prove("ab")
    story.deliver("a")
    story.tell(on.DrainRequested("a"))
    assert reasons(story)[-1] == (
        "aggregation",
        "worker a, which has taken in 0 of 2 shares, is drained, and nobody else does it: busy: b",
        0.0,
    )
