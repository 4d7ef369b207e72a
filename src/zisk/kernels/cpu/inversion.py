"""Batch inversion: one inverse and three multiplications for each of many values.

A block's lanes are independent chains of products.
"""

import numpy as np

from zisk.kernels.cpu.blocks import LANES, copy_block, load_block, multiply_blocks, new_block, store_block
from zisk.kernels.cpu.field import ONE, ZERO, inverse, mul, quintic_inverse
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


@kernel
def invert_extension(values):
    """Replace every element of uint32[5, n] (Montgomery) by its inverse.

    Returns:
        Whether all were invertible; if not, the content is meaningless.
    """
    groups = (values.shape[1] + LANES - 1) // LANES
    prefix = np.empty((groups, 5, LANES), dtype=np.uint32)
    running, block, product = new_block(), new_block(), new_block()
    for group in range(groups):
        load_block(block, values, group * LANES)
        copy_block(prefix[group], running)
        multiply_blocks(product, prefix[group], block)
        copy_block(running, product)
    invertible = True
    for lane in range(LANES):
        inverted = quintic_inverse(
            (running[0, lane], running[1, lane], running[2, lane], running[3, lane], running[4, lane])
        )
        zero = True
        for k in range(5):
            running[k, lane] = inverted[k]
            zero = zero and inverted[k] == ZERO
        invertible = invertible and not zero
    for group in range(groups - 1, -1, -1):
        multiply_blocks(product, running, prefix[group])
        load_block(block, values, group * LANES)
        store_block(product, values, group * LANES)
        multiply_blocks(product, running, block)
        copy_block(running, product)
    return invertible


def warm() -> None:
    """Compile the kernels for the types that the prover calls them with."""
    invert_base(np.ones(1, dtype=np.uint32))
    invert_extension(np.ones((5, 1), dtype=np.uint32))
