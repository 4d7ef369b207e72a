"""Tables that answer lookups: they answer what their bus promises, by the key, and nobody else answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from tests.solver.claim import Claim, Method
from tests.solver.polynomial import Polynomial
from tests.solver.tables.contents import demand_same_rows, preprocessed_columns, rows_said
from tests.solver.tables.messages import demand, times
from tests.solver.tables.programs import program_rows, sample_programs
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

MEMORY_SIZES = (EDGES_LOG_SIZE,)
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
            "the micro-operations of the program, each pc once, fields in their ranges, and traps of zeros",
            _says_programs,
            LOG_SIZES,
        ),
        (
            REGION,
            region,
            "regions below key 2^29 that are disjoint and mapped, image words in none but the image's, and"
            " the empty region (0, 0, 0)",
            _says_regions,
            MEMORY_SIZES,
        ),
    ]
    claims = [_answers(*table) for table in tables]
    claims += [
        _answers(
            TUPLE,
            tuple_table,
            f"all triples of numbers below 2^{size - 14}, each once",
            _says(TUPLE, lambda size=size: tuple_content(size), lambda size=size: tuple_promise(size)),
            (size,),
        )
        for size in TUPLE_SIZES
    ]
    alone = [(bus, air, sizes) for bus, air, _, _, sizes in tables] + [(TUPLE, tuple_table, LOG_SIZES)]
    return claims + [_answers_alone(bus, air, sizes) for bus, air, sizes in alone]


def range_promise() -> np.ndarray:
    """The messages of the range bus, the one of no bits twice: int64[messages, 2]."""
    numbers = [[(bits, number) for number in range(1 << bits)] for bits in range(17)]
    return np.array([(0, 0), *(message for part in numbers for message in part)], dtype=np.int64)


def bytes_promise() -> np.ndarray:
    """The messages of the bytes bus: int64[messages, 4]."""
    pairs = [(a, b) for a in range(256) for b in range(256)]
    rows = [(0, a, b, 0) for a, b in pairs] + [(1, a, b, a & b) for a, b in pairs]
    rows += [(2, a, b, a | b) for a, b in pairs] + [(3, a, b, a ^ b) for a, b in pairs]
    return np.array(rows, dtype=np.int64)


def shift_promise() -> np.ndarray:
    """The messages of the shift bus: int64[64, 4]."""
    return np.array([(s, s // 16, 1 << s % 16, 1 << (16 - s % 16)) for s in range(64)], dtype=np.int64)


def tuple_promise(log_size: int) -> np.ndarray:
    """The messages of the tuple bus at one size: int64[messages, 3]."""
    each = np.arange(1 << (log_size - 14), dtype=np.int64)
    return np.stack([part.reshape(-1) for part in np.meshgrid(each, each, each)], axis=1)


def _answers(
    bus: Bus, air: Callable[[], Air], statement: str, show: Callable[[Air], None], sizes: tuple[int, ...]
) -> Claim:
    return Claim(
        air().name, "contents", f"answers {bus.name} with {statement}", Method.ENUMERATION, air, show, sizes
    )


def _says(
    bus: Bus, content: Callable[[], np.ndarray], promise: Callable[[], np.ndarray]
) -> Callable[[Air], None]:
    return lambda air: demand_same_rows(answers(air, bus, content()), promise())


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
        demand_same_rows(answers(air, PROGRAM, program_content(program)), program_rows(program))


def _says_regions(air: Air) -> None:
    for keys in sample_images():
        found = answers(air, REGION, region_content(region_table(keys)))
        demand_map(found.tolist(), keys)


def _answers_alone(bus: Bus, air: Callable[[], Air], sizes: tuple[int, ...]) -> Claim:
    name = air().name

    def show(_: Air) -> None:
        for kind in _kinds(sizes):
            others = [one for one in kind.airs if one.name != name]
            for other in others:
                received = [one for one in other.interactions if one.bus == bus and not one.sent]
                demand(not received, f"{kind.name}: {other.name} receives from {bus.name} too")
            demand(all(term.bus != bus for term in kind.terms), f"{kind.name}: a term is on {bus.name}")

    return Claim(
        name,
        "alone",
        f"no other table, and no public term, answers on {bus.name}",
        Method.ENUMERATION,
        air,
        show,
        sizes,
    )


def _kinds(sizes: Iterable[int]) -> list[Kind]:
    return [*(core_kind(size) for size in sizes if size in LOG_SIZES), edges_kind()]
