"""halt: the end of the run, with a0 as exit code. At most one row.

It is the system call 93: a7 must hold that number, so a row with another one takes a word that nobody left.
The program gives it HALTED as `next`, a pc that no micro-operation has. The exit goes to the job's bus,
where the public exit code takes it.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.stark.expression import lift
from zisk.vm.operations import Operation
from zisk.vm.tables.buses import EXIT
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_SECOND, Frame, register_key
from zisk.vm.tables.trace import Operations, Record, Trace

OPERATIONS = {"halt": Operation.HALT}
SYSTEM_CALL_REGISTER, CODE_REGISTER = 17, 10
"""a7 and a0: rs1 and rs2 of the micro-operation."""
EXIT_CALL = [93, 0, 0, 0]
"""Limbs of the system call's number."""


def halt(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        call_key = register_key(lift(SYSTEM_CALL_REGISTER))
        frame.access("a", call_key, SLOT_FIRST, EXIT_CALL, EXIT_CALL)
        code = frame.read("b", register_key(lift(CODE_REGISTER)), SLOT_SECOND)
        b.send(EXIT, code, frame.active)
        frame.finish(rs1=SYSTEM_CALL_REGISTER, rs2=CODE_REGISTER)

    return build_air("halt", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, OPERATIONS)
    trace.operands(record, operations)
    trace.limbs("b", record.b)
    return trace.matrix()
