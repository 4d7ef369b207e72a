"""The program's micro-operations: one preprocessed row each, asked for by the step that executes it.

Rows that fill up the height have opcode 0, like traps. Every instruction table asks with an opcode of its
own, which is never 0, so neither can be executed.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.tables.buses import PROGRAM
from zisk.vm.tables.trace import Operations

FIELDS = ("pc", "next", "op", "rd", "rs1", "rs2", "imm0", "imm1", "sign")
"""The elements of a message, in order."""


def program_table() -> Air:
    """The AIR; its height is the smallest power of two that holds the program."""

    def define(b: Builder) -> None:
        b.receive(PROGRAM, [b.preprocessed(name) for name in FIELDS], b.column("executed"))

    return build_air("program", define)


def program_content(operations: Operations) -> np.ndarray:
    """The preprocessed columns: uint32[9, height], canonical."""
    slots = operations.pc.size
    content = np.zeros((len(FIELDS), 1 << max(slots - 1, 0).bit_length()), dtype=np.uint32)
    for row, name in enumerate(FIELDS):
        content[row, :slots] = getattr(operations, name)
    return content
