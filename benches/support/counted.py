"""Operations of a core proof, segment by segment, counted from the run alone: nothing is proved."""

from __future__ import annotations

from typing import Any

from support.guests import input_for, read_guest
from support.operations import Operations, count_operations
from zisk.stark.key import FREE_HEIGHT, VerifyingKey
from zisk.stark.kind import Kind
from zisk.stark.parameters import parameters_for
from zisk.vm.executor import Run, record_all
from zisk.vm.kinds import KINDS
from zisk.vm.kinds.core import KIND as CORE
from zisk.vm.program import load_program
from zisk.vm.segment_kind import SegmentKind


def count_core_proof(guest: str, log_size: int, log_cycles: int, level: int = 128) -> list[Operations]:
    """The operations of each segment of a run, core and then edges, without proofs-of-work."""
    program = load_program(read_guest(guest), log_size)
    data, _ = input_for(guest, 1 << log_cycles)
    run = Run(program, data, log_size=log_size, record=record_all)
    found: list[Operations] = []
    keys = {kind: _key(kind.of_job(log_size), level) for kind in KINDS}

    def count(kind: SegmentKind, part: Any) -> None:
        rows = kind.filling().rows(keys[kind].kind, program, part)
        found.append(count_operations(keys[kind], [max(used - 1, 0).bit_length() for used in rows], ()))

    for segment in run:
        count(CORE, segment)
    assert run.result is not None
    for kind in KINDS:
        for part in kind.filling().parts(program, run.result):
            count(kind, part)
    return found


def _key(kind: Kind, level: int) -> VerifyingKey:
    return VerifyingKey(kind, parameters_for(level), (), (FREE_HEIGHT,) * len(kind.tables))
