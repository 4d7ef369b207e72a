"""Steps by the plain-integer semantics: what a row must say on the buses, computed without any table."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.vm import semantics
from zisk.vm.memory_map import REGISTER_KEY, ROM_BASE, ROM_SIZE
from zisk.vm.operations import SHAPES, Operation
from zisk.vm.tables.buses import EXIT, MEMORY, STATE

from .judge import Token
from .memory_cases import limbs

SLOT_FIRST, SLOT_SECOND, _, SLOT_LAST = range(4)
EXIT_CALL = 93
BySlot = Callable[[int], int]


class NotAStepError(Exception):
    """The machine faults here, so no row may exist."""


class Micro(NamedTuple):
    """A micro-operation of the program."""

    pc: int
    next: int
    op: Operation
    rd: int
    rs1: int
    rs2: int
    immediate: int


class Outcome(NamedTuple):
    """What a micro-operation leaves: the next pc, and rd's new value."""

    next_pc: int
    result: int


def outcome(micro: Micro, a: int, b: int) -> Outcome:
    """Execute a micro-operation that touches no memory."""
    if micro.op in semantics.RESULTS:
        return Outcome(micro.next, semantics.RESULTS[micro.op](a, b, micro.immediate))
    if micro.op in semantics.CONDITIONS:
        return Outcome(micro.immediate if semantics.CONDITIONS[micro.op](a, b) else micro.next, 0)
    if micro.op == Operation.JALR:
        target = semantics.effective_address(a, micro.immediate) & ~1
        if not ROM_BASE <= target < ROM_BASE + ROM_SIZE:
            raise NotAStepError(f"jump to {target:#x}")
        return Outcome((target - ROM_BASE) // 2, ROM_BASE + 2 * micro.next)
    if micro.op == Operation.HALT and a != EXIT_CALL:
        raise NotAStepError(f"system call {a}")
    return Outcome(micro.next, 0)


def tokens(micro: Micro, ts: int, before: BySlot, earlier: BySlot) -> tuple[Token, ...]:
    """The tokens of a step that starts at `ts`.

    `before` and `earlier` give value and timestamp that the word of a slot had.
    """
    shape = SHAPES[micro.op]
    a = before(SLOT_FIRST) if shape.reads_first else 0
    b = before(SLOT_SECOND) if shape.reads_second else 0
    next_pc, result = outcome(micro, a, b)
    found: list[Token] = [(STATE.name, -1, (micro.pc, ts)), (STATE.name, 1, (next_pc, ts + 4))]

    def touch(register: int, slot: int, new: int) -> None:
        key = REGISTER_KEY + register
        found.append((MEMORY.name, -1, (key, earlier(slot), *limbs(before(slot)))))
        found.append((MEMORY.name, 1, (key, ts + slot, *limbs(new))))

    if shape.reads_first:
        touch(micro.rs1, SLOT_FIRST, a)
    if shape.reads_second:
        touch(micro.rs2, SLOT_SECOND, b)
    if shape.writes:
        touch(micro.rd, SLOT_LAST, result)
    if micro.op == Operation.HALT:
        found.append((EXIT.name, 1, limbs(b)))
    return tuple(sorted(found))
