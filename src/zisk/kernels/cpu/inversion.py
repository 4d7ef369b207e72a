"""Batch inversion: one inverse and three multiplications for each of many values, lanes side by side."""

import numpy as np

from zisk.kernels.cpu.field import ONE, ZERO, inverse, mul, quintic_inverse, quintic_mul
from zisk.kernels.jit import kernel

LANES = 64
"""Independent chains of products: enough to fill vector registers."""


@kernel
def invert_base(values):
    """Replace every element of uint32[n] (Montgomery) by its inverse, and 0 by 0."""
    n = values.size
    groups = (n + LANES - 1) // LANES
    prefix = np.empty((groups, LANES), dtype=np.uint32)
    running = np.empty(LANES, dtype=np.uint32)
    running[:] = ONE
    for group in range(groups):
        count = min(LANES, n - group * LANES)
        for lane in range(count):
            prefix[group, lane] = running[lane]
            value = values[group * LANES + lane]
            running[lane] = mul(running[lane], ONE if value == ZERO else value)
    for lane in range(LANES):
        running[lane] = inverse(running[lane])
    for group in range(groups - 1, -1, -1):
        count = min(LANES, n - group * LANES)
        for lane in range(count):
            value = values[group * LANES + lane]
            inverted = mul(running[lane], prefix[group, lane])
            running[lane] = mul(running[lane], ONE if value == ZERO else value)
            values[group * LANES + lane] = ZERO if value == ZERO else inverted


@kernel
def invert_extension(values):
    """Replace every element of uint32[5, n] (Montgomery) by its inverse.

    Returns:
        Whether all were invertible; if not, the content is meaningless.
    """
    n = values.shape[1]
    groups = (n + LANES - 1) // LANES
    prefix = np.empty((groups, 5, LANES), dtype=np.uint32)
    running = np.zeros((5, LANES), dtype=np.uint32)
    running[0] = ONE
    for group in range(groups):
        count = min(LANES, n - group * LANES)
        base = group * LANES
        for lane in range(count):
            total = (running[0, lane], running[1, lane], running[2, lane], running[3, lane], running[4, lane])
            product = quintic_mul(
                total,
                (
                    values[0, base + lane],
                    values[1, base + lane],
                    values[2, base + lane],
                    values[3, base + lane],
                    values[4, base + lane],
                ),
            )
            for k in range(5):
                prefix[group, k, lane] = total[k]
                running[k, lane] = product[k]
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
        count = min(LANES, n - group * LANES)
        base = group * LANES
        for lane in range(count):
            total = (running[0, lane], running[1, lane], running[2, lane], running[3, lane], running[4, lane])
            before = (
                prefix[group, 0, lane],
                prefix[group, 1, lane],
                prefix[group, 2, lane],
                prefix[group, 3, lane],
                prefix[group, 4, lane],
            )
            value = (
                values[0, base + lane],
                values[1, base + lane],
                values[2, base + lane],
                values[3, base + lane],
                values[4, base + lane],
            )
            inverted = quintic_mul(total, before)
            product = quintic_mul(total, value)
            for k in range(5):
                running[k, lane] = product[k]
                values[k, base + lane] = inverted[k]
    return invertible


def warm() -> None:
    """Compile the kernels for the types that the prover calls them with."""
    invert_base(np.ones(1, dtype=np.uint32))
    invert_extension(np.ones((5, 1), dtype=np.uint32))
