"""Batch inversion in F: one inverse and three multiplications for each of many values.

Lanes are independent chains of products.
"""

import numpy as np

from zisk.kernels.cpu.blocks import LANES
from zisk.kernels.cpu.field import ONE, ZERO, inverse, mul
from zisk.kernels.jit import kernel


@kernel
def invert_base(values):
    """Replace every element of uint32[n] (Montgomery) by its inverse, and 0 by 0."""
    n = values.size
    groups = (n + LANES - 1) // LANES
    prefix = np.empty((groups, LANES), dtype=np.uint32)
    running = np.empty(LANES, dtype=np.uint32)
    running[:] = ONE
    for group in range(groups):
        part, before = values[group * LANES : (group + 1) * LANES], prefix[group]
        for lane in range(part.size):
            before[lane] = running[lane]
            value = part[lane]
            running[lane] = mul(running[lane], ONE if value == ZERO else value)
    for lane in range(LANES):
        running[lane] = inverse(running[lane])
    for group in range(groups - 1, -1, -1):
        part, before = values[group * LANES : (group + 1) * LANES], prefix[group]
        for lane in range(part.size):
            value = part[lane]
            inverted = mul(running[lane], before[lane])
            running[lane] = mul(running[lane], ONE if value == ZERO else value)
            part[lane] = ZERO if value == ZERO else inverted


def warm() -> None:
    """Compile the kernels for the types that the prover calls them with."""
    invert_base(np.ones(1, dtype=np.uint32))
