"""A small kind that uses every feature: unequal heights, next rows, both scopes, lookups, publics."""

from __future__ import annotations

import numpy as np

from zisk.field.koalabear import to_montgomery
from zisk.kernels.backend import Backend
from zisk.kernels.cpu.backend import CpuBackend
from zisk.kernels.pool import Pool
from zisk.stark.air import Builder, Bus, build_air
from zisk.stark.challenges import BusChallenge
from zisk.stark.commitment import FixedTables, fix_tables
from zisk.stark.expression import Scope, public
from zisk.stark.kind import Kind, TableShape
from zisk.stark.parameters import SecurityParameters
from zisk.stark.public_values import Below, receive, send
from zisk.stark.transcript_order import JobChallenge

STEP = Bus("STEP", 1, 2)
SQUARE = Bus("SQUARE", 2, 2)
OUTSIDE = Bus("OUTSIDE", 3, 1, Scope.GLOBAL)

WEAK = SecurityParameters(level=128, queries=12, query_grinding_bits=3, local_grinding_bits=2)
"""Few queries, so that tests are quick; the package itself cannot name such a level."""

LOG_SIZE = 8
BACKEND = CpuBackend(Pool(2))
PROGRAM = tuple(range(1, 10))
JOB = JobChallenge(tuple(range(11, 20)), BusChallenge((3, 1, 4, 1, 5), (9, 2, 6, 5, 3)))


def _walk(b: Builder) -> None:
    """Tokens (i, total): each row adds i^2; squares are looked up."""
    active = b.flag("active")
    index, total, square = b.column("index"), b.column("total"), b.column("square")
    b.receive(STEP, [index, total], active)
    b.send(STEP, [index + 1, total + square], active)
    b.send(SQUARE, [index, square], active)


def _squares(b: Builder) -> None:
    value, square = b.preprocessed("value"), b.preprocessed("square")
    b.receive(SQUARE, [value, square], b.column("count"))


def _ladder(b: Builder) -> None:
    """Rises by one from the public start; every row sends its value outside."""
    value = b.column("value")
    b.zero("starts", b.first * (value - b.public("start")))
    b.zero_on_transition("rises", value.next - value - 1)
    b.zero("ends", b.last * (value - b.public("end")))
    b.send(OUTSIDE, [value])


def toy_kind() -> Kind:
    """Tables of heights 2^5, 2^4 (preprocessed) and 2^2 in a segment of 2^8, two with their own sponges."""
    return Kind(
        "toy",
        1,
        LOG_SIZE,
        (
            TableShape(build_air("ladder", _ladder), 4),
            TableShape(build_air("walk", _walk), LOG_SIZE),
            TableShape(build_air("squares", _squares), 5),
        ),
        ("start", "end", "steps", "total"),
        (send(STEP, 0, 0), receive(STEP, public(2), public(3))),
        (Below(public(2), 6, "a walk has less than 64 steps"),),
        sponges=(1, 1),
    )


def toy_fixed(kind: Kind, parameters: SecurityParameters = WEAK, backend: Backend = BACKEND) -> FixedTables:
    """Set-up of the toy: the squares of 0 to 31."""
    values = np.arange(32, dtype=np.uint64)
    table = to_montgomery(np.stack([values, values * values]))
    return fix_tables(kind, parameters, [None, None, table], backend)


def toy_traces(steps: int, ladder: int, start: int) -> tuple[list[np.ndarray], list[int]]:
    """Valid canonical traces and public values: `steps` at most 32, `ladder` a power of two."""
    index = np.arange(steps, dtype=np.uint64)
    squares = index * index
    totals = np.concatenate([[0], np.cumsum(squares)]).astype(np.uint64)
    rows = 1 << max(0, (steps - 1).bit_length())
    walk = np.zeros((4, rows), dtype=np.uint64)
    walk[:, :steps] = [np.ones(steps, dtype=np.uint64), index, totals[:-1], squares]
    count = (np.arange(32) < steps).astype(np.uint64)[None]
    rising = (start + np.arange(ladder, dtype=np.uint64))[None]
    return [rising, walk, count], [start, start + ladder - 1, steps, int(totals[-1])]
