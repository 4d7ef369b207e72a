"""Runs a guest and cuts the run into segments.

Cuts are a function of program, input and size alone: a segment ends before the step that would exceed its
steps, the rows of one family, or the memory words that loads and stores may touch, or earlier where
`zisk.vm.cutting` finds that cheaper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zisk.choices import DEFAULT_LOG_SIZE, LOG_SIZES
from zisk.progress import NULL_PROGRESS, Advance, Progress
from zisk.stages import NULL_STAGES, Stage, Stages
from zisk.vm import interpreter_state, memory_map
from zisk.vm.cutting import cells_per_row, first_stops, next_stops
from zisk.vm.errors import (
    FaultKind,
    GuestError,
    GuestFault,
    StepLimitError,
    UnsupportedInstructionError,
)
from zisk.vm.interpreter import interpret
from zisk.vm.interpreter_code import PackedCode, pack
from zisk.vm.limits import maximal_log_heights, touched_words_limit
from zisk.vm.memory import Memory, TouchedWords, boot_memory, touched_words
from zisk.vm.operations import Family
from zisk.vm.program import Program
from zisk.vm.record import SegmentRecord
from zisk.vm.record_store import RecordStore

_REPORT_STEPS = 50_000_000
"""Most steps between two progress reports; about half a second."""

_MASK = (1 << 64) - 1
_UART_BUFFER = 1 << 16
_ARGUMENT_REGISTER = 10


@dataclass(frozen=True, eq=False, slots=True)
class Segment:
    """One finished segment.

    `index` counts from 1; `pc_in`, `pc_out`: indices; `end_ts`: timestamp after the last step.
    `steps`, `cycles`: micro-operations and RISC-V instructions; `rows`: per family.
    `record`: rows and boundary if it was asked for.
    """

    index: int
    pc_in: int
    pc_out: int
    end_ts: int
    steps: int
    cycles: int
    rows: dict[Family, int]
    record: SegmentRecord | None


@dataclass(frozen=True, eq=False, slots=True)
class Execution:
    """A finished run.

    `cycles`, `steps`: RISC-V instructions and micro-operations; `segments`: their number.
    `outputs`: the 64 public 32-bit words; `exit_code`: a0 at the halt, 64 bits.
    `uart`: bytes that the guest printed; `touched`: words for the edges.
    """

    cycles: int
    steps: int
    segments: int
    outputs: tuple[int, ...]
    exit_code: int
    uart: bytes
    touched: TouchedWords


def record_all(_index: int) -> bool:
    """Ask for the record of every segment."""
    return True


def record_none(_index: int) -> bool:
    """Ask for no record."""
    return False


class Run:
    """A run in progress: iterate for its segments in order, then read `result`.

    `record(index)` says whether a segment's record is wanted.
    Iterating raises `GuestFault`, `UnsupportedInstructionError` or `StepLimitError` where the guest fails;
    the output that it printed so far is in `uart`.
    """

    def __init__(
        self,
        program: Program,
        data: bytes,
        *,
        log_size: int = DEFAULT_LOG_SIZE,
        record: Callable[[int], bool] = record_none,
        max_steps: int | None = None,
        progress: Progress = NULL_PROGRESS,
        stages: Stages = NULL_STAGES,
    ) -> None:
        if log_size not in LOG_SIZES:
            raise ValueError(f"log_size {log_size} is none of {LOG_SIZES}")
        self._program, self._data = program, data
        self._memory = boot_memory(program, data)
        self._packed = pack(program)
        self._record = record
        self._max_steps, self._progress, self._stages = max_steps, progress, stages
        self._maxima = _maxima(log_size)
        self._cells = cells_per_row(log_size)
        self._store = RecordStore(self._maxima)
        self._uart_buffer = np.zeros(_UART_BUFFER, np.uint8)
        self.uart = bytearray()
        self.result: Execution | None = None

    def __iter__(self) -> Iterator[Segment]:
        """Run segment after segment."""
        state = np.zeros(interpreter_state.STATE_LENGTH, np.int64)
        state[interpreter_state.SLOT] = self._packed.entry_slot
        steps, index, status, pc = 0, 0, interpreter_state.CUT, self._program.entry
        with self._progress.phase("execute") as advance:
            while status == interpreter_state.CUT:
                index += 1
                recording = self._record(index)
                with self._stages.stage(Stage.RECORD if recording else Stage.EXECUTE):
                    segment, status = self._run_segment(state, index, pc, steps, advance, recording)
                steps += segment.steps
                pc = segment.pc_out
                if status == interpreter_state.HALTED:
                    self.result = self._finish(state, index, steps)
                yield segment
                del segment  # where nobody keeps it, the next one is recorded into the same memory

    def _run_segment(
        self,
        state: npt.NDArray[np.int64],
        index: int,
        pc: int,
        before: int,
        advance: Advance,
        recording: bool,
    ) -> tuple[Segment, int]:
        """Run one segment; `before` is the number of steps of the earlier ones."""
        memory = self._memory
        block = self._store.take() if recording else None
        log = block.log if block is not None else None
        cycles_before = int(state[interpreter_state.CYCLES])
        for counter in (
            interpreter_state.STEPS,
            interpreter_state.TOUCHED,
            interpreter_state.REGISTERS,
        ):
            state[counter] = 0
        state[interpreter_state.SEGMENT] = index
        counts = np.zeros(len(Family), np.int64)
        stops = first_stops(self._maxima)
        while True:
            done = int(state[interpreter_state.STEPS])
            allowed = _REPORT_STEPS
            if self._max_steps is not None:
                allowed = min(allowed, self._max_steps - before - done)
                if allowed <= 0:
                    raise StepLimitError(self._max_steps)
            state[interpreter_state.STEPS_ALLOWED] = allowed
            status = interpret(
                self._packed.code,
                self._packed.slot_of_index,
                memory.words,
                memory.rom_mapped,
                memory.pages,
                state,
                counts,
                stops,
                self._uart_buffer,
                log,
            )
            self._take_uart(state)
            advance(int(state[interpreter_state.STEPS]) - done)
            if status == interpreter_state.CUT:
                steps = int(state[interpreter_state.STEPS])
                following = next_stops(counts, steps, stops, self._maxima, self._cells)
                if following is None:
                    break
                stops = following
                continue
            if status == interpreter_state.HALTED:
                break
            if status not in (interpreter_state.PAUSED, interpreter_state.UART_FULL):
                raise describe_fault(self._program, self._packed, status, state)
        steps = int(state[interpreter_state.STEPS])
        record = None
        if block is not None:
            record = block.record(counts, int(state[interpreter_state.TOUCHED]), memory.words)
        else:
            _note_registers(memory, int(state[interpreter_state.REGISTERS]), index)
        halted = status == interpreter_state.HALTED
        pc_out = memory_map.HALTED if halted else self._pc_of(int(state[interpreter_state.SLOT]))
        segment = Segment(
            index=index,
            pc_in=pc,
            pc_out=pc_out,
            end_ts=1 + 4 * steps,
            steps=steps,
            cycles=int(state[interpreter_state.CYCLES]) - cycles_before,
            rows={family: int(counts[family]) for family in Family},
            record=record,
        )
        return segment, status

    def _pc_of(self, slot: int) -> int:
        """Index of a slot, or of what a dead end stands for."""
        if slot < self._program.slots:
            return int(self._program.pc[slot])
        return int(self._packed.dead_end_index[slot - self._program.slots])

    def _take_uart(self, state: npt.NDArray[np.int64]) -> None:
        """Move printed bytes out of the kernel's buffer."""
        count = int(state[interpreter_state.UART_COUNT])
        self.uart += self._uart_buffer[:count].tobytes()
        state[interpreter_state.UART_COUNT] = 0

    def _finish(self, state: npt.NDArray[np.int64], segments: int, steps: int) -> Execution:
        """Result of the halted run."""
        values = self._memory.values
        first = (memory_map.OUTPUT_BASE - memory_map.RAM_BASE) // 8
        outputs = values[first : first + memory_map.OUTPUT_WORDS].astype("<u8").view("<u4")
        return Execution(
            cycles=int(state[interpreter_state.CYCLES]),
            steps=steps,
            segments=segments,
            outputs=tuple(int(value) for value in outputs),
            exit_code=int(values[_ARGUMENT_REGISTER]),
            uart=bytes(self.uart),
            touched=touched_words(self._memory, self._program, self._data),
        )


def execute(
    program: Program,
    data: bytes,
    *,
    log_size: int = DEFAULT_LOG_SIZE,
    record: Callable[[int], bool] = record_none,
    on_segment: Callable[[Segment], None] | None = None,
    max_steps: int | None = None,
    progress: Progress = NULL_PROGRESS,
) -> Execution:
    """Run a guest to its halt; `on_segment` sees every segment as it ends.

    Raises `InputTooLargeError`, and whatever `Run` raises.
    """
    run = Run(program, data, log_size=log_size, record=record, max_steps=max_steps, progress=progress)
    for segment in run:
        if on_segment is not None:
            on_segment(segment)
        del segment
    assert run.result is not None
    return run.result


def _maxima(log_size: int) -> npt.NDArray[np.int64]:
    """Most rows per family, then most steps and touched words, of one segment."""
    heights = maximal_log_heights(log_size)
    limits = [1 << heights[family] for family in Family]
    return np.array([*limits, 1 << log_size, touched_words_limit(log_size)], np.int64)


def _note_registers(memory: Memory, registers: int, index: int) -> None:
    """Mark the register words of a set (one bit each) as touched by a segment."""
    for register in range(1, 32 + memory_map.SCRATCH_COUNT):
        if registers >> register & 1:
            memory.mark(register, index)


_LEFT_CODE = -1
"""Status in place of the kernel's for a static target that no code can have."""

_FAULTS = {
    _LEFT_CODE: FaultKind.JUMP_OUTSIDE_CODE,
    interpreter_state.BAD_JUMP: FaultKind.JUMP_OUTSIDE_CODE,
    interpreter_state.BAD_SYSTEM_CALL: FaultKind.UNKNOWN_SYSTEM_CALL,
    interpreter_state.UNMAPPED: FaultKind.UNMAPPED_ACCESS,
    interpreter_state.READ_ONLY: FaultKind.READ_ONLY_STORE,
    interpreter_state.REGISTER_ZERO: FaultKind.REGISTER_ZERO_STORE,
    interpreter_state.ADVICE: FaultKind.ADVICE_WORD,
}


def describe_fault(
    program: Program, packed: PackedCode, status: int, state: npt.NDArray[np.int64]
) -> GuestError:
    """Error for a status that puts the guest at fault, from the kernel's state."""
    slot = int(state[interpreter_state.SLOT])
    value = int(state[interpreter_state.AT_FAULT]) & _MASK
    if slot >= program.slots:
        index = int(packed.dead_end_index[slot - program.slots])
        slot = int(packed.dead_end_source[slot - program.slots])
        inside = index < memory_map.CODE_INDEX_LIMIT
        status = interpreter_state.BAD_JUMP if inside else _LEFT_CODE
        value = memory_map.ROM_BASE + 2 * index
    pc, text = int(program.address[slot]), program.instruction_text(slot)
    if status == interpreter_state.TRAPPED:
        trap = program.traps[slot]
        if trap.fault is None:
            return UnsupportedInstructionError(pc, int(program.word[slot]), trap.name)
        return GuestFault(trap.fault, pc, trap.detail, text)
    if status == interpreter_state.BAD_SYSTEM_CALL:
        detail = f"a7 = {value}"
    elif status == _LEFT_CODE:
        detail = "the target is outside the code region"
    elif status == interpreter_state.BAD_JUMP:
        detail = f"target {value:#x}"
    else:
        detail = f"address {value:#x}"
        access = int(state[interpreter_state.ACCESS]) & _MASK
        if access != value:
            detail += f", the word after that of {access:#x}: a misaligned access takes both"
    return GuestFault(_FAULTS[status], pc, detail, text)
