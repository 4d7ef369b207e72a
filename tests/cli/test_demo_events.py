"""What the logs of a demonstration's workers say about when they were at what."""

from zisk.cli.demo.events import PhaseEvent, TaskEvent, spans_of, worker_events
from zisk.cli.demo.timeline import Span

FIRST = """\
2026-11-20T10:00:00.000Z  INFO registered as worker worker-1 (capacity 5)
2026-11-20T10:00:00.500Z  INFO job 1-2: SetupTask
2026-11-20T10:00:00.600Z DEBUG phase setup 0/3
2026-11-20T10:00:00.700Z DEBUG phase setup 3/3
2026-11-20T10:00:01.000Z  INFO job 3-4: ContributeTask
2026-11-20T10:00:01.250Z DEBUG phase execute
2026-11-20T10:00:02.750Z DEBUG phase execute done in 1.500 s
2026-11-20T10:00:03.000Z  INFO job 3-4: ContributeTask done
2026-11-20T10:00:03.500Z  INFO job 3-4: ProveTask
2026-11-20T10:00:03.500Z DEBUG phase prove 0/2
2026-11-20T10:00:03.500Z DEBUG phase fold 0/3
2026-11-20T10:00:04.500Z DEBUG phase prove 1/2
2026-11-20T10:00:04.500Z DEBUG phase set up circuit: core leaf 16
2026-11-20T10:00:06.500Z DEBUG phase set up circuit: core leaf 16 done in 2.000 s
2026-11-20T10:00:07.000Z DEBUG phase fold 1/3
2026-11-20T10:00:07.750Z DEBUG phase prove 2/2
2026-11-20T10:00:08.000Z DEBUG phase fold 2/3
2026-11-20T10:00:08.250Z DEBUG phase fold 3/3
2026-11-20T10:00:08.250Z DEBUG phase fold done in 4.750 s
2026-11-20T10:00:08.250Z DEBUG phase prove done in 4.750 s
2026-11-20T10:00:08.500Z  INFO job 3-4: ProveTask done
2026-11-20T10:00:09.000Z  INFO job 3-4: AggregateTask
2026-11-20T10:00:09.000Z DEBUG phase fold 0/1
2026-11-20T10:00:09.500Z DEBUG phase fold 1/1
2026-11-20T10:00:09.500Z DEBUG phase fold done in 0.500 s
2026-11-20T10:00:09.500Z DEBUG phase final proof 0/2
2026-11-20T10:00:10.000Z DEBUG phase final proof 1/2
2026-11-20T10:00:11.000Z DEBUG phase final proof 2/2
2026-11-20T10:00:11.000Z DEBUG phase final proof done in 1.500 s
2026-11-20T10:00:11.000Z  INFO job 3-4: AggregateTask done
2026-11-20T10:00:12.000Z  INFO stopped
""".splitlines()

SECOND = """\
2026-11-20T10:00:01.250Z  INFO job 3-4: ContributeTask
2026-11-20T10:00:02.750Z  INFO job 3-4: ContributeTask done
2026-11-20T10:00:03.500Z  INFO job 3-4: ProveTask
2026-11-20T10:00:04.500Z  INFO job 3-4: ProveTask done
""".splitlines()


def test_lines_are_tasks_and_phases() -> None:
    start = worker_events(SECOND)[0].at
    assert worker_events(FIRST[4:8]) == [
        TaskEvent(start - 0.25, "contributions", ended=False),
        PhaseEvent(start, "execute", ended=False),
        PhaseEvent(start + 1.5, "execute", ended=True),
        TaskEvent(start + 1.75, "contributions", ended=True),
    ]
    assert worker_events(FIRST[11:14]) == [
        PhaseEvent(start + 3.25, "prove", ended=False, done=1, total=2),
        PhaseEvent(start + 3.25, "set up circuit: core leaf 16", ended=False),
        PhaseEvent(start + 5.25, "set up circuit: core leaf 16", ended=True),
    ]


def test_time_belongs_to_the_step_that_it_ends_in() -> None:
    events = {"worker-1": worker_events(FIRST), "worker-2": worker_events(SECOND)}
    assert spans_of(events) == [
        Span("worker-1", "contributions", 0.0, 2.0),
        Span("worker-1", "prove", 2.5, 3.5),
        Span("worker-1", "set up", 3.5, 5.5),
        Span("worker-1", "fold", 5.5, 6.0),
        Span("worker-1", "prove", 6.0, 6.75),
        Span("worker-1", "fold", 6.75, 7.5),
        Span("worker-1", "fold", 8.0, 8.5),
        Span("worker-1", "final proof", 8.5, 10.0),
        Span("worker-2", "contributions", 0.25, 1.75),
        Span("worker-2", "prove", 2.5, 3.5),
    ]


def test_logs_without_tasks_have_no_spans() -> None:
    assert spans_of({"worker-1": worker_events(FIRST[:1] + FIRST[-1:])}) == []
