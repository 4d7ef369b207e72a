"""Tally segments: a toy kind of a job. Each adds 0 to 15 to the total that the one before came to.

A job has two, whatever runs, and claims the last total. Every row puts its value on a global bus and takes
fifteen less it off, so a whole segment leaves nothing there.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from zisk.field.koalabear import to_montgomery
from zisk.kernels.backend import Backend
from zisk.kernels.operands import Array
from zisk.stark.air import Builder, Bus, build_air
from zisk.stark.expression import Scope, public
from zisk.stark.kind import Kind, TableShape
from zisk.stark.public_values import Term, receive, send
from zisk.vm.executor import Execution
from zisk.vm.program import Program
from zisk.vm.segment_kind import Filling, JobValues, KeyPlan, SegmentKind

NAME, NUMBER, LOG_SIZE = "tally", 4, 8
LOG_ROWS = 4
SUM = (1 << LOG_ROWS) * ((1 << LOG_ROWS) - 1) // 2
"""What a segment adds."""

TALLY = Bus("G_TALLY", 24, 2, Scope.GLOBAL)
"""(index, total): where a tally segment starts and where it ends."""

COIN = Bus("G_COIN", 25, 1, Scope.GLOBAL)
"""The value of a row."""

Part = tuple[int, int, int]
"""Number of a segment from 1, the total before it, and the one after it."""


def _tally(b: Builder) -> None:
    value, total = b.preprocessed("value"), b.column("total")
    b.zero("starts", b.first * (total - b.public("before")))
    b.zero_on_transition("adds", total.next - total - value)
    b.zero("ends", b.last * (total + value - b.public("after")))
    b.send(COIN, [value])
    b.receive(COIN, [(1 << LOG_ROWS) - 1 - value])


@cache
def tally_kind() -> Kind:
    """The one table, and the chain that numbers and totals make."""
    index, before, after = (public(place) for place in range(3))
    terms = receive(TALLY, index, before), send(TALLY, index + 1, after)
    tables = (TableShape(build_air("tally", _tally), LOG_ROWS),)
    return Kind(NAME, NUMBER, LOG_SIZE, tables, ("index", "before", "after"), terms)


def _job_terms(job: JobValues) -> list[Term]:
    return [Term(TALLY, (1, 0), 1), Term(TALLY, (job.count + 1, *job.claims), -1)]


def _fixed(kind: Kind, program: Program, number: int) -> list[np.ndarray | None]:
    return [to_montgomery(np.arange(1 << LOG_ROWS, dtype=np.uint64)[None])]


def _parts(program: Program, execution: Execution) -> list[Part]:
    return [(1, 0, SUM), (2, SUM, 2 * SUM)]


def _matrices(
    kind: Kind, fixed: Sequence[Array | None], program: Program, part: Part, backend: Backend
) -> list[Array]:
    values = np.arange(1 << LOG_ROWS, dtype=np.uint64)
    return [backend.upload(to_montgomery((part[1] + np.cumsum(values) - values)[None]))]


KIND = SegmentKind(
    name=NAME,
    number=NUMBER,
    sizes=(LOG_SIZE,),
    shape=lambda _log_size: tally_kind(),
    keys=KeyPlan.ONE,
    job_terms=_job_terms,
    filling=lambda: Filling(
        fixed=_fixed,
        parts=_parts,
        publics=lambda part: part,
        matrices=_matrices,
        rows=lambda kind, program, part: [1 << LOG_ROWS],
        claims=lambda parts: (parts[-1][-1],),
    ),
    claims=("total",),
    is_required=False,
)
