"""Counts how often each row of a lookup table is asked for, and writes the counts into the trace.

The queries are those of the AIRs themselves, evaluated on the filled tables, so the counts cannot differ
from what the proof needs. For each bus a *locator* turns messages into rows of the answering table; the
rows found are then compared with the messages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np

from zisk.kernels.backend import Backend
from zisk.kernels.operands import Array
from zisk.stark.air import Bus, Interaction
from zisk.stark.check import is_lookup_table_side
from zisk.stark.errors import TraceError
from zisk.stark.evaluation import bind
from zisk.stark.expression import Expression, Operation
from zisk.stark.kind import Kind
from zisk.stark.scalars import Challenges
from zisk.stark.tape import Tape, compile_outputs
from zisk.vm.tables.buses import BYTES, PROGRAM, RANGE, REGION, SHIFT, TUPLE

Elements = list[np.ndarray]
"""The elements of many messages, canonical: one int64 array for each place in the message."""

Locator = Callable[[Elements], np.ndarray]
"""Gives for each message the place, answer times height plus row, where it must be if anywhere."""

ROWS_PER_TASK = 1 << 16
"""Rows of a table that one task of the pool counts."""


@dataclass(frozen=True, slots=True)
class _Answers:
    """What a table answers on one bus: messages[element][place], and each answer's multiplicity column."""

    bus: Bus
    table: int
    height: int
    columns: list[int]
    messages: Elements
    locate: Locator


def fill_multiplicities(
    kind: Kind,
    fixed: Sequence[Array | None],
    traces: Sequence[Array],
    publics: Sequence[int],
    backend: Backend,
) -> None:
    """Write the multiplicity columns of a segment whose other columns are filled.

    Args:
        kind: the segment's kind.
        fixed: preprocessed columns of each table, uint32[p, n] Montgomery, or None.
        traces: main columns of each table, uint32[w, n] Montgomery; lookup tables are written in place.
        publics: the kind's public values.
        backend: where the tables are; its pool counts.

    Raises:
        TraceError: a query that no row answers, or one with a multiplicity other than 0 or 1.
    """
    answers = {one.bus.number: one for one in _all_answers(kind, fixed, traces, backend)}
    counts = {number: np.zeros(one.messages[0].size, dtype=np.int64) for number, one in answers.items()}
    queries = [
        [one for one in air.interactions if one.bus.number in answers and not is_lookup_table_side(one)]
        for air in kind.airs
    ]
    adding = Lock()

    def task(table: int, start: int) -> None:
        rows = start, min(start + ROWS_PER_TASK, traces[table].shape[1])
        values = [publics[place] for place in kind.public_places[table]]
        asked = _Queries(kind.airs[table].name, queries[table], fixed[table], traces[table], values)
        found = _count(asked, rows, answers, backend)
        with adding:  # sums of integers: the order of tasks does not matter
            for number, some in found.items():
                counts[number] += some

    tallest_first = sorted(range(len(queries)), key=lambda table: -traces[table].shape[1])
    pieces = [
        (table, start)
        for table in tallest_first
        if queries[table]
        for start in range(0, traces[table].shape[1], ROWS_PER_TASK)
    ]
    backend.pool.map(task, *zip(*pieces, strict=True))
    for number, one in answers.items():
        shaped = counts[number].reshape(len(one.columns), one.height)
        for column, count in zip(one.columns, shaped, strict=True):
            backend.write(traces[one.table], column, count)


def _all_answers(
    kind: Kind, fixed: Sequence[Array | None], traces: Sequence[Array], backend: Backend
) -> list[_Answers]:
    found = []
    for table, air in enumerate(kind.airs):
        sides = [one for one in air.interactions if is_lookup_table_side(one)]
        if not sides:
            continue
        height = traces[table].shape[1]
        expressions = [element for one in sides for element in one.message]
        values = _evaluate(expressions, fixed[table], traces[table], (), (0, height), backend)
        length = sides[0].bus.length
        messages = [
            np.concatenate(
                [np.broadcast_to(values[place], height) for place in range(element, len(values), length)]
            )
            for element in range(length)
        ]
        columns = [one.multiplicity.arguments[1].payload[1] for one in sides]
        locate = _LOCATORS[sides[0].bus.number](messages, height)
        found.append(_Answers(sides[0].bus, table, height, columns, messages, locate))
    return found


@dataclass(frozen=True, slots=True)
class _Queries:
    """A table and what it asks for."""

    name: str
    interactions: Sequence[Interaction]
    fixed: Array | None
    trace: Array
    publics: Sequence[int]


def _count(
    asked: _Queries, piece: tuple[int, int], answers: dict[int, _Answers], backend: Backend
) -> dict[int, np.ndarray]:
    """Count the queries of some rows: for each bus, how often each place is asked for."""
    name, (first_row, last_row) = asked.name, piece
    expressions = [element for one in asked.interactions for element in (*one.message, one.multiplicity)]
    values = _evaluate(expressions, asked.fixed, asked.trace, asked.publics, piece, backend)
    places: dict[int, list[np.ndarray]] = {}
    cursor = 0
    for one in asked.interactions:
        message = values[cursor : cursor + one.bus.length]
        when = values[cursor + one.bus.length]
        cursor += one.bus.length + 1
        rows = np.flatnonzero(np.broadcast_to(when, last_row - first_row))
        if np.any(when > 1):
            bad = int(np.flatnonzero(when > 1)[0])
            raise TraceError(
                f"table {name}, row {first_row + bad}: a {one.bus.name} query counts {when[bad]} times"
            )
        if rows.size < last_row - first_row:
            message = [element if element.ndim == 0 else element[rows] for element in message]
        message = [np.broadcast_to(element, rows.size) for element in message]
        answer = answers[one.bus.number]
        place = answer.locate(message)
        for found, wanted in zip(answer.messages, message, strict=True):
            wrong = found[place] != wanted
            if wrong.any():
                bad = int(np.flatnonzero(wrong)[0])
                text = ", ".join(str(int(element[bad])) for element in message)
                raise TraceError(
                    f"table {name}, row {first_row + int(rows[bad])}: nothing answers "
                    f"{one.bus.name} ({text}); the recorded run does not fit the machine"
                )
        places.setdefault(one.bus.number, []).append(place)
    return {
        number: np.bincount(np.concatenate(parts), minlength=answers[number].messages[0].size)
        for number, parts in places.items()
    }


def _evaluate(
    expressions: Sequence[Expression],
    fixed: Array | None,
    trace: Array,
    publics: Sequence[int],
    rows: tuple[int, int],
    backend: Backend,
) -> Elements:
    """Canonical values of expressions on some rows; constants give arrays without dimension.

    An expression that stands several times is evaluated once.
    """
    varying = list({one: None for one in expressions if one.operation is not Operation.CONSTANT})
    computed = backend.evaluate(
        bind(
            _tape(tuple(varying)),
            preprocessed=fixed,
            main=trace,
            stage2=None,
            selectors=None,
            publics=publics,
            challenges=Challenges(),
        ),
        rows=rows,
    )
    values = dict(zip(varying, backend.numbers(computed), strict=True))
    return [
        np.array(one.payload, dtype=np.int64) if one.operation is Operation.CONSTANT else values[one]
        for one in expressions
    ]


@lru_cache(maxsize=256)
def _tape(expressions: tuple[Expression, ...]) -> Tape:
    """A tape that gives the expressions' values one after the other."""
    return compile_outputs(expressions)


def _range(_: Elements, height: int) -> Locator:
    def locate(message: Elements) -> np.ndarray:
        bits, value = message
        fewer = height + np.minimum((np.int64(1) << np.minimum(bits, 16)) + value, height - 1)
        return np.where(bits == 16, np.minimum(value, height - 1), fewer)

    return locate


def _bytes(_: Elements, height: int) -> Locator:
    def locate(message: Elements) -> np.ndarray:
        operation, left, right, _ = message
        pair = np.minimum(left, 255) << 8 | np.minimum(right, 255)
        return np.minimum(operation, 3) * height + pair

    return locate


def _tuple(_: Elements, height: int) -> Locator:
    bits = (height.bit_length() - 1) // 3

    def locate(message: Elements) -> np.ndarray:
        first, second, third = message
        return np.minimum(first + (second << bits) + (third << (2 * bits)), height - 1)

    return locate


def _shift(_: Elements, height: int) -> Locator:
    return lambda message: np.minimum(message[0], height - 1)


def _sorted(keys: np.ndarray, rows: np.ndarray) -> Locator:
    """Find messages by their first element: the last row, among those given, whose key is not above it."""
    order = rows[np.argsort(keys[rows], kind="stable")]
    ascending = keys[order]

    def locate(message: Elements) -> np.ndarray:
        if not order.size:
            return np.zeros(message[0].size, dtype=np.int64)
        place = np.searchsorted(ascending, message[0], side="right") - 1
        return order[np.maximum(place, 0)]

    return locate


def _program(messages: Elements, _: int) -> Locator:
    pc, opcode = messages[0], messages[2]
    return _sorted(pc, np.flatnonzero(opcode))


def _region(messages: Elements, _: int) -> Locator:
    start, end = messages[:2]
    return _sorted(start, np.flatnonzero(end > start))


_LOCATORS: dict[int, Callable[[Elements, int], Locator]] = {
    RANGE.number: _range,
    BYTES.number: _bytes,
    TUPLE.number: _tuple,
    SHIFT.number: _shift,
    PROGRAM.number: _program,
    REGION.number: _region,
}
