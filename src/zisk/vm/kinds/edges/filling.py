"""Edges segments out of the words that a run touched."""

from __future__ import annotations

from collections.abc import Sequence

from zisk.kernels.backend import Backend
from zisk.kernels.operands import Array
from zisk.stark.kind import Kind
from zisk.vm.program import Program
from zisk.vm.segment_kind import Filling
from zisk.vm.segments import EdgesPart, edges_fixed, edges_matrices, edges_parts


def _matrices(
    _: Kind, fixed: Sequence[Array | None], program: Program, part: EdgesPart, backend: Backend
) -> list[Array]:
    return edges_matrices(fixed, program, part, backend)


def _rows(kind: Kind, program: Program, part: EdgesPart) -> list[int]:
    answering = 1 << kind.tables[-1].max_log_height
    return [part.words.key.size, len(program.regions), part.image_final.size, answering]


FILLING = Filling(
    fixed=lambda _kind, program, number: edges_fixed(program, number),
    parts=lambda program, execution: edges_parts(program, execution.touched),
    publics=lambda part: part.publics,
    matrices=_matrices,
    rows=_rows,
    claims=lambda parts: (parts[-1].last_key,),
)
