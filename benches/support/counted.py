"""Operations of a core proof, segment by segment, counted from the run alone: nothing is proved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from support.guests import input_for, read_guest
from support.operations import Operations, count_operations
from zisk.stark.key import FREE_HEIGHT, VerifyingKey
from zisk.stark.kind import Kind
from zisk.stark.parameters import parameters_for
from zisk.vm.executor import Run, Segment, record_all
from zisk.vm.kinds import core_families, core_kind, edges_kind
from zisk.vm.program import Program, load_program
from zisk.vm.segments import edges_parts


def count_core_proof(guest: str, log_size: int, log_cycles: int, level: int = 128) -> list[Operations]:
    """The operations of each segment of a run, core and then edges, without proofs-of-work."""
    program = load_program(read_guest(guest), log_size)
    data, _ = input_for(guest, 1 << log_cycles)
    run = Run(program, data, log_size=log_size, record=record_all)
    found = []
    core, edges = _key(core_kind(log_size), level), _key(edges_kind(), level)
    for segment in run:
        found.append(count_operations(core, _log_heights(_rows(core.kind, program, segment)), ()))
    assert run.result is not None
    for part in edges_parts(program, run.result.touched):
        answering = 1 << edges.kind.tables[-1].max_log_height
        rows = (part.words.key.size, len(program.regions), part.image_final.size, answering)
        found.append(count_operations(edges, _log_heights(rows), ()))
    return found


def _key(kind: Kind, level: int) -> VerifyingKey:
    return VerifyingKey(kind, parameters_for(level), (), (FREE_HEIGHT,) * len(kind.tables))


def _rows(kind: Kind, program: Program, segment: Segment) -> Iterator[int]:
    """Used rows of a core segment's tables; those that answer lookups are used whole."""
    assert segment.record is not None
    others = {"boundary": segment.record.boundary.key.size, "program": program.slots}
    for table, family in zip(kind.tables, core_families(kind.log_size), strict=True):
        yield (
            others.get(table.air.name, 1 << table.max_log_height) if family is None else segment.rows[family]
        )


def _log_heights(rows: Iterator[int] | Sequence[int]) -> list[int]:
    return [max(used - 1, 0).bit_length() for used in rows]
