"""The words that a core segment touches: each taken from an earlier segment and left by this one."""

from __future__ import annotations

from tests.solver.claim import Claim, Method
from tests.solver.implication import possible, shown
from tests.solver.instructions.choices import choices
from tests.solver.polynomial import Polynomial
from tests.solver.tables.integers import Integers
from tests.solver.tables.messages import demand, demand_only, spoken, those
from tests.solver.tables.rows import state_row
from zisk.stark.air import Air
from zisk.stark.expression import public
from zisk.stark.public_values import Below, NotZero
from zisk.vm.kinds import CORE_PUBLICS, FIRST_TIMESTAMP, SEGMENT_LIMIT, core_kind
from zisk.vm.limits import LOG_SIZES
from zisk.vm.tables.boundary import boundary
from zisk.vm.tables.buses import MEMORY, MEMORY_EDGE, RANGE

INDEX = "@index"


def boundary_claims() -> list[Claim]:
    """The claims of the boundary table."""
    return [
        Claim(
            "boundary",
            "words",
            "a row says nothing, or opens one word before the first step with the limbs that it takes from"
            " the job, closes it once, and leaves it to the job as this segment with the limbs of the close",
            Method.ENUMERATION,
            boundary,
            _words,
        ),
        Claim(
            "boundary",
            "earlier segment",
            "the segment that a word is taken from has a smaller number as an integer, among those below"
            " 2^24",
            Method.SOLVER,
            boundary,
            _earlier_segment,
        ),
    ]


def _words(air: Air) -> None:
    speaks = set()
    for choice in choices(air):
        said = spoken(air, choice)
        speaks.add(bool(said))
        if not said:
            continue
        demand_only(said, MEMORY, MEMORY_EDGE, RANGE)
        (opened,), (closed,) = (those(said, MEMORY, sent=sent) for sent in (True, False))
        (taken,), (left,) = (those(said, MEMORY_EDGE, sent=sent) for sent in (False, True))
        keys = [one.elements[0] for one in (opened, closed, taken, left)]
        demand(all(key == keys[0] for key in keys), "a row is about two words")
        time = opened.elements[1].value
        demand(time is not None and time < FIRST_TIMESTAMP, "a word is not opened before the first step")
        demand(left.elements[1] == Polynomial.variable(INDEX), "a word is not left as this segment's")
        demand(opened.elements[2:] == taken.elements[2:], "a word is opened with other limbs than it had")
        demand(
            closed.elements[2:] == left.elements[2:],
            "a word is left with other limbs than it was closed with",
        )
    demand(speaks == {True, False}, "rows that speak and rows that do not are not both possible")


def _earlier_segment(air: Air) -> None:
    for choice in choices(air):
        said = spoken(air, choice)
        if not said:
            continue
        row = Integers()
        state_row(row, air, choice)
        index = row.canonical(Polynomial.variable(INDEX))
        before = row.canonical(those(said, MEMORY_EDGE, sent=False)[0].elements[1])
        facts = [*row.facts, index > 0, index < _index_limit(), before < SEGMENT_LIMIT]
        possible([*facts, before == index - 1], "the segment just before")
        possible([*facts, before == 0, index == SEGMENT_LIMIT - 1], "the initial value for the last segment")
        shown(facts, before < index, "segment that a word is taken from")


def _index_limit() -> int:
    """What the number of a core segment is below where the verifier accepts it; it is not 0."""
    index = public(CORE_PUBLICS.index("index"))
    limits = []
    for size in LOG_SIZES:
        of_index = [one for one in core_kind(size).requirements if one.value is index]
        demand(any(isinstance(one, NotZero) for one in of_index), "a core segment may have number 0")
        below = [one.bits for one in of_index if isinstance(one, Below)]
        demand(bool(below), "the number of a core segment has no bound")
        limits.append(1 << min(below))
    return max(limits)
