"""nop: only the next step.

It stands for whatever has no effect: pure operations on x0, fences, branches that are decided by set-up.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.operations import Operation
from zisk.vm.tables.frame import Frame
from zisk.vm.tables.trace import Operations, Record, Trace

OPERATIONS = {"nop": Operation.NOP}


def no_operation(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        Frame(b, log_size, OPERATIONS).finish()

    return build_air("nop", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, OPERATIONS)
    return trace.matrix()
