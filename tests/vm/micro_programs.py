"""Programs made of micro-operations that a test writes down itself."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zisk.vm.memory_map import HALTED, REGISTER_KEY, region_table
from zisk.vm.operations import Operation
from zisk.vm.program import Program


class Line(NamedTuple):
    """One micro-operation; the next line follows it unless `next` says otherwise."""

    operation: Operation
    rd: int = 0
    rs1: int = 0
    rs2: int = 0
    immediate: int = 0
    next: int | None = None


HALT = Line(Operation.HALT, 0, 17, 10, 0, HALTED)


def micro_program(
    lines: list[Line], registers: dict[int, int], memory: dict[int, int] | None = None
) -> Program:
    """Program that starts at its first line with the given registers and words of memory by byte address.

    Line i has instruction index i; register 17 is 93, so that `HALT` halts.
    """
    words = {REGISTER_KEY + i: word for i, word in {**registers, 17: 93}.items()}
    words |= {address // 8: word for address, word in (memory or {}).items()}
    keys = np.array(sorted(words), np.uint32)
    immediate = np.array([line.immediate for line in lines], np.uint64)
    successors = [i + 1 if line.next is None else line.next for i, line in enumerate(lines)]
    return Program(
        entry=0,
        pc=np.arange(len(lines), dtype=np.uint32),
        next=np.array(successors, np.uint32),
        op=np.array([line.operation for line in lines], np.uint8),
        rd=np.array([line.rd for line in lines], np.uint8),
        rs1=np.array([line.rs1 for line in lines], np.uint8),
        rs2=np.array([line.rs2 for line in lines], np.uint8),
        imm0=(immediate & np.uint64(0xFFFF)).astype(np.uint32),
        imm1=(immediate >> np.uint64(16) & np.uint64(0xFFFF)).astype(np.uint32),
        sign=(immediate >> np.uint64(63)).astype(np.uint8),
        immediate=immediate,
        first=np.ones(len(lines), np.bool_),
        address=(0x8000_0000 + 2 * np.arange(len(lines))).astype(np.uint32),
        word=np.full(len(lines), 0x13, np.uint32),
        image_keys=keys,
        image_values=np.array([words[int(key)] for key in keys], np.uint64),
        regions=tuple(region_table(keys)),
        traps={},
    )
