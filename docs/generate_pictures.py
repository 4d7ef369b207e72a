"""Draw the pictures of the pages into `docs/pictures`: `python docs/generate_pictures.py`.

Each picture is drawn from the code: the tree of a job from the rules that share segments out and fold them,
the talk of a cluster from the coordinator's own state machine, tables and buses from the AIRs of the kinds.
"""

from __future__ import annotations

import ast
import heapq
import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import accumulate, count, pairwise
from pathlib import Path

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
from zisk.proof_format.units import segments_of_units
from zisk.prover.fold_tree import FoldTree, Span, fold_tree
from zisk.stark.air import Bus
from zisk.stark.expression import Scope
from zisk.stark.kind import Kind
from zisk.stark.public_values import PublicTerm, Term
from zisk.vm.kinds import KINDS, core_families
from zisk.vm.memory_map import OUTPUT_WORDS
from zisk.vm.segment_kind import JobValues
from zisk.vm.tables import buses

FOLDER = Path(__file__).with_name("pictures")

SEGMENTS = {"core": 6, "edges": 1}
UNITS = 4
CAPACITIES = (2, 1, 1)
"""The job of the pictures: its segments of each kind, its compute units, the capacities of its workers."""

WIDTH = 960
LETTER = 6.9
"""Pixels that a letter of a label takes at most."""

STYLE = """
text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 14px }
.strong { font-weight: 600 }
.faint { fill: #59636e; font-size: 11px }
.paper { fill: #ffffff }
.band { fill: #f6f8fa }
.line { stroke: #59636e; fill: none }
.hair { stroke: #c4ccd4; fill: none }
.head, .dot { fill: #59636e }
.ring { fill: #ffffff; stroke: #59636e; stroke-width: 2 }
.frame { fill: none; stroke: #818b98; stroke-dasharray: 5 4 }
.core { fill: #ddf4ff; stroke: #0969da }
.edges { fill: #fff1c2; stroke: #9a6700 }
.circuit { fill: #dafbe1; stroke: #1a7f37 }
.shared { fill: #fbefff; stroke: #8250df }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.faint { fill: #9198a1 }
.paper { fill: #0d1117 }
.band { fill: #161b22 }
.line { stroke: #9198a1 }
.hair { stroke: #3d444d }
.head, .dot { fill: #9198a1 }
.ring { fill: #0d1117; stroke: #9198a1 }
.frame { stroke: #656c76 }
.core { fill: #0c2d4f; stroke: #4493f8 }
.edges { fill: #3b2a08; stroke: #d29922 }
.circuit { fill: #0f3319; stroke: #3fb950 }
.shared { fill: #2c1a4a; stroke: #ab7df8 }
}
"""


@dataclass
class Canvas:
    """An SVG of `WIDTH` pixels; what is drawn later lies above."""

    title: str
    parts: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, text: str, style: str = "", anchor: str = "start") -> None:
        """A line of text whose baseline is y."""
        named = f' class="{style}"' if style else ""
        placed = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self.parts.append(f'<text x="{x:g}" y="{y:g}"{named}{placed}>{escape(text, quote=False)}</text>')

    def box(
        self, x: float, y: float, width: float, height: float, style: str, label: str = "", corner: int = 4
    ) -> None:
        """A box with a label in its middle."""
        self.parts.append(
            f'<rect class="{style}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{corner}"/>'
        )
        if label:
            self.text(x + width / 2, y + height / 2 + 4, label, anchor="middle")

    def line(self, x: float, y: float, to_x: float, to_y: float, style: str = "line") -> None:
        """A straight line."""
        self.parts.append(f'<path class="{style}" d="M{x:g} {y:g}L{to_x:g} {to_y:g}"/>')

    def down(self, x: float, y: float, to_x: float, to_y: float, style: str = "line") -> None:
        """A curve from a box to one below it, with a head."""
        middle = (y + to_y) / 2
        self.parts.append(
            f'<path class="{style}" d="M{x:g} {y:g}C{x:g} {middle:g} {to_x:g} {middle:g} '
            f'{to_x:g} {to_y - 5:g}"/>'
            f'<path class="head" d="M{to_x:g} {to_y:g}l-4 -7h8z"/>'
        )

    def across(self, x: float, to_x: float, y: float) -> None:
        """An arrow to the left or the right."""
        back = 7 if to_x < x else -7
        self.line(x, y, to_x + back / 2, y)
        self.parts.append(f'<path class="head" d="M{to_x:g} {y:g}l{back} -4v8z"/>')

    def dot(self, x: float, y: float, *, filled: bool) -> None:
        """A small disc, or a ring."""
        self.parts.append(f'<circle class="{"dot" if filled else "ring"}" cx="{x:g}" cy="{y:g}" r="5"/>')

    def svg(self, height: float) -> str:
        """The picture as a file."""
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" '
            f'height="{height:g}" role="img">',
            f"<title>{escape(self.title, quote=False)}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{height:g}" rx="6"/>',
            *self.parts,
            "</svg>",
        ]
        return "\n".join(lines) + "\n"


# A job, from units to the final proof.

LEFT, COLUMN, GAP, BOX = 190, 98, 28, 84
RUN_Y, UNIT_Y, COMMIT_Y, CHALLENGE_Y, PROOF_Y, LEAF_Y, NODE_Y = 56, 150, 210, 268, 336, 396, 456
STEP, HIGH = 60, 28


@dataclass(frozen=True)
class Member:
    """A worker of the job: its name, its units, and the places of its segments in the tree."""

    name: str
    units: range
    places: range


def _members(shares: Sequence[Sequence[int]]) -> list[Member]:
    runs = allocate(UNITS, CAPACITIES)
    ends = list(accumulate(sum(len(shares[unit]) for unit in run) for run in runs))
    starts = [0, *ends]
    return [
        Member(f"worker-{number + 1}", run, range(starts[number], ends[number]))
        for number, run in enumerate(runs)
    ]


def _named_segments() -> list[tuple[str, int]]:
    """Kind and number of every segment, in the job-wide order."""
    return [(kind.name, number + 1) for kind in KINDS for number in range(SEGMENTS[kind.name])]


def job() -> str:
    """How a job is cut, shared out, proved and folded."""
    segments = _named_segments()
    shares = segments_of_units(len(segments), UNITS)
    tree = fold_tree(len(segments), UNITS)
    members = _members(shares)
    canvas = Canvas("A job from units to the final proof")
    canvas.text(20, 26, f"A job of {len(segments)} segments, {UNITS} units, {len(members)} workers", "title")
    left = [LEFT + COLUMN * place + GAP * _member_of(members, place) for place in range(len(segments))]
    heights = _levels(tree, members)
    own = max(level for span, level in heights.items() if _owner(members, span) is not None)
    bottom = NODE_Y + STEP * own - 14
    for member in members:
        start, end = left[member.places[0]] - 14, left[member.places[-1]] + BOX + 14
        canvas.box(start, UNIT_Y - 44, end - start, bottom - UNIT_Y + 44, "frame", corner=8)
        canvas.text(start + 8, UNIT_Y - 29, member.name, "strong")
    _draw_run(canvas, segments, shares, tree, left)
    _draw_phases(canvas, segments, members, tree, left)
    end = _draw_tree(canvas, segments, members, tree, left, heights, bottom)
    for y, first, second in (
        (RUN_Y, "execute", "steps cut into segments"),
        (UNIT_Y, "share out", "segments to units,"),
        (COMMIT_Y, "contribute", "commit all tables"),
        (CHALLENGE_Y, "challenge", "the same for everyone"),
        (PROOF_Y, "prove", "LogUp, quotient, FRI"),
        (LEAF_Y, "fold", "a circuit verifies each,"),
        (bottom + 44, "aggregate", "by the first worker"),
    ):
        canvas.text(20, y + 12, first, "strong")
        canvas.text(20, y + 26, second, "faint")
    canvas.text(20, UNIT_Y + 40, "runs of units to workers", "faint")
    canvas.text(20, LEAF_Y + 40, "then two at a time", "faint")
    canvas.text(20, bottom + 84, "that delivers", "faint")
    return canvas.svg(end)


def _member_of(members: Sequence[Member], place: int) -> int:
    return next(number for number, member in enumerate(members) if place in member.places)


def _owner(members: Sequence[Member], span: Span) -> Member | None:
    """The worker that has all of a subtree's segments; None where no one has."""
    first = members[_member_of(members, span[0])]
    return first if span[1] - 1 in first.places else None


def _levels(tree: FoldTree, members: Sequence[Member]) -> dict[Span, int]:
    """How many rows of nodes down each subtree is drawn: what several workers have comes below all others."""
    levels = {(place, place + 1): 0 for place in range(len(tree.positions))}
    spans = sorted(tree.halves, key=lambda span: span[1] - span[0])
    for span in spans:
        if _owner(members, span) is not None:
            levels[span] = 1 + max(levels[half] for half in tree.halves[span])
    own = max(levels.values())
    for span in spans:
        if span not in levels:
            levels[span] = 1 + max(own, *(levels[half] for half in tree.halves[span]))
    return levels


def _draw_run(
    canvas: Canvas,
    segments: Sequence[tuple[str, int]],
    shares: Sequence[Sequence[int]],
    tree: FoldTree,
    left: Sequence[float],
) -> None:
    width = (left[-1] + BOX - left[0]) / len(segments)
    for position, (kind, number) in enumerate(segments):
        canvas.box(left[0] + position * width, RUN_Y, width, HIGH, kind, f"{kind} {number}", corner=0)
    for place, position in enumerate(tree.positions):
        canvas.down(
            left[0] + (position + 0.5) * width, RUN_Y + HIGH, left[place] + BOX / 2, UNIT_Y + 4, "hair"
        )
    place = 0
    for unit, share in enumerate(shares):
        start, end = left[place], left[place + len(share) - 1] + BOX
        canvas.box(start - 5, UNIT_Y - 20, end - start + 10, HIGH + 30, "line", corner=6)
        canvas.text(start, UNIT_Y - 6, f"unit {unit}", "faint")
        for position in share:
            kind, number = segments[position]
            canvas.box(left[place], UNIT_Y + 4, BOX, HIGH - 2, kind, f"{kind} {number}")
            place += 1


def _draw_phases(
    canvas: Canvas,
    segments: Sequence[tuple[str, int]],
    members: Sequence[Member],
    tree: FoldTree,
    left: Sequence[float],
) -> None:
    for member in members:
        start, end = left[member.places[0]], left[member.places[-1]] + BOX
        middle = (start + end) / 2
        label = "contribution" if len(member.places) == 1 else f"contribution: {len(member.places)} digests"
        canvas.box(start, COMMIT_Y, end - start, HIGH, "shared", label)
        canvas.down(middle, COMMIT_Y + HIGH, middle, CHALLENGE_Y)
    canvas.box(left[0], CHALLENGE_Y, left[-1] + BOX - left[0], HIGH, "shared", "global challenge")
    for place, position in enumerate(tree.positions):
        kind, number = segments[position]
        middle = left[place] + BOX / 2
        canvas.down(middle, CHALLENGE_Y + HIGH, middle, PROOF_Y)
        canvas.box(left[place], PROOF_Y, BOX, HIGH, kind, f"proof {kind[0]}{number}")
        canvas.down(middle, PROOF_Y + HIGH, middle, LEAF_Y)
        canvas.box(left[place], LEAF_Y, BOX, HIGH, "circuit", f"{kind} leaf")


def _draw_tree(
    canvas: Canvas,
    segments: Sequence[tuple[str, int]],
    members: Sequence[Member],
    tree: FoldTree,
    left: Sequence[float],
    levels: dict[Span, int],
    bottom: float,
) -> float:
    """Nodes, and what is made of the root; where the picture ends."""
    place_of = {(place, place + 1): (left[place] + BOX / 2, float(LEAF_Y)) for place in range(len(segments))}
    last = NODE_Y + STEP * (levels[tree.root] - 1) + 34 + 2 * STEP
    width = left[-1] + BOX + 28 - left[0]
    canvas.box(left[0] - 14, bottom + 14, width, last + HIGH - bottom, "frame", corner=8)
    for span in sorted(tree.halves, key=levels.__getitem__):
        y = NODE_Y + STEP * (levels[span] - 1) + (0 if _owner(members, span) else 34)
        halves = [place_of[half] for half in tree.halves[span]]
        middle = sum(x for x, _ in halves) / 2
        for x, above in halves:
            canvas.down(x, above + HIGH, middle, y)
        canvas.box(middle - BOX / 2, y, BOX, HIGH, "circuit", "node" if span != tree.root else "root")
        place_of[span] = (middle, y)
    x, y = place_of[tree.root]
    for label in ("shrink", "final, or compressed"):
        width = max(BOX, LETTER * len(label) + 16)
        canvas.down(x, y + HIGH, x, y + STEP)
        y += STEP
        canvas.box(x - width / 2, y, width, HIGH, "circuit", label)
    canvas.text(x + 92, y + 18, "the job's proof", "strong")
    return last + HIGH + 32


# Coordinator and workers, over time.

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
        case AggregateTask(proofs, last):
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
                case do.SendTask(connection=number, task=task):
                    yield Message("coordinator", number, _asked(task), phase)
                    done = on.TaskDone(f"{number}", number, "job", _result(task, runs[number]))
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


# Tables and buses of a segment.

NAMES_X, BUS_X, BUS_STEP, LINE, HEADER = 20, 390, 42, 30, 120


@dataclass(frozen=True)
class Row:
    """Tables that speak on the same buses in the same way: what they are, and what each bus has of them."""

    names: tuple[str, ...]
    sends: frozenset[str]
    receives: frozenset[str]


def _rows(kind: Kind) -> list[Row]:
    """The tables of a kind: those that execute steps, those that have words, those that answer."""
    families = core_families(kind.log_size) if kind.name == "core" else (None,) * len(kind.tables)
    signatures: dict[tuple[int, frozenset[str], frozenset[str]], list[str]] = {}
    for air, family in zip(kind.airs, families, strict=True):
        sends = frozenset(one.bus.name for one in air.interactions if one.sent)
        receives = frozenset(one.bus.name for one in air.interactions if not one.sent)
        order = 0 if family is not None else 1 if sends else 2
        signatures.setdefault((order, sends, receives), []).append(air.name)
    ordered = sorted(signatures.items(), key=lambda item: (item[0][0], -len(item[1]), item[1]))
    return [Row(tuple(names), sends, receives) for (_, sends, receives), names in ordered]


def _terms(name: str, terms: Sequence[PublicTerm | Term]) -> Row:
    return Row(
        (name,),
        frozenset(term.bus.name for term in terms if term.multiplicity > 0),
        frozenset(term.bus.name for term in terms if term.multiplicity < 0),
    )


def _all_buses() -> list[Bus]:
    known = [bus for bus in vars(buses).values() if isinstance(bus, Bus)]
    return sorted(known, key=lambda bus: bus.number)


def _meanings() -> dict[str, str]:
    """What the code says of each bus, in its first sentence."""
    body = ast.parse(inspect.getsource(buses)).body
    meanings = {}
    for one, following in pairwise(body):
        match one, following:
            case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(text))):
                bus = getattr(buses, name)
                meanings[bus.name] = text.split(";")[0].split("\n")[0].rstrip(".")
            case _:
                pass
    return meanings


def tables() -> str:
    """Which tables of a segment speak on which buses, and where segments meet."""
    shown = _all_buses()
    places = {bus.name: BUS_X + BUS_STEP * number for number, bus in enumerate(shown)}
    canvas = Canvas("Tables and buses of a segment")
    canvas.text(20, 26, f"Tables and buses of segments of size {DEFAULT_LOG_SIZE}", "title")
    canvas.dot(26, 48, filled=True)
    canvas.text(38, 52, "sends", "faint")
    canvas.dot(86, 48, filled=False)
    canvas.text(98, 52, "receives", "faint")
    canvas.text(20, 74, "A bus is in balance: what is sent is received.", "faint")
    canvas.text(20, 90, "A local bus balances in each segment (short lines),", "faint")
    canvas.text(20, 106, "a global one in the whole job (long lines).", "faint")
    for bus in shown:
        x = places[bus.name]
        canvas.parts.append(f'<g transform="translate({x + 4:g} {HEADER - 8}) rotate(-50)">')
        canvas.text(0, 0, bus.name, "strong" if bus.scope is Scope.GLOBAL else "")
        canvas.parts.append("</g>")
    blocks: list[tuple[str, str, list[Row]]] = []
    for segments in KINDS:
        kind = segments.of_job(DEFAULT_LOG_SIZE)
        rows = [*_rows(kind), _terms("public values of the segment", kind.terms)]
        blocks.append((kind.name, f"{kind.name} segment: {len(kind.tables)} tables", rows))
    outputs = (0,) * (2 * OUTPUT_WORDS)
    own = [
        term
        for kind in KINDS
        for term in kind.job_terms(JobValues(0, 0, outputs, SEGMENTS[kind.name], (0,) * len(kind.claims)))
    ]
    blocks.append(("shared", "job", [_terms("entry, exit code, outputs, numbers of segments", own)]))
    end = HEADER + sum(LINE * len(rows) + 44 for _, _, rows in blocks)
    marks = Canvas("")
    y = float(HEADER)
    for style, title, rows in blocks:
        height = LINE * len(rows) + 32
        canvas.box(10, y, WIDTH - 20, height, "band", corner=6)
        canvas.box(10, y, 6, height, style, corner=2)
        canvas.text(NAMES_X + 6, y + 20, title, "strong")
        for row in rows:
            for bus in shown:
                if bus.scope is Scope.LOCAL and bus.name in row.sends | row.receives:
                    x = places[bus.name]
                    marks.line(x, y + 24, x, y + height - 8, "hair")
        y += height + 12
    for bus in shown:
        if bus.scope is Scope.GLOBAL:
            canvas.line(places[bus.name], HEADER + 8, places[bus.name], end - 20, "hair")
    canvas.parts += dict.fromkeys(marks.parts)
    y = float(HEADER)
    for _, _, rows in blocks:
        for number, row in enumerate(rows):
            _draw_row(canvas, row, y + 32 + LINE * number + 12, places)
        y += LINE * len(rows) + 44
    for number, (name, meaning) in enumerate(_meanings().items()):
        canvas.text(20, end + 18 + 18 * number, name, "strong")
        canvas.text(110, end + 18 + 18 * number, meaning, "faint")
    return canvas.svg(end + 18 * len(shown) + 16)


def _draw_row(canvas: Canvas, row: Row, y: float, places: Mapping[str, float]) -> None:
    lines = [""]
    for name in row.names:
        longer = f"{lines[-1]}, {name}" if lines[-1] else name
        if LETTER * len(longer) > BUS_X - NAMES_X - 14:
            lines[-1] += ","
            lines.append(name)
        else:
            lines[-1] = longer
    for number, line in enumerate(lines):
        canvas.text(NAMES_X + 6, y + 4 + 14 * (number - (len(lines) - 1) / 2), line)
    for name, x in places.items():
        sent, received = name in row.sends, name in row.receives
        if sent:
            canvas.dot(x - (7 if received else 0), y, filled=True)
        if received:
            canvas.dot(x + (7 if sent else 0), y, filled=False)


def pictures() -> dict[str, str]:
    """Every picture by file name."""
    return {"job.svg": job(), "cluster.svg": cluster(), "tables.svg": tables()}


def main() -> int:
    """Write the pictures."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in pictures().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
