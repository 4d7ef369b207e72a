"""A job, from units to the final proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from drawing.canvas import HIGH, LETTER, Canvas
from drawing.example import CAPACITIES, SEGMENTS, UNITS
from zisk.cluster.scheduling.selection import allocate
from zisk.proof_format.units import segments_of_units
from zisk.prover.fold_tree import FoldTree, Span, fold_tree
from zisk.vm.kinds import KINDS

LEFT, COLUMN, GAP, BOX = 190, 98, 28, 84
RUN_Y, UNIT_Y, COMMIT_Y, CHALLENGE_Y, PROOF_Y, LEAF_Y, NODE_Y = 56, 150, 210, 268, 336, 396, 456
STEP = 60


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
