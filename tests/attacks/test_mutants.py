"""One wrong cell: in every column of the tables between segments, and once in every table of the machine."""

from __future__ import annotations

import copy
from functools import cache

import numpy as np
import pytest

from tests.attacks.forging import tell
from tests.attacks.proving import (
    Check,
    accepted,
    accepted_in_both_forms,
    assert_refused,
    prove_told,
    set_up,
    without,
)
from tests.vm.jobs import Job, SegmentMatrices, every_operation
from zisk.field.koalabear import P
from zisk.prover import Program, VerificationError
from zisk.stark.check import is_lookup_table_side
from zisk.stark.errors import Rejection
from zisk.vm.kinds import core_kind, edges_kind

INPUT = bytes(range(1, 40))
ONE = np.uint32((1 << 32) % P)
"""One in Montgomery form."""


@cache
def honest() -> Job:
    """Every operation of the machine, in two segments."""
    job = tell(every_operation(), data=INPUT, steps=120)
    assert len(job.core) == 2
    assert job.complaints() == []
    return job


def cannot_matter(table: str, column: str, live: bool) -> bool:
    """A row that holds no word says nothing, but for its flags and, in the memory table, the key."""
    if live:
        return False
    return column not in {"memory": ("key", "is_zero", "is_input", "is_output"), "boundary": ("active",)}.get(
        table, ()
    )


def segment_of(job: Job, table: str) -> SegmentMatrices:
    return job.core[1] if table == "boundary" else job.edges[0]


def rows_of(segment: SegmentMatrices, table: str) -> dict[int, bool]:
    """A row of each sort, and whether it holds a word."""
    flags = {"memory": ("is_zero", "is_input", "is_output"), "boundary": ("active",)}.get(table, ())
    live = np.ones(segment.table(table).shape[1], dtype=bool)
    if table == "image":
        live[:] = segment.fixed[2][1] != 0  # pyright: ignore[reportOptionalSubscript]
    else:
        live[:] = sum(segment.column(table, name) for name in flags)
    sorts = [segment.column(table, name) == 1 for name in flags] + [~live]
    last = segment.column(table, "gap_low" if table == "boundary" else "last_segment")
    sorts += [live & (last == 0), live & (last != 0)]
    found = [int(np.flatnonzero(sort)[0]) for sort in sorts if sort.any()]
    found += [int(np.flatnonzero(live)[-1])]
    return {row: bool(live[row]) for row in found}


@pytest.mark.slow
@pytest.mark.parametrize("table", ["boundary", "memory", "image"])
def test_every_cell_between_segments_matters(table: str) -> None:
    job = honest()
    segment = segment_of(job, table)
    air = next(air for air in segment.kind.airs if air.name == table)
    unnoticed = set()
    for row, live in rows_of(segment, table).items():
        for column in air.main_names:
            cell = segment.column(table, column)
            true = int(cell[row])
            cell[row] = (true + 1) % P
            complaints = job.complaints()
            cell[row] = true
            if not complaints:
                unnoticed.add((column, live))
    assert all(cannot_matter(table, column, live) for column, live in unnoticed), unnoticed
    assert job.complaints() == []


@pytest.mark.parametrize("place", range(4))
def test_every_public_value_of_a_segment_matters(place: int) -> None:
    for core in (True, False):
        job = copy.deepcopy(honest())
        segment = job.core[1] if core else job.edges[0]
        if place >= len(segment.publics):
            continue
        segment.publics[place] += 1
        try:
            complaints = job.complaints()
        except VerificationError:
            continue
        assert complaints != []


@pytest.fixture(scope="module")
def prepared() -> Program:
    return set_up(every_operation())


TABLES = [
    (kind.name, index, air.name)
    for kind in (core_kind(16), edges_kind())
    for index, air in enumerate(kind.airs)
]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "index", "name"), TABLES, ids=lambda part: str(part))
def test_a_wrong_cell_of_each_table_before_the_verifier(
    prepared: Program, kind: str, index: int, name: str
) -> None:
    """The last used column of the first row; in tables that answer lookups, how often a row was asked."""
    job = tell(every_operation(), data=INPUT)

    def alter(segment: SegmentMatrices, traces: list[np.ndarray]) -> None:
        if segment.kind.name == kind:
            trace = traces[index]
            row = 0 if is_lookup(index, segment) else int(np.flatnonzero(trace.any(axis=0))[0])
            place = int(np.flatnonzero(trace[:, row])[-1]) if trace[:, row].any() else 0
            trace[place, row] = (int(trace[place, row]) + int(ONE)) % P

    proof = prove_told(prepared, job, alter=alter)
    assert_refused(proof, prepared.key, Rejection.BUS, Rejection.CONSTRAINTS)


def is_lookup(index: int, segment: SegmentMatrices) -> bool:
    return any(is_lookup_table_side(one) for one in segment.kind.airs[index].interactions)


def test_without_a_wrong_cell_it_is_accepted(prepared: Program) -> None:
    job = tell(every_operation(), data=INPUT)
    outcome = accepted_in_both_forms(prove_told(prepared, job), prepared.key)
    assert outcome.outputs == job.execution.outputs


def test_a_cell_that_only_a_constraint_sees(prepared: Program) -> None:
    """No message has the limb that decides a comparison."""
    job = tell(every_operation(), data=INPUT)
    for index in (2, 3):
        cells = job.core[0].column("slt", f"decides[{index}]")
        cells[0] = 1 - cells[0]
    complaints = job.complaints()
    assert complaints != []
    assert all(one.startswith("slt: constraint") for one in complaints)
    proof = prove_told(prepared, job)
    assert_refused(proof, prepared.key, Rejection.CONSTRAINTS, text="core: the constraints do not hold")
    with without(Check.CONSTRAINTS):
        assert accepted(proof, prepared.key).outputs == job.execution.outputs
