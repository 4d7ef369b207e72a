"""What the logs of a demonstration say about its phases."""

from zisk.cli.demo.events import completion, spans_of, task_events
from zisk.cli.demo.timeline import Span

FIRST = """\
2026-11-20T10:00:00.000Z  INFO registered as worker worker-1 (capacity 5)
2026-11-20T10:00:00.500Z  INFO job 1-2: SetupTask
2026-11-20T10:00:01.000Z  INFO job 3-4: ContributeTask
2026-11-20T10:00:03.000Z  INFO job 3-4: ProveTask
2026-11-20T10:00:07.000Z  INFO job 3-4: AggregateTask
2026-11-20T10:00:08.000Z  INFO stopped
""".splitlines()

SECOND = """\
2026-11-20T10:00:01.250Z  INFO job 3-4: ContributeTask
2026-11-20T10:00:02.750Z  INFO job 3-4: ContributeTask done in 1.500 s
2026-11-20T10:00:03.000Z  INFO job 3-4: ProveTask
""".splitlines()

COORDINATOR = """\
2026-11-20T10:00:00.900Z  INFO job 1-2: completed
2026-11-20T10:00:09.500Z  INFO job 3-4: completed
""".splitlines()


def test_the_last_completion_counts() -> None:
    at = completion(COORDINATOR)
    assert at is not None
    assert at - task_events(FIRST)[0].at == 8.5
    assert completion(COORDINATOR[:0]) is None


def test_a_phase_lasts_until_its_end_is_told_or_the_next_begins() -> None:
    events = {"worker-1": task_events(FIRST), "worker-2": task_events(SECOND)}
    assert spans_of(events, completion(COORDINATOR) or 0.0) == [
        Span("worker-1", "contributions", 0.0, 2.0),
        Span("worker-1", "prove", 2.0, 6.0),
        Span("worker-1", "aggregate", 6.0, 8.5),
        Span("worker-2", "contributions", 0.25, 1.75),
        Span("worker-2", "prove", 2.0, 6.0),
    ]


def test_logs_without_tasks_have_no_spans() -> None:
    assert spans_of({"worker-1": task_events(COORDINATOR)}, 0.0) == []
