"""Tables that answer lookups: they answer what their bus promises, by the key, and nobody else answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from tests.solver.claim import Claim, Method
from tests.solver.polynomial import Polynomial
from tests.solver.tables.contents import demand_same_rows, preprocessed_columns, rows_said
from tests.solver.tables.messages import demand, times
from tests.solver.tables.programs import program_rows, sample_programs
from tests.solver.tables.promises import (
    bytes_promise,
    demand_limits,
    range_promise,
    shift_promise,
    tuple_promise,
)
from tests.solver.tables.regions import demand_map, sample_images
from zisk.stark.air import Air, Bus
from zisk.stark.kind import Kind
from zisk.vm.kinds import EDGES_LOG_SIZE, core_kind, edges_kind
from zisk.vm.limits import LOG_SIZES
from zisk.vm.memory_map import region_table
from zisk.vm.tables.buses import BYTES, PROGRAM, RANGE, REGION, SHIFT, TUPLE
from zisk.vm.tables.frame import LARGEST_TUPLE_SIZE
from zisk.vm.tables.lookup_tables import (
    bytes_content,
    bytes_table,
    range_content,
    range_table,
    shift_content,
    shift_table,
    tuple_content,
    tuple_table,
)
from zisk.vm.tables.program import program_content, program_table
from zisk.vm.tables.region import region, region_content

EDGES_SIZES = (EDGES_LOG_SIZE,)
"""The only size of edges segments."""

TUPLE_SIZES = tuple(size for size in LOG_SIZES if size <= LARGEST_TUPLE_SIZE)


def answering_claims() -> list[Claim]:
    """The claims of all tables that answer lookups."""
    tables: list[tuple[Bus, Callable[[], Air], str, Callable[[Air], None], tuple[int, ...]]] = [
        (
            RANGE,
            range_table,
            "every number below 2^bits for bits from 0 to 16 and no other, each in one row but (0, 0) in two",
            _says(RANGE, range_content, range_promise),
            LOG_SIZES,
        ),
        (
            BYTES,
            bytes_table,
            "every pair of bytes once for each operation, with 0, and, or, exclusive or",
            _says(BYTES, bytes_content, bytes_promise),
            LOG_SIZES,
        ),
        (
            SHIFT,
            shift_table,
            "amounts 0 to 63, each once, with their quotient by 16 and both powers of two",
            _says(SHIFT, shift_content, shift_promise),
            LOG_SIZES,
        ),
        (
            PROGRAM,
            program_table,
            "the micro-operations of each sample program, every pc once, fields in range, and rows of zeros;"
            " the halts, and nothing else, go on at the halt, where no row is",
            _says_programs,
            LOG_SIZES,
        ),
        (
            REGION,
            region,
            "regions below key 2^29 that are disjoint and mapped, of each sample image, whose words are in"
            " no other region, and the empty one (0, 0, 0)",
            _says_regions,
            EDGES_SIZES,
        ),
    ]
    claims = [_answers(*table) for table in tables]
    claims += [
        _answers(
            TUPLE,
            tuple_table,
            f"all triples of numbers below 2^{size - 14}, each once",
            _says(TUPLE, partial(tuple_content, size), partial(tuple_promise, size), size),
            (size,),
        )
        for size in TUPLE_SIZES
    ]
    alone = [(bus, air, sizes) for bus, air, _, _, sizes in tables] + [(TUPLE, tuple_table, TUPLE_SIZES)]
    return claims + [_answers_alone(bus, air, sizes) for bus, air, sizes in alone]


def _answers(
    bus: Bus, air: Callable[[], Air], statement: str, show: Callable[[Air], None], sizes: tuple[int, ...]
) -> Claim:
    return Claim(
        air().name, "contents", f"answers {bus.name} with {statement}", Method.ENUMERATION, air, show, sizes
    )


def _says(
    bus: Bus,
    content: Callable[[], np.ndarray],
    promise: Callable[[], np.ndarray],
    log_size: int | None = None,
) -> Callable[[Air], None]:
    def show(air: Air) -> None:
        found = answers(air, bus, content())
        demand_same_rows(found, promise())
        demand_limits(bus, found, log_size)

    return show


def answers(air: Air, bus: Bus, content: np.ndarray) -> np.ndarray:
    """All messages that a table answers: int64[messages, length].

    Raises:
        RefutedError: a message is not one of the bus that is received as often as a column of its own says,
            or it is not fixed by the preprocessed columns, or the table says anything else.
    """
    found = air.interactions
    demand(bool(found) and not air.own_constraints, "it does more than to answer")
    counts = [times(air, one) for one in found]
    demand(
        all(not one.sent and one.bus == bus for one in found)
        and counts == [Polynomial.variable(name) for name in air.main_names],
        f"not every message is received from {bus.name} as often as a column of its own says",
    )
    columns = preprocessed_columns(air, content)
    return np.concatenate([rows_said(air, one, columns) for one in found])


def _says_programs(air: Air) -> None:
    for program in sample_programs():
        found = answers(air, PROGRAM, program_content(program))
        demand_same_rows(found, program_rows(program))
        demand_limits(PROGRAM, found)


def _says_regions(air: Air) -> None:
    for keys in sample_images():
        found = answers(air, REGION, region_content(region_table(keys)))
        demand_map(found.tolist(), keys)


def _answers_alone(bus: Bus, air: Callable[[], Air], sizes: tuple[int, ...]) -> Claim:
    name = air().name

    def show(_: Air) -> None:
        for kind in _kinds(sizes):
            demand_alone(kind, bus, name)

    return Claim(
        name,
        "alone",
        f"no other table, and no public term, answers on {bus.name}",
        Method.ENUMERATION,
        air,
        show,
        sizes,
    )


def demand_alone(kind: Kind, bus: Bus, name: str) -> None:
    """Go on where nothing but one table answers on a bus.

    Raises:
        RefutedError: another table of the kind receives there, or a public term is there.
    """
    others = [one for one in kind.airs if one.name != name]
    for other in others:
        received = [one for one in other.interactions if one.bus == bus and not one.sent]
        demand(not received, f"{kind.name}: {other.name} receives from {bus.name} too")
    demand(all(term.bus != bus for term in kind.terms), f"{kind.name}: a public term is on {bus.name}")


def _kinds(sizes: Iterable[int]) -> list[Kind]:
    return [*(core_kind(size) for size in sizes if size in LOG_SIZES), edges_kind()]
