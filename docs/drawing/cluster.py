"""Coordinator and workers, over time."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from drawing.canvas import HIGH, LETTER, WIDTH, Canvas
from drawing.example import CAPACITIES, UNITS
from zisk.choices import DEFAULT_LOG_SIZE, DEFAULT_SECURITY
from zisk.cluster.protocol.payload import Inline
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.jobs import Happening, ProofSummary
from zisk.cluster.scheduling.machine import Coordinator
from zisk.cluster.scheduling.selection import allocate
from zisk.cluster.tasks import (
    AggregateTask,
    AggregationResult,
    ContributeTask,
    ContributionResult,
    Demand,
    Execution,
    JobKind,
    JobRequest,
    ProofsResult,
    ProveTask,
    Result,
    Task,
)

PHASE_X, CLIENT_X, COORDINATOR_X, WORKER_X, WORKER_STEP = 20, 190, 400, 650, 115
ROW, FIRST_ROW = 26, 96

SECONDS = {
    ContributeTask: (3.0, 4.0, 5.0),
    ProveTask: (8.0, 6.0, 14.0),
    AggregateTask: (3.0, 3.0, 3.0),
}
"""How long each worker of the picture is at a task."""

OWN_SECONDS = 1.0
"""How long the coordinator is at work of its own."""

TOLD = {
    Happening.QUEUED: "queued",
    Happening.STARTED: "started",
    Happening.PROGRESS: "progress",
    Happening.COMPLETED: "completed",
}


@dataclass(frozen=True)
class Message:
    """A line of the picture: who says what to whom, in a phase of the job; a worker is its number."""

    sender: str | int
    receiver: str | int
    text: str
    phase: str


def _result(task: Task, units: range) -> Result:
    empty = Inline(b"")
    match task:
        case ContributeTask():
            return ContributionResult(empty)
        case ProveTask():
            return ProofsResult(tuple((unit, empty) for unit in units))
        case AggregateTask(last=last):
            return AggregationResult(empty if last else None)
        case _:
            raise AssertionError("the picture's job is one that proves")


def _units(units: Iterable[int]) -> str:
    known = list(units)
    return f"unit {known[0]}" if len(known) == 1 else f"units {known[0]} to {known[-1]}"


def _asked(task: Task) -> str:
    match task:
        case ContributeTask(units=units):
            return f"contribute {_units(units)}"
        case ProveTask():
            return "prove: all contributions"
        case AggregateTask(proofs=proofs, last=last):
            return f"aggregate {_units(unit for unit, _ in proofs)}{', the last' if last else ''}"
        case _:
            raise AssertionError("the picture's job is one that proves")


def _answered(result: Result) -> str:
    match result:
        case ContributionResult():
            return "contribution"
        case ProofsResult(proofs):
            return f"proofs of {_units(unit for unit, _ in proofs)}"
        case AggregationResult(proof):
            return "taken in" if proof is None else "final proof"
        case _:
            raise AssertionError("the picture's job is one that proves")


def conversation() -> Iterator[Message]:
    """What is said in the job of the pictures, by the coordinator's state machine itself."""
    coordinator = Coordinator()
    empty = Inline(b"")
    request = JobRequest(
        JobKind.PROVE, "guest", empty, Demand(UNITS, UNITS), DEFAULT_LOG_SIZE, DEFAULT_SECURITY
    )
    runs = allocate(UNITS, CAPACITIES)
    order = count()
    waiting: list[tuple[float, int, on.Event]] = [
        (0.0, next(order), on.WorkerConnected(f"{number}", number, capacity))
        for number, capacity in enumerate(CAPACITIES)
    ]
    waiting.append((0.0, next(order), on.JobSubmitted("job", request)))
    told = 0
    while waiting:
        now, _, event = heapq.heappop(waiting)
        known = coordinator.state.jobs.get("job")
        phase = str(known.phase or "") if known is not None else ""
        match event:
            case on.WorkerConnected(connection=number, capacity=capacity):
                yield Message(number, "coordinator", f"register, capacity {capacity}", phase)
            case on.JobSubmitted():
                yield Message("client", "coordinator", f"job: program, input, {UNITS} units", phase)
            case on.TaskDone(connection=number, result=result):
                yield Message(number, "coordinator", _answered(result), phase)
            case _:
                pass
        commands = coordinator.handle(event, now)
        coordinator.validate()
        job = coordinator.state.jobs.get("job")
        if job is None:
            continue
        phase = str(job.phase or "")
        for one in job.events[told:]:
            at = f": {one.phase}" if one.happening is Happening.PROGRESS else ""
            yield Message("coordinator", "client", TOLD[one.happening] + at, phase)
        told = len(job.events)
        for command in commands:
            match command:
                case do.SendTask(connection=number, lease=lease, task=task):
                    yield Message("coordinator", number, _asked(task), phase)
                    done = on.TaskDone(f"{number}", number, "job", lease, _result(task, runs[number]))
                    heapq.heappush(waiting, (now + SECONDS[type(task)][number], next(order), done))
                case do.DeriveChallenge():
                    yield Message("coordinator", "coordinator", "derive the challenge", phase)
                    derived = on.ChallengeDerived("job", b"")
                    heapq.heappush(waiting, (now + OWN_SECONDS, next(order), derived))
                case do.CheckProof():
                    yield Message("coordinator", "coordinator", "check and save the proof", phase)
                    accepted = on.ProofAccepted("job", ProofSummary(Execution(1, 1, 1, 0, ()), b""))
                    heapq.heappush(waiting, (now + OWN_SECONDS, next(order), accepted))
                case _:
                    pass


def cluster() -> str:
    """Who says what to whom in a job that proves."""
    messages = list(conversation())
    places: dict[str | int, float] = {"client": CLIENT_X, "coordinator": COORDINATOR_X}
    places |= {number: WORKER_X + WORKER_STEP * number for number in range(len(CAPACITIES))}
    names = {one: one if isinstance(one, str) else f"worker-{one + 1}" for one in places}
    bottom = FIRST_ROW + ROW * len(messages)
    canvas = Canvas("Coordinator and workers over time")
    canvas.text(20, 26, "A job on a cluster, from top to bottom in time (not to scale)", "title")
    _draw_bands(canvas, messages)
    for one, x in places.items():
        canvas.line(x, FIRST_ROW - 28, x, bottom, "hair")
        width = LETTER * len(names[one]) + 22
        style = "shared" if one == "coordinator" else "core"
        canvas.box(x - width / 2, FIRST_ROW - 54, width, HIGH, style, names[one])
    _draw_work(canvas, messages, places)
    for row, one in enumerate(messages):
        y = FIRST_ROW + ROW * row + 16
        start, end = places[one.sender], places[one.receiver]
        if one.sender == one.receiver:
            canvas.text(start + 12, y, one.text)
            continue
        side = 6 if end > start else -6
        canvas.across(start + side, end - side, y)
        middle = (COORDINATOR_X + (CLIENT_X if "client" in (one.sender, one.receiver) else WORKER_X)) / 2
        canvas.text(middle, y - 5, one.text, anchor="middle")
    for number, note in enumerate(
        (
            "A bar is work. Heartbeats, and large payloads that travel as artifacts, are left out.",
            "The first worker that delivers proofs aggregates; the others are free for another job.",
        )
    ):
        canvas.text(20, bottom + 22 + 16 * number, note, "faint")
    return canvas.svg(bottom + 54)


def _draw_bands(canvas: Canvas, messages: Sequence[Message]) -> None:
    """A band for each phase of the job, and one for what comes before it."""
    start = 0
    for row in range(1, len(messages) + 1):
        if row < len(messages) and messages[row].phase == messages[start].phase:
            continue
        y, height = FIRST_ROW + ROW * start - 2, ROW * (row - start)
        canvas.box(8, y, WIDTH - 16, height, "band", corner=6)
        canvas.line(8, y + height, WIDTH - 8, y + height, "hair")
        canvas.text(PHASE_X, y + 20, messages[start].phase or "Before", "strong")
        start = row


def _draw_work(canvas: Canvas, messages: Sequence[Message], places: dict[str | int, float]) -> None:
    """A bar on a line from a task to its answer."""
    since: dict[str | int, int] = {}
    for row, one in enumerate(messages):
        if one.sender == "coordinator" and isinstance(one.receiver, int):
            since[one.receiver] = row
        elif one.sender in since:
            start, x = since.pop(one.sender), places[one.sender]
            canvas.box(x - 5, FIRST_ROW + ROW * start + 16, 10, ROW * (row - start), "core", corner=2)
        elif one.sender == one.receiver:
            canvas.box(places[one.sender] - 5, FIRST_ROW + ROW * row + 4, 10, ROW - 8, "shared", corner=2)
