"""A slow machine that runs micro-operations by `tests.vm.semantics` and keeps records in plain dicts.

It is the twin that the interpreter's segments, rows and boundaries are compared with.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from tests.vm import semantics
from tests.vm.reference_cutting import ReferenceCutting
from zisk.vm.cutting import cells_per_row
from zisk.vm.limits import maximal_log_heights, touched_words_limit
from zisk.vm.memory_map import HALTED, INPUT_DATA, REGISTER_KEY
from zisk.vm.operations import BRANCHES, LOAD_WIDTHS, SHAPES, STORE_WIDTHS, Family, Operation, family_of
from zisk.vm.program import Program

Row = dict[str, object]


@dataclass
class ReferenceSegment:
    """What one segment leaves."""

    index: int
    pc_in: int
    pc_out: int
    steps: int
    cycles: int
    rows: dict[Family, list[Row]]
    boundary: list[tuple[int, int, int, int, int]]


@dataclass
class ReferenceMachine:
    """State of a run; call `run` once."""

    program: Program
    data: bytes
    log_size: int
    words: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    last_segment: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))

    def run(self) -> list[ReferenceSegment]:
        """Run to the halt."""
        keys, values = self.program.image_keys.tolist(), self.program.image_values.tolist()
        self.words.update(zip(keys, values, strict=True))
        padded = self.data + bytes(-len(self.data) % 8)
        for position in range(0, len(padded), 8):
            word = int.from_bytes(padded[position : position + 8], "little")
            self.words[(INPUT_DATA + position) // 8] = word
        slots = {int(pc): slot for slot, pc in enumerate(self.program.pc)}
        segments: list[ReferenceSegment] = []
        pc = self.program.entry
        while pc != HALTED:
            segments.append(self._segment(len(segments) + 1, pc, slots))
            pc = segments[-1].pc_out
        return segments

    def _segment(self, index: int, pc: int, slots: dict[int, int]) -> ReferenceSegment:
        most = {family: 1 << height for family, height in maximal_log_heights(self.log_size).items()}
        cells = dict(zip(Family, cells_per_row(self.log_size).tolist(), strict=True))
        rule = ReferenceCutting(most, 1 << self.log_size, cells)
        segment = ReferenceSegment(index, pc, pc, 0, 0, {family: [] for family in Family}, [])
        timestamps: dict[int, int] = {}
        initial: dict[int, int] = {}
        previous_segment: dict[int, int] = {}
        accessed = 0

        def touch(key: int, ts: int) -> int:
            previous = timestamps.get(key, 0)
            if previous == 0:
                initial[key] = self.words[key]
                previous_segment[key] = self.last_segment[key]
                self.last_segment[key] = index
            timestamps[key] = ts
            return previous

        while segment.pc_out != HALTED:
            slot = slots[segment.pc_out]
            operation = Operation(int(self.program.op[slot]))
            shape = SHAPES[operation]
            immediate = int(self.program.immediate[slot])
            first, second, result = (
                REGISTER_KEY + int(column[slot])
                for column in (self.program.rs1, self.program.rs2, self.program.rd)
            )
            is_memory = operation in LOAD_WIDTHS or operation in STORE_WIDTHS
            a = self.words[first] if shape.reads_first else 0
            address = semantics.effective_address(a, immediate) if is_memory else 0
            family = family_of(operation, address)
            touched = 0 if not is_memory else 2 if family == Family.MISALIGNED else 1
            if (
                segment.steps == 1 << self.log_size
                or len(segment.rows[family]) == most[family]
                or accessed + touched > touched_words_limit(self.log_size)
                or rule.ends_before(
                    family, {one: len(rows) for one, rows in segment.rows.items()}, segment.steps
                )
            ):
                break
            ts = 1 + 4 * segment.steps
            row: Row = {"slot": slot, "ts": ts, "a": a, "b": 0, "d": 0, "d_old": 0}
            row |= {"a_prev": touch(first, ts) if shape.reads_first else 0, "b_prev": 0, "d_prev": 0}
            if shape.reads_second:
                row["b"] = self.words[second]
                row["b_prev"] = touch(second, ts + 1)
            b = row["b"]
            assert isinstance(b, int)
            d: int | None = (
                semantics.RESULTS[operation](a, b, immediate) if operation in semantics.RESULTS else None
            )
            following = int(self.program.next[slot])
            if operation in BRANCHES:
                following = immediate if semantics.CONDITIONS[operation](a, b) else following
            elif operation == Operation.JALR:
                d = 0x8000_0000 + 2 * following
                following = ((a + immediate) % 2**64 - 0x8000_0000) >> 1
            elif is_memory:
                d = self._access(row, operation, family, address, b, ts, touch)
            accessed += touched
            if shape.writes:
                assert d is not None
                row |= {"d": d, "d_old": self.words[result]}
                row["d_prev"] = touch(result, ts + 3)
                self.words[result] = d
            segment.rows[family].append(row)
            segment.steps += 1
            segment.cycles += int(self.program.first[slot])
            segment.pc_out = following
        segment.boundary = [
            (key, previous_segment[key], initial[key], self.words[key], timestamps[key]) for key in timestamps
        ]
        return segment

    def _access(
        self, row: Row, operation: Operation, family: Family, address: int, b: int, ts: int, touch
    ) -> int | None:
        """Touch and change the words of a load or store; returns what a load reads."""
        key, offset = address // 8, address % 8
        crossing = family == Family.MISALIGNED
        low, high = self.words[key], self.words[key + 1] if crossing else 0
        slot = ts + (1 if operation in LOAD_WIDTHS else 2)
        row["m_prev"] = (touch(key, slot), touch(key + 1, slot + 1) if crossing else 0)
        row["address"], row["m_old"], row["m_new"] = address, (low, high), (low, high)
        if operation in LOAD_WIDTHS:
            return semantics.load_value(operation, low, high, offset)
        new_low, new_high = semantics.store_words(operation, low, high, offset, b)
        row["m_new"] = (new_low, new_high)
        self.words[key] = new_low
        if crossing:
            self.words[key + 1] = new_high
        return None
