"""Judges many rows of an instruction table at once, each as if it stood alone.

The constraints of instruction tables never read the next row, so rows can be judged in any company. A
lookup is answered where plain arithmetic says that its table has the message.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zisk.field.koalabear import P, from_montgomery, to_montgomery
from zisk.kernels.cpu.backend import CpuBackend
from zisk.kernels.pool import Pool
from zisk.stark.air import Air
from zisk.stark.evaluation import bind
from zisk.stark.expression import Expression
from zisk.stark.scalars import Challenges
from zisk.stark.tape import compile_outputs
from zisk.vm.tables.buses import BYTES, EXIT, MEMORY, PROGRAM, RANGE, SHIFT, STATE, TUPLE
from zisk.vm.tables.frame import timestamp_high_bits

TOKENS = (STATE.name, MEMORY.name, EXIT.name)
"""The buses on which every message must meet its partner; the others are lookups."""

Token = tuple[str, int, tuple[int, ...]]
"""Bus, signed multiplicity, elements."""


@dataclass(frozen=True, eq=False)
class Judgement:
    """What is wrong with each row, and what it speaks.

    `constraints[n]`: one is broken; `lookups[n]`: none is, but a query is not answered; `tokens`: of accepted
    rows.
    """

    constraints: np.ndarray
    lookups: np.ndarray
    tokens: list[tuple[Token, ...]]

    @property
    def accepted(self) -> np.ndarray:
        """Rows that satisfy every constraint and whose every query is answered."""
        return ~(self.constraints | self.lookups)


def judge(air: Air, rows: np.ndarray, log_size: int, program: set[tuple[int, ...]]) -> Judgement:
    """Judge rows, canonical [width, n], of a table of a segment of 2^log_size steps.

    `program`: the messages that the program table answers.
    """
    constraints = evaluate(air, [one.expression for one in air.own_constraints], rows)
    broken = (constraints != 0).any(axis=0)
    unanswered = np.zeros(rows.shape[1], dtype=bool)
    tokens: list[list[Token]] = [[] for _ in range(rows.shape[1])]
    for one in sorted(air.interactions, key=lambda one: one.bus.name in TOKENS):
        sound = np.flatnonzero(~broken & ~unanswered)
        *message, when = evaluate(air, [*one.message, one.multiplicity], rows[:, sound])
        assert np.isin(when, [0, 1, P - 1]).all(), f"{one.bus.name} carries a message many times"
        if one.bus.name in TOKENS:
            for place in np.flatnonzero(when):
                elements = tuple(int(element[place]) for element in message)
                tokens[sound[place]].append((one.bus.name, 1 if when[place] == 1 else -1, elements))
        else:
            unanswered[sound] = (when != 0) & ~_answered(one.bus.name, message, log_size, program)
    return Judgement(broken, unanswered, [tuple(sorted(one)) for one in tokens])


def _answered(
    bus: str, message: list[np.ndarray], log_size: int, program: set[tuple[int, ...]]
) -> np.ndarray:
    if bus == RANGE.name:
        bits, value = message
        return (bits <= 16) & (value < 1 << np.minimum(bits, 16))
    if bus == BYTES.name:
        operation, a, b, c = message
        results = np.select([operation == k for k in range(4)], [0 * a, a & b, a | b, a ^ b], -1)
        return (a < 256) & (b < 256) & (c == results)
    if bus == TUPLE.name:
        return np.all([element < 1 << timestamp_high_bits(log_size) for element in message], axis=0)
    if bus == SHIFT.name:
        amount, quotient, right, left = message
        rest = np.minimum(amount, 63) % 16
        powers = (right == 1 << rest) & (left == 1 << (16 - rest))
        return (amount < 64) & (quotient == amount // 16) & powers
    assert bus == PROGRAM.name
    rows = zip(*(element.tolist() for element in message), strict=True)
    return np.array([row in program for row in rows], dtype=bool)


def evaluate(air: Air, expressions: list[Expression], rows: np.ndarray) -> np.ndarray:
    """The expressions on rows of a table: canonical [expressions, n]."""
    count = rows.shape[1]
    values = CpuBackend(Pool(1)).evaluate(
        bind(
            compile_outputs(expressions),
            preprocessed=np.zeros((0, count), dtype=np.uint32),
            main=to_montgomery(rows),
            stage2=np.zeros((0, count), dtype=np.uint32),
            selectors=np.zeros((3, count), dtype=np.uint32),
            publics=(),
            challenges=Challenges(),
        )
    )
    return from_montgomery(values).astype(np.int64)


def mutants(air: Air, row: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, list[str]]:
    """Every way to change one cell of a row: [width, m] and the name of the changed column of each."""
    rows, names = [], []
    for place, name in enumerate(air.main_names):
        cell = int(row[place])
        neighbour = int(row[(place + 1) % row.size])
        choices = {cell + 1, cell - 1, 0, 1, cell + 256, cell + (1 << 16), neighbour, int(rng.integers(0, P))}
        for value in sorted({choice % P for choice in choices} - {cell}):
            changed = row.astype(np.int64)
            changed[place] = value
            rows.append(changed)
            names.append(name)
    return np.stack(rows, axis=1), names
