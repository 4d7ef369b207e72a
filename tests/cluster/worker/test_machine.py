"""Stories of the worker's state machine, told with a clock of their own."""

from zisk.cluster.protocol.payload import Inline
from zisk.cluster.tasks import AggregateTask, ContributionResult, ProveTask
from zisk.cluster.worker import machine as m
from zisk.cluster.worker.machine import Worker

PROVE = ProveTask((), b"challenge")
AGGREGATE = AggregateTask((), last=True)
RESULT = ContributionResult(Inline(b"made"))


def registered(now: float = 0.0) -> Worker:
    """A worker that is connected and has nothing to do."""
    worker = Worker(heartbeat_timeout=30)
    worker.handle(m.Connected(), now)
    worker.handle(m.Accepted(), now)
    return worker


def test_it_registers_and_says_at_once_that_it_lives():
    worker = Worker()
    assert worker.handle(m.Connected(), 0) == [m.Register(again=False, last_job=None)]
    assert worker.handle(m.Accepted(), 0) == [m.SendHeartbeat("")]


def test_a_task_is_started_and_answered():
    worker = registered()
    assert worker.handle(m.TaskArrived("j", PROVE), 1) == [m.Start("j", PROVE)]
    assert worker.handle(m.TaskEnded(RESULT), 2) == [m.Report("j", PROVE, RESULT)]


def test_tasks_are_done_one_after_another():
    worker = registered()
    worker.handle(m.TaskArrived("j", PROVE), 1)
    assert worker.handle(m.TaskArrived("j", AGGREGATE), 1) == []
    assert worker.handle(m.TaskEnded(RESULT), 2) == [
        m.Report("j", PROVE, RESULT),
        m.Start("j", AGGREGATE),
    ]


def test_what_is_kept_of_a_job_goes_when_another_begins():
    worker = registered()
    worker.handle(m.TaskArrived("j", PROVE), 1)
    worker.handle(m.TaskEnded(RESULT), 2)
    assert worker.handle(m.TaskArrived("k", PROVE), 3) == [m.DropJob("j"), m.Start("k", PROVE)]


def test_a_cancelled_task_is_interrupted_and_its_result_dropped():
    worker = registered()
    worker.handle(m.TaskArrived("j", PROVE), 1)
    assert worker.handle(m.CancelArrived("j"), 2) == [m.Acknowledge("j"), m.Interrupt()]
    assert worker.handle(m.TaskEnded(None), 3) == [m.DropJob("j"), m.ReportRecovered()]
    assert worker.job_id is None


def test_a_task_that_ends_well_after_its_cancellation_is_not_reported():
    worker = registered()
    worker.handle(m.TaskArrived("j", PROVE), 1)
    worker.handle(m.CancelArrived("j"), 2)
    assert worker.handle(m.TaskEnded(RESULT), 3) == [m.DropJob("j"), m.ReportRecovered()]


def test_a_job_cancelled_between_its_tasks_is_dropped_at_once():
    worker = registered()
    worker.handle(m.TaskArrived("j", PROVE), 1)
    worker.handle(m.TaskEnded(RESULT), 2)
    assert worker.handle(m.CancelArrived("j"), 3) == [
        m.Acknowledge("j"),
        m.DropJob("j"),
        m.ReportRecovered(),
    ]


def test_cancelling_a_job_takes_back_what_waits_of_it():
    worker = registered()
    worker.handle(m.TaskArrived("j", PROVE), 1)
    worker.handle(m.TaskArrived("k", PROVE), 1)
    worker.handle(m.CancelArrived("k"), 2)
    assert worker.handle(m.TaskEnded(RESULT), 3) == [m.Report("j", PROVE, RESULT)]


def test_a_lost_connection_ends_the_job_and_the_next_registration_names_it():
    worker = registered()
    worker.handle(m.TaskArrived("j", PROVE), 1)
    assert worker.handle(m.Disconnected(), 2) == [m.Interrupt()]
    assert worker.handle(m.Connected(), 3) == [m.Register(again=True, last_job="j")]
    assert worker.handle(m.Accepted(stale=True), 3) == [m.SendHeartbeat("")]
    assert worker.handle(m.TaskArrived("k", PROVE), 4) == []
    assert worker.handle(m.TaskEnded(None), 5) == [m.DropJob("j"), m.ReportRecovered(), m.Start("k", PROVE)]


def test_a_connection_lost_between_tasks_drops_the_job():
    worker = registered()
    worker.handle(m.TaskArrived("j", PROVE), 1)
    worker.handle(m.TaskEnded(RESULT), 2)
    assert worker.handle(m.Disconnected(), 3) == [m.DropJob("j")]


def test_a_refused_registration_ends_the_connection():
    worker = Worker()
    worker.handle(m.Connected(), 0)
    assert worker.handle(m.Refused(), 0) == [m.Disconnect("registration was refused")]


def test_heartbeats_go_three_times_within_the_timeout():
    worker = registered()
    assert worker.handle(m.Tick(), 9.9) == []
    assert worker.handle(m.Tick(), 10) == [m.SendHeartbeat("")]
    worker.handle(m.TaskArrived("j", PROVE), 11)
    assert worker.handle(m.Tick(), 20) == [m.SendHeartbeat("j")]


def test_progress_is_told_at_once_and_counts_as_a_heartbeat():
    worker = registered()
    assert worker.handle(m.Progressed(), 1) == []
    worker.handle(m.TaskArrived("j", PROVE), 1)
    assert worker.handle(m.Progressed(), 9) == [m.SendHeartbeat("j")]
    assert worker.handle(m.Tick(), 18.9) == []
    worker.handle(m.Disconnected(), 19)
    assert worker.handle(m.Progressed(), 20) == []


def test_a_coordinator_that_is_silent_is_left():
    worker = registered()
    worker.handle(m.Heard(), 5)
    assert worker.handle(m.Tick(), 34) == [m.SendHeartbeat("")]
    assert worker.handle(m.Tick(), 35) == [m.Disconnect("the coordinator was silent for 30 s")]


def test_nothing_is_sent_while_there_is_no_connection():
    worker = Worker()
    assert worker.handle(m.Tick(), 1000) == []
