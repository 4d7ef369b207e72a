"""Claims of the instruction tables: what each operation does, what rows may claim, and times."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from tests.solver.claim import Claim, Method, alike
from tests.solver.instructions.choices import variables_of
from tests.solver.instructions.operation import show_operation
from tests.solver.instructions.shape import show_shape
from tests.solver.instructions.times import show_times
from zisk.stark.air import Air, Interaction
from zisk.vm.limits import LOG_SIZES
from zisk.vm.operations import LOAD_WIDTHS, SHAPES, STORE_WIDTHS, Family, Operation
from zisk.vm.tables.families import FAMILY_TABLES

SLOW_FAMILIES = (Family.SHIFT, Family.SHIFTI, Family.MISALIGNED)

EFFECT = (
    "a row has the operation's effect: the words that it takes and leaves and their slots, the next pc four "
    "ticks later, no fault"
)
SHAPE = "a row says everything once or not at all; padding says nothing; the opcodes claimed are the family's"
TIMES = "an access takes what was left before it, as integers; the slots of a step are its own"


def claims() -> list[Claim]:
    """For every table: each operation's effect, the shape of rows, and times for every size."""
    return [claim for family in Family for claim in _claims_of(family)]


def _claims_of(family: Family) -> list[Claim]:
    air_of = FAMILY_TABLES[family].air
    table = air_of(LOG_SIZES[0]).name
    operations = operations_of(family)
    found = []
    for sizes in alike(air_of, view=without_gaps):
        air = partial(air_of, sizes[0])
        shape = partial(show_shape, opcodes=set(map(int, operations)))
        found.append(Claim(table, "rows", SHAPE, Method.ENUMERATION, air, shape, sizes))
        if family is Family.MULDIV:
            continue
        words = 2 if family is Family.MISALIGNED else 1
        found += [
            Claim(
                table,
                operation.name.lower(),
                EFFECT,
                Method.SOLVER,
                air,
                partial(show_operation, operation=operation, words=words),
                sizes,
                slow=family in SLOW_FAMILIES,
            )
            for operation in operations
        ]
    for sizes in alike(air_of):
        times = partial(show_times, log_sizes=sizes)
        found.append(Claim(table, "time", TIMES, Method.INTERVALS, partial(air_of, sizes[0]), times, sizes))
    return found


def operations_of(family: Family) -> list[Operation]:
    """The operations whose steps a family's table may have; misaligned accesses are of two bytes or more."""
    if family is Family.MISALIGNED:
        return [operation for operation, width in (LOAD_WIDTHS | STORE_WIDTHS).items() if width > 1]
    return [operation for operation, shape in SHAPES.items() if shape.family is family]


def without_gaps(air: Air) -> Air:
    """The AIR without the lookups that bound times: what operations do is not about these."""
    kept = tuple(one for one in air.interactions if not _bounds_gaps(air, one))
    return replace(air, interactions=kept)


def _bounds_gaps(air: Air, message: Interaction) -> bool:
    names = frozenset().union(*(variables_of(air, element) for element in message.message))
    return bool(names) and all(name.endswith("_gap_high") for name in names)
