"""Whole jobs as matrices, and a quick judge of them that a test can hand altered ones.

Lookups are judged by what their tables must contain, so the large fixed tables are left out of the count.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from zisk.field.koalabear import P, from_montgomery, to_montgomery
from zisk.kernels.cpu.backend import CpuBackend
from zisk.kernels.pool import Pool
from zisk.stark.air import Bus
from zisk.stark.check import TableTrace, check_constraints, check_publics, is_lookup_table_side, messages
from zisk.stark.kind import Kind
from zisk.stark.public_values import Term
from zisk.vm.executor import Execution, Run, Segment, record_all
from zisk.vm.kinds import core_kind, edges_kind, job_terms
from zisk.vm.operations import Operation
from zisk.vm.program import Program
from zisk.vm.segments import (
    EdgesPart,
    core_fixed,
    core_matrices,
    core_publics,
    edges_fixed,
    edges_matrices,
    edges_parts,
)
from zisk.vm.tables import buses
from zisk.vm.tables.buses import BYTES, PROGRAM, RANGE, REGION, SHIFT, STATE_EDGE, TUPLE
from zisk.vm.tables.program import FIELDS

from .micro_programs import HALT, Line, micro_program

BACKEND = CpuBackend(Pool(1))
BUS_NAMES = {bus.number: bus.name for bus in vars(buses).values() if isinstance(bus, Bus)}


@dataclass(eq=False)
class SegmentMatrices:
    """One segment: canonical main columns of each table, and its public values."""

    kind: Kind
    fixed: list[np.ndarray | None]
    traces: list[np.ndarray]
    publics: list[int]

    def table(self, name: str) -> np.ndarray:
        """The canonical main columns of a table."""
        return self.traces[[air.name for air in self.kind.airs].index(name)]

    def column(self, table: str, name: str) -> np.ndarray:
        """One column, to be read or changed."""
        air = next(air for air in self.kind.airs if air.name == table)
        return self.table(table)[air.main_names.index(name)]

    def tables(self) -> list[TableTrace]:
        """The tables as the debug checker takes them."""
        return [
            TableTrace(
                air,
                np.zeros((0, trace.shape[1]), dtype=np.uint32) if fixed is None else fixed,
                to_montgomery(trace % P),
                tuple(self.publics[place] for place in places),
            )
            for air, fixed, trace, places in zip(
                self.kind.airs, self.fixed, self.traces, self.kind.public_places, strict=True
            )
        ]

    @property
    def terms(self) -> list[Term]:
        """The messages of its public values."""
        return self.kind.public_terms(self.publics)

    def examine(self, program: Program) -> _Said:
        """What is wrong inside the segment, and the messages that it has for others."""
        found: set[str] = set()
        tokens: Counter[tuple[int, ...]] = Counter()
        for table in self.tables():
            complaints, said = _examine(table, program)
            found |= complaints
            tokens.update(said)
        found.update(str(one) for one in check_publics(self.kind, self.publics))
        _add_terms(tokens, self.terms)
        outside = Counter(
            {message: count for message, count in tokens.items() if message[0] >= STATE_EDGE.number}
        )
        found.update(
            f"{BUS_NAMES[message[0]]} is left over"
            for message, count in tokens.items()
            if count and message not in outside
        )
        return found, outside


@dataclass(eq=False)
class Job:
    """A run with all its segments."""

    program: Program
    execution: Execution
    core: list[SegmentMatrices]
    edges: list[SegmentMatrices]

    def copy(self) -> Job:
        """A job of the same run whose matrices and public values may be altered."""
        return Job(self.program, self.execution, copy.deepcopy(self.core), copy.deepcopy(self.edges))

    @property
    def terms(self) -> list[Term]:
        """The messages of the job's public values."""
        return job_terms(
            entry=self.program.entry,
            core_segments=len(self.core),
            edges_segments=len(self.edges),
            last_key=self.edges[-1].publics[2],
            exit_code=self.execution.exit_code,
            outputs=self.execution.outputs,
        )

    def complaints(self) -> list[str]:
        """Failing constraints and requirements, unanswered queries, buses with tokens left, ascending."""
        found: set[str] = set()
        everywhere: Counter[tuple[int, ...]] = Counter()
        for segment in (*self.core, *self.edges):
            complaints, outside = segment.examine(self.program)
            found |= complaints
            for message, count in outside.items():
                everywhere[message] += count
        _add_terms(everywhere, self.terms)
        found.update(
            f"{BUS_NAMES[message[0]]} is left over" for message, count in everywhere.items() if count
        )
        return sorted(found)


def _add_terms(tokens: Counter[tuple[int, ...]], terms: Iterable[Term]) -> None:
    for term in terms:
        tokens[(term.bus.number, *term.message)] += term.multiplicity


_Said = tuple[set[str], Counter[tuple[int, ...]]]
_examined: dict[tuple[object, ...], _Said] = {}
"""What is known of tables by their content: a test alters one table and asks for all."""


def _examine(table: TableTrace, program: Program) -> _Said:
    """The complaints of one table for itself, and its tokens."""
    if all(is_lookup_table_side(one) for one in table.air.interactions):
        return set(), Counter()
    place = (table.air.name, table.main.tobytes(), table.publics, program)
    if place not in _examined:
        _examined[place] = _examine_anew(table, program)
    return _examined[place]


def _examine_anew(table: TableTrace, program: Program) -> _Said:
    found = {f"{one.table}: {one.what}" for one in check_constraints(table, BACKEND)}
    tokens: Counter[tuple[int, ...]] = Counter()
    for one in table.air.interactions:
        for _, message, count in messages(table, one, BACKEND):
            answered = _answered(message, program)
            if answered is None:
                tokens[message] += count
            elif not answered:
                found.add(f"{table.air.name}: nothing answers {one.bus.name}")
    return found, tokens


def _answered(message: tuple[int, ...], program: Program) -> bool | None:
    """Whether the fixed tables answer a lookup; None for tokens."""
    number, *elements = message
    if number == RANGE.number:
        bits, value = elements
        return bits <= 16 and value < 1 << bits
    if number == BYTES.number:
        operation, a, b, c = elements
        return max(a, b) < 256 and c == (0, a & b, a | b, a ^ b)[operation]
    if number == TUPLE.number:
        return max(elements) < 4
    if number == SHIFT.number:
        amount, quotient, right, left = elements
        rest = amount % 16
        return amount < 64 and (quotient, right, left) == (amount // 16, 1 << rest, 1 << (16 - rest))
    if number == REGION.number:
        return tuple(elements) in program.regions
    if number == PROGRAM.number:
        slot = np.flatnonzero(program.pc == elements[0])
        return slot.size == 1 and elements == [int(getattr(program, name)[slot[0]]) for name in FIELDS]
    return None


def run_job(program: Program, data: bytes = b"") -> Job:
    """Run a guest and fill the matrices of all its segments, of size 16."""
    run = Run(program, data, log_size=16, record=record_all)
    core = list(fill_core(program, run))
    assert run.result is not None
    edges = [fill_edges(program, part) for part in edges_parts(program, run.result.touched)]
    return Job(program, run.result, core, edges)


def fill_core(program: Program, segments: Iterable[Segment]) -> Iterator[SegmentMatrices]:
    """The matrices of recorded core segments of size 16."""
    kind, fixed = core_kind(16), core_fixed(16, program)
    for one in segments:
        traces = _canonical(core_matrices(kind, fixed, program, one, BACKEND))
        yield SegmentMatrices(kind, fixed, traces, list(core_publics(one)))


def fill_edges(program: Program, part: EdgesPart) -> SegmentMatrices:
    """The matrices of one edges segment."""
    fixed = edges_fixed(program, part.index)
    traces = edges_matrices(fixed, program, part, BACKEND)
    return SegmentMatrices(edges_kind(), fixed, _canonical(traces), list(part.publics))


def _canonical(traces: list[np.ndarray]) -> list[np.ndarray]:
    return [from_montgomery(trace).astype(np.int64) for trace in traces]


DATA = 0xA003_0000
INPUT = 0x4000_0008
OUTPUT = 0xA001_0000


def every_operation() -> Program:
    """A program that executes each micro-operation, loads and stores also misaligned, and leaves outputs."""
    o = Operation
    lines = [Line(o.NOP), Line(o.LI, 5, immediate=0xFEDC_BA98), Line(o.ADDI, 6, 5, 0, (1 << 64) - 3)]
    two = (o.ADD, o.SUB, o.ADDW, o.SUBW, o.XOR, o.OR, o.AND, o.SLT, o.SLTU, o.SLL, o.SRL, o.SRA, o.SLLW)
    two += (o.SRLW, o.SRAW, o.MUL, o.MULHU, o.DIVU, o.REMU)
    for index, operation in enumerate(two):
        first, second = (20, 21) if index % 2 else (21, 20)
        lines += [Line(operation, 7, first, second), Line(operation, 7, first, 22)]
    one = (o.ADDIW, o.XORI, o.ORI, o.ANDI, o.SLTI, o.SLTIU)
    lines += [Line(operation, 8, 20, 0, immediate) for operation in one for immediate in (77, (1 << 64) - 2)]
    shifts = (o.SLLI, o.SRLI, o.SRAI, o.SLLIW, o.SRLIW, o.SRAIW)
    lines += [Line(operation, 8, register, 0, 13) for operation in shifts for register in (20, 21)]
    lines += [Line(o.SLLI, 8, 20, 0, 48), Line(o.SRAI, 8, 21, 0, 63)]
    for operation in (o.BEQ, o.BNE, o.BLT, o.BGE, o.BLTU, o.BGEU):
        lines += [
            Line(operation, 0, 20, second, len(lines) + place + 1) for place, second in enumerate((20, 21))
        ]
    for operation in (o.BEQZ, o.BNEZ, o.BLTZ, o.BGEZ, o.BGTZ, o.BLEZ):
        lines += [
            Line(operation, 0, first, 0, len(lines) + place + 1) for place, first in enumerate((20, 22))
        ]
    for operation in (o.SD, o.SB, o.SH, o.SW):
        lines += [Line(operation, 0, 23, 20, offset) for offset in (0, 9, 18, 29, 32, 43)]
    for operation in (o.SDZ, o.SBZ, o.SHZ, o.SWZ):
        lines += [Line(operation, 0, 23, 0, offset) for offset in (3, 40)]
    for operation in (o.LD, o.LB, o.LBU, o.LH, o.LHU, o.LW, o.LWU):
        lines += [Line(operation, 9, 23, 0, offset) for offset in (0, 7, 24, 34)]
        lines += [Line(operation, 9, 24, 0, 8)]
    lines += [Line(o.SD, 0, 25, 20, 0), Line(o.SW, 0, 25, 21, 252), Line(o.LD, 9, 25, 0, 64)]
    lines += [Line(o.JALR, 1, 26, 0, 2 * (len(lines) + 2)), HALT, HALT]
    registers = {10: 0x1_0002_0003, 20: 0x0123_4567_89AB_CDEF, 21: 0xFEDC_BA98_7654_320D, 22: 0}
    registers |= {23: DATA, 24: INPUT, 25: OUTPUT, 26: 0x8000_0000}
    return micro_program(lines, registers, {DATA + 24: 0x8877_6655_4433_2211})
