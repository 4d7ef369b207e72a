"""Stories of the worker's state machine, told with a clock of their own."""

from zisk.cluster.protocol.payload import Inline
from zisk.cluster.tasks import (
    AggregateTask,
    Binding,
    ContributionResult,
    Demand,
    JobKind,
    JobRequest,
    ProveTask,
)
from zisk.cluster.worker import commands as do
from zisk.cluster.worker import events as on
from zisk.cluster.worker.machine import Worker

REQUEST = JobRequest(JobKind.PROVE, "hash", Inline(b""), Demand(4, None), 20, 128)
BINDING = Binding((), b"challenge")
PROVE = ProveTask(range(4), BINDING)
AGGREGATE = AggregateTask(REQUEST, BINDING, (), first=True, last=True)
RESULT = ContributionResult(Inline(b"made"))


def registered(now: float = 0.0) -> Worker:
    """A worker that is connected and has nothing to do."""
    worker = Worker(heartbeat_timeout=30)
    worker.handle(on.Connected(), now)
    worker.handle(on.Accepted(), now)
    return worker


def test_it_registers_and_says_at_once_that_it_lives():
    worker = Worker()
    assert worker.handle(on.Connected(), 0) == [do.Register(again=False, last_job=None)]
    assert worker.handle(on.Accepted(), 0) == [do.SendHeartbeat("")]


def test_a_task_is_started_and_answered():
    worker = registered()
    assert worker.handle(on.TaskArrived("j", 1, PROVE), 1) == [do.Start("j", 1, PROVE)]
    assert worker.handle(on.TaskEnded(RESULT), 2) == [do.Report("j", 1, PROVE, RESULT)]


def test_tasks_are_done_one_after_another():
    worker = registered()
    worker.handle(on.TaskArrived("j", 1, PROVE), 1)
    assert worker.handle(on.TaskArrived("j", 1, AGGREGATE), 1) == []
    assert worker.handle(on.TaskEnded(RESULT), 2) == [
        do.Report("j", 1, PROVE, RESULT),
        do.Start("j", 1, AGGREGATE),
    ]


def test_what_is_kept_of_a_job_goes_when_another_begins():
    worker = registered()
    worker.handle(on.TaskArrived("j", 1, PROVE), 1)
    worker.handle(on.TaskEnded(RESULT), 2)
    assert worker.handle(on.TaskArrived("k", 1, PROVE), 3) == [do.DropJob("j"), do.Start("k", 1, PROVE)]


def test_a_cancelled_task_is_interrupted_and_its_result_dropped():
    worker = registered()
    worker.handle(on.TaskArrived("j", 1, PROVE), 1)
    assert worker.handle(on.CancelArrived("j"), 2) == [do.Acknowledge("j"), do.Interrupt()]
    assert worker.handle(on.TaskEnded(None), 3) == [do.DropJob("j"), do.ReportRecovered()]
    assert worker.job_id is None


def test_a_task_that_ends_well_after_its_cancellation_is_not_reported():
    worker = registered()
    worker.handle(on.TaskArrived("j", 1, PROVE), 1)
    worker.handle(on.CancelArrived("j"), 2)
    assert worker.handle(on.TaskEnded(RESULT), 3) == [do.DropJob("j"), do.ReportRecovered()]


def test_a_job_cancelled_between_its_tasks_is_dropped_at_once():
    worker = registered()
    worker.handle(on.TaskArrived("j", 1, PROVE), 1)
    worker.handle(on.TaskEnded(RESULT), 2)
    assert worker.handle(on.CancelArrived("j"), 3) == [
        do.Acknowledge("j"),
        do.DropJob("j"),
        do.ReportRecovered(),
    ]


def test_cancelling_a_job_takes_back_what_waits_of_it():
    worker = registered()
    worker.handle(on.TaskArrived("j", 1, PROVE), 1)
    worker.handle(on.TaskArrived("k", 1, PROVE), 1)
    worker.handle(on.CancelArrived("k"), 2)
    assert worker.handle(on.TaskEnded(RESULT), 3) == [do.Report("j", 1, PROVE, RESULT)]


def test_a_lost_connection_ends_the_job_and_the_next_registration_names_it():
    worker = registered()
    worker.handle(on.TaskArrived("j", 1, PROVE), 1)
    assert worker.handle(on.Disconnected(), 2) == [do.Interrupt()]
    assert worker.handle(on.Connected(), 3) == [do.Register(again=True, last_job="j")]
    assert worker.handle(on.Accepted(stale=True), 3) == [do.SendHeartbeat("")]
    assert worker.handle(on.TaskArrived("k", 1, PROVE), 4) == []
    assert worker.handle(on.TaskEnded(None), 5) == [
        do.DropJob("j"),
        do.ReportRecovered(),
        do.Start("k", 1, PROVE),
    ]


def test_a_connection_lost_between_tasks_drops_the_job():
    worker = registered()
    worker.handle(on.TaskArrived("j", 1, PROVE), 1)
    worker.handle(on.TaskEnded(RESULT), 2)
    assert worker.handle(on.Disconnected(), 3) == [do.DropJob("j")]


def test_a_refused_registration_ends_the_connection():
    worker = Worker()
    worker.handle(on.Connected(), 0)
    assert worker.handle(on.Refused(), 0) == [do.Disconnect("registration was refused")]


def test_heartbeats_go_three_times_within_the_timeout():
    worker = registered()
    assert worker.handle(on.Tick(), 9.9) == []
    assert worker.handle(on.Tick(), 10) == [do.SendHeartbeat("")]
    worker.handle(on.TaskArrived("j", 1, PROVE), 11)
    assert worker.handle(on.Tick(), 20) == [do.SendHeartbeat("j")]


def test_progress_is_told_at_once_and_counts_as_a_heartbeat():
    worker = registered()
    assert worker.handle(on.Progressed(), 1) == []
    worker.handle(on.TaskArrived("j", 1, PROVE), 1)
    assert worker.handle(on.Progressed(), 9) == [do.SendHeartbeat("j")]
    assert worker.handle(on.Tick(), 18.9) == []
    worker.handle(on.Disconnected(), 19)
    assert worker.handle(on.Progressed(), 20) == []


def test_a_coordinator_that_is_silent_is_left():
    worker = registered()
    worker.handle(on.Heard(), 5)
    worker.handle(on.Tick(), 20)
    assert worker.handle(on.Tick(), 34) == [do.SendHeartbeat("")]
    assert worker.handle(on.Tick(), 35) == [do.Disconnect("the coordinator was silent for 30 s")]


def test_a_worker_that_was_stopped_asks_before_it_judges():
    worker = registered()
    worker.handle(on.Tick(), 1)
    assert worker.handle(on.Tick(), 61) == [do.SendHeartbeat("")]
    for now in range(62, 91):
        assert do.Disconnect("the coordinator was silent for 30 s") not in worker.handle(on.Tick(), now)
    assert worker.handle(on.Tick(), 91) == [do.Disconnect("the coordinator was silent for 30 s")]


def test_nothing_is_sent_while_there_is_no_connection():
    worker = Worker()
    assert worker.handle(on.Tick(), 1000) == []


def test_a_worker_that_is_to_end_says_so_and_leaves_when_nothing_more_comes():
    worker = registered()
    assert worker.handle(on.EndRequested(), 1) == [do.AnnounceDrain()]
    assert worker.handle(on.DrainConfirmed(), 1) == [do.Leave()]
    assert worker.handle(on.Tick(), 2) == []


def test_it_ends_what_it_has_and_what_comes_before_the_coordinator_knows():
    worker = registered()
    worker.handle(on.TaskArrived("j", 1, PROVE), 1)
    assert worker.handle(on.EndRequested(), 2) == [do.AnnounceDrain()]
    assert worker.handle(on.TaskArrived("j", 2, AGGREGATE), 2) == []
    assert worker.handle(on.DrainConfirmed(), 3) == []
    assert worker.handle(on.TaskEnded(RESULT), 4) == [
        do.Report("j", 1, PROVE, RESULT),
        do.Start("j", 2, AGGREGATE),
    ]
    assert worker.handle(on.TaskEnded(RESULT), 5) == [do.Report("j", 2, AGGREGATE, RESULT), do.Leave()]


def test_a_worker_without_a_connection_leaves_at_once():
    assert Worker().handle(on.EndRequested(), 0) == [do.Leave()]


def test_a_connection_that_ends_meanwhile_ends_the_waiting_too():
    worker = registered()
    worker.handle(on.TaskArrived("j", 1, PROVE), 1)
    worker.handle(on.EndRequested(), 2)
    assert worker.handle(on.Disconnected(), 3) == [do.Interrupt()]
    assert worker.handle(on.TaskEnded(None), 4) == [do.DropJob("j"), do.Leave()]


def test_a_worker_that_connects_again_while_it_ends_says_so_again():
    worker = registered()
    worker.handle(on.TaskArrived("j", 1, PROVE), 1)
    worker.handle(on.EndRequested(), 2)
    worker.handle(on.DrainConfirmed(), 2)
    worker.handle(on.Disconnected(), 3)
    worker.handle(on.Connected(), 4)
    assert worker.handle(on.Accepted(), 5) == [do.SendHeartbeat(""), do.AnnounceDrain()]
