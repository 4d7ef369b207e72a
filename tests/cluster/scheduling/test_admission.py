"""What is taken in, what waits, and what is refused."""

from dataclasses import replace

import pytest

from tests.cluster.scheduling.story import DEFAULT, Story
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.jobs import JobState
from zisk.cluster.scheduling.limits import Limits
from zisk.cluster.tasks import (
    Demand,
)
from zisk.errors import ErrorKind


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
