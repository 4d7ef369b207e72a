"""A core segment's public values and its clock: which are accepted, and when its steps are.

Tokens on the state bus are edges from one pair of pc and time to another: a step's from its own to the next
one's, and the verifier's from the end back to the start. All of them cancel, so the steps are one way from
start to end, and circles beside it. Each step is four ticks long, in F: a circle would need p steps. So there
is one step at each time from the first, and as many as the end is ticks away by fours.
"""

from __future__ import annotations

import z3

from tests.solver.claim import Claim, Method
from tests.solver.constants import TICKS
from tests.solver.implication import possible, shown
from tests.solver.instructions.choices import choices, multiplicity
from tests.solver.instructions.times import last_slot
from tests.solver.polynomial import Polynomial, Reader
from tests.solver.tables.integers import Integers
from tests.solver.tables.messages import demand
from zisk.field.koalabear import P, inverse
from zisk.stark.air import Air
from zisk.stark.kind import Kind
from zisk.stark.public_values import Below, Requirement
from zisk.vm.kinds import core_kind
from zisk.vm.limits import LOG_SIZES
from zisk.vm.memory_map import HALTED
from zisk.vm.tables.boundary import boundary
from zisk.vm.tables.buses import STATE

FIRST_TIME = 1
"""Of a segment's first step; words are opened before it."""

INDEX_LIMIT = 1 << 24
"""Numbers of core segments are below it."""


def segment_claims() -> list[Claim]:
    """The claims of a core segment as a whole, made of the table that reads its number."""
    return [
        Claim(
            "boundary",
            "public values",
            "a segment is accepted only with a number from 1 to 2^24 - 1, a start that is not the halt, and"
            " an end of 1 + 4 k with k from 1 to 2^size, as integers",
            Method.SOLVER,
            boundary,
            _public_values,
        ),
        Claim(
            "boundary",
            "clock",
            "each row that takes a token leaves one four ticks later, whatever its table, and there are fewer"
            " than p: so one step is at each time 1, 5, 9 up to the end, and no slot is after 2^(size + 2)",
            Method.ENUMERATION,
            boundary,
            _clock,
        ),
    ]


def _public_values(_: Air) -> None:
    for size in LOG_SIZES:
        kind = core_kind(size)
        read, values = reader_of_publics(kind), Integers()
        index, pc_in, end = (values.canonical(publics(name)) for name in ("index", "pc_in", "end_ts"))
        for one in kind.requirements:
            _state(values, read(one.value), one)
        steps = 1 << size
        edges = {1: (1, 1 + TICKS), INDEX_LIMIT - 1: (HALTED + 1, 1 + TICKS * steps)}
        for number, (start, ends) in edges.items():
            possible([*values.facts, index == number, pc_in == start, end == ends], f"segment {number}")
        shown(values.facts, z3.And(index >= 1, index < INDEX_LIMIT), "numbers of segments")
        shown(values.facts, pc_in != HALTED, "a segment does not start at the halt")
        whole = z3.And((end - FIRST_TIME) % TICKS == 0, end > FIRST_TIME, end - 1 <= last_slot(size))
        shown(values.facts, whole, "a segment's end")


def _state(values: Integers, polynomial: Polynomial, requirement: Requirement) -> None:
    """Add a requirement to the facts, with small numbers: a coefficient of 1 at the public value."""
    number = Polynomial.variable(requirement.sentence)
    leading = polynomial.terms[min(key for key in polynomial.terms if key)]
    values.facts.append(values.is_zero((number - polynomial).scaled(inverse(leading))))
    value = values.canonical(number)
    values.facts.append(value < 1 << requirement.bits if isinstance(requirement, Below) else value != 0)


def _clock(_: Air) -> None:
    for size in LOG_SIZES:
        kind = core_kind(size)
        rows = sum(1 << table.max_log_height for table in kind.tables if _takes_steps(table.air))
        demand(0 < rows < P, f"{rows} rows can go round in a circle")
        read = reader_of_publics(kind)
        ends = [
            (term.multiplicity, *map(read, term.message))
            for term in kind.terms
            if term.bus.name == STATE.name
        ]
        start = (1, publics("pc_in"), Polynomial.constant(FIRST_TIME))
        demand(ends == [start, (-1, publics("pc_out"), publics("end_ts"))], "a segment's ends are others")


def _takes_steps(air: Air) -> bool:
    """Whether rows of a table may take tokens; each that does leaves one a step later.

    Raises:
        RefutedError: a row does otherwise.
    """
    tokens = [one for one in air.interactions if one.bus == STATE]
    if not tokens:
        return False
    for choice in choices(air):
        read = Reader(air, choice)
        said = [(one.sent, read(one.message[1])) for one in tokens if multiplicity(air, one, choice)]
        if said:
            now = next((time for sent, time in said if not sent), None)
            demand(now is not None, f"a row of {air.name} takes no token")
            later = (now or Polynomial()) + Polynomial.constant(TICKS)
            demand(
                sorted(said, key=lambda one: one[0]) == [(False, now), (True, later)], f"steps of {air.name}"
            )
    return True


def reader_of_publics(kind: Kind) -> Reader:
    """Reads expressions over a kind's public values."""
    return Reader(Air(kind.name, (), (), kind.public_names, (), ()))


def publics(name: str) -> Polynomial:
    """A public value."""
    return Polynomial.variable(f"@{name}")
