"""Programs for which contents are enumerated, and what a row of the program table must be."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import numpy as np

from tests.solver.tables.messages import demand
from tests.vm import encoder
from tests.vm.guest_elf import code_part, data_part, write_elf
from tests.vm.jobs import every_operation
from tests.vm.random_programs import halt, prologue, random_body, random_data
from zisk.vm.memory_map import HALTED, NOWHERE
from zisk.vm.operations import BRANCHES, TRAP, Operation
from zisk.vm.program import Program, load_program

EXAMPLES = Path(__file__).parents[3] / "examples"


@cache
def sample_programs() -> tuple[Program, ...]:
    """Examples, a random guest, and one with every operation."""
    generator = random.Random(9)
    code = encoder.assemble([*prologue(), *random_body(generator, 400), *halt()])
    elves = [write_elf([code_part(code), data_part(random_data(generator))])]
    elves += [path.read_bytes() for path in sorted(EXAMPLES.glob("*/*.elf"))]
    return (every_operation(), *map(load_program, elves))


def program_rows(program: Program) -> np.ndarray:
    """What the program table must answer: int64[rows, 9], as many rows as the next power of two.

    Raises:
        RefutedError: the program has two rows with one pc, an unknown opcode, an immediate that is not what
            its parts say, or a way to the halt that is no halt, or none from one, or a row there.
    """
    fields = (program.pc, program.next, program.op, program.rd, program.rs1, program.rs2)
    rows = np.stack([*fields, program.imm0, program.imm1, program.sign], axis=1, dtype=np.int64)
    demand(np.unique(program.pc).size == program.slots, "two micro-operations have one pc")
    demand(set(program.op.tolist()) <= {TRAP, *Operation}, "a micro-operation has an unknown opcode")
    low = program.imm0.astype(np.uint64) | program.imm1.astype(np.uint64) << np.uint64(16)
    word = low | np.where(program.sign == 1, np.uint64(0xFFFF_FFFF << 32), np.uint64(0))
    demand(bool((word == program.immediate).all()), "an immediate is not what its parts say")
    branches = np.isin(program.op, sorted(BRANCHES))
    targets = program.immediate[branches]
    demand(bool((targets <= NOWHERE).all()), "the target of a branch is no index")
    demand(bool((targets != HALTED).all()), "a branch leads to the halt")
    halts = program.op == Operation.HALT
    demand(bool(((program.next == HALTED) == halts).all()), "not just the halts go on at the halt")
    demand(bool((program.pc < HALTED).all()), "a micro-operation is at the halt")
    filled = 1 << (program.slots - 1).bit_length()
    return np.concatenate([rows, np.zeros((filled - program.slots, rows.shape[1]), dtype=np.int64)])
