"""Rows of the table of products and divisions: what they say besides that a product is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.solver.constants import TICKS
from tests.solver.instructions.choices import choices
from tests.solver.instructions.lookups import Message, limits
from tests.solver.polynomial import Assignment, Polynomial, Reader
from tests.solver.tables.messages import demand, demand_only, spoken, those
from zisk.stark.air import Air
from zisk.stark.expression import Operation as Node
from zisk.vm.memory_map import REGISTER_KEY
from zisk.vm.operations import Operation
from zisk.vm.tables.buses import BYTES, MEMORY, PROGRAM, RANGE, STATE, TUPLE

OPERATIONS = (Operation.MUL, Operation.MULHU, Operation.DIVU, Operation.REMU)
LIMBS = 4
RS1, RS2, RD = 0, 1, 3
"""The slots of a step's time in which the operands are touched."""


@dataclass(frozen=True, slots=True)
class Step:
    """A row that executes a step.

    Attributes:
        chosen: its flags.
        operation: the one whose opcode it asks the program for.
        products: the equations that have products of columns, in order.
        limits: what columns are below, by lookup or because a word found in memory has 16 bits a limb.
        rs1, rs2, rd: limbs of the words found in the operands, and of the one left in the result.
        factor: limbs of what rs2 is multiplied by.
        other: limbs of the half that is not rd, or of the remainder.
    """

    chosen: Assignment
    operation: Operation
    products: list[Polynomial]
    limits: Mapping[str, int]
    rs1: Sequence[Polynomial]
    rs2: Sequence[Polynomial]
    rd: Sequence[Polynomial]
    factor: Sequence[Polynomial]
    other: Sequence[Polynomial]


def steps(air: Air) -> Iterator[Step]:
    """A row for each choice of flags that executes a step.

    Raises:
        RefutedError: a row touches other words than its operands, each once, or leaves one that it reads
            changed, or goes on elsewhere than the program says.
    """
    for chosen in choices(air):
        said = spoken(air, chosen)
        if not said:
            continue
        demand_only(said, STATE, PROGRAM, MEMORY, RANGE, BYTES, TUPLE)
        pc, following, opcode, rd, rs1, rs2, *immediate = those(said, PROGRAM, sent=True)[0].elements
        demand(opcode.value in OPERATIONS, f"a row has opcode {dict(opcode.terms)}")
        demand(all(one.value == 0 for one in immediate), "an immediate is used")
        (taken,), (left,) = (those(said, STATE, sent=sent) for sent in (False, True))
        now = taken.elements[1]
        next_token = (following, now + Polynomial.constant(TICKS))
        demand(taken.elements[0] == pc and left.elements == next_token, "a step goes on elsewhere")
        accesses = _accesses(said, {RS1: rs1, RS2: rs2, RD: rd}, now)
        for slot in (RS1, RS2):
            demand(accesses[slot][0] == accesses[slot][1], "an operand is left changed")
        yield Step(
            chosen,
            Operation(opcode.value or 0),
            list(_products(air, chosen)),
            _limits(said),
            accesses[RS1][0],
            accesses[RS2][0],
            accesses[RD][1],
            [_bytes(f"factor[{2 * limb}]", f"factor[{2 * limb + 1}]") for limb in range(LIMBS)],
            [Polynomial.variable(f"other[{limb}]") for limb in range(LIMBS)],
        )


def _products(air: Air, chosen: Assignment) -> Iterator[Polynomial]:
    """The constraints with products of columns that are sums, not products of linear factors."""
    read = Reader(air, chosen)
    for constraint in air.own_constraints:
        polynomial = read(constraint.expression)
        if polynomial.degree > 1 and constraint.expression.operation is not Node.MUL:
            yield polynomial


def _limits(said: Sequence[Message]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for message in said:
        for element, limit in limits(message):
            for name in element.variables:
                if element.sole_variable == name:
                    found[name] = min(found.get(name, limit), limit)
    return found


def _accesses(
    messages: Sequence[Message], registers: dict[int, Polynomial], now: Polynomial
) -> dict[int, tuple[tuple[Polynomial, ...], tuple[Polynomial, ...]]]:
    """For each slot the limbs that the access to its register finds and leaves."""
    count = len(registers)
    taken, left = (those(messages, MEMORY, sent=sent, count=count) for sent in (False, True))
    found = {}
    for (slot, register), before, after in zip(registers.items(), taken, left, strict=True):
        key = register + Polynomial.constant(REGISTER_KEY)
        same_word = before.elements[0] == key and after.elements[0] == key
        demand(same_word, f"the access in slot {slot} is to another word")
        demand(after.elements[1] == now + Polynomial.constant(slot), f"an access is not in slot {slot}")
        found[slot] = before.elements[2:], after.elements[2:]
    return found


def _bytes(low: str, high: str) -> Polynomial:
    return Polynomial({(low,): 1, (high,): 1 << 8})
