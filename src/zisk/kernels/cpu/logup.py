"""LogUp columns: cluster values from denominators and multiplicities, and running sums."""

import numpy as np

from zisk.kernels.cpu.blocks import (
    LANES,
    add_scaled_blocks,
    copy_block,
    invert_block,
    load_block,
    load_row,
    multiply_blocks,
    new_block,
    scale_block,
)
from zisk.kernels.cpu.field import ONE, ZERO, add
from zisk.kernels.jit import inline_kernel, kernel

BLOCKS = 4
"""Blocks of rows that are inverted together: what is kept of ten clusters of them takes 100 KiB."""


@kernel
def cluster_rows(work, fractions, first, stage2, column, total):
    """Fill the clusters of one scope for a run of rows.

    work: uint32[6 * fractions, m], Montgomery: for each fraction its denominator (five rows) and its
    multiplicity. Row j of it is row first + j of the table. Cluster c holds fractions 2c and
    2c + 1. stage2: uint32[5 s, n], where cluster c but the last is written to extension column column + c.
    total: uint32[5, n] receives the sum of all clusters.

    Denominators of all clusters are inverted at once, each lane for itself: with P the product of those
    before, D a cluster's own and N its numerator, the way there keeps D and N P, and on the way back the
    inverse of P D turns N P into N / D, and itself into that of P.

    Returns:
        Whether no denominator was zero.
    """
    rows = work.shape[1]
    clusters = (fractions + 1) // 2
    denominators = np.empty((BLOCKS * clusters, 5, LANES), dtype=np.uint32)
    numerators = np.empty((BLOCKS * clusters, 5, LANES), dtype=np.uint32)
    running, product, value, sums = new_block(), new_block(), new_block(), new_block()
    d1, d2, m1, m2 = new_block(), new_block(), new_block(), new_block()
    for begin in range(0, rows, BLOCKS * LANES):
        end = min(begin + BLOCKS * LANES, rows)
        for k in range(5):
            for lane in range(LANES):
                running[k, lane] = ONE if k == 0 else ZERO
        blocks, place = (end - begin + LANES - 1) // LANES, 0
        for block in range(blocks):
            start = begin + block * LANES
            for cluster in range(clusters):
                one, other = 12 * cluster, 12 * cluster + 6
                load_block(d1, work[one : one + 5], start)
                load_row(m1[0], work[one + 5], start)
                if 2 * cluster + 1 < fractions:
                    load_block(d2, work[other : other + 5], start)
                    load_row(m2[0], work[other + 5], start)
                    add_scaled_blocks(value, d2, m1[0], d1, m2[0])
                    multiply_blocks(product, d1, d2)
                    copy_block(denominators[place], product)
                    multiply_blocks(product, running, value)
                    copy_block(numerators[place], product)
                else:
                    copy_block(denominators[place], d1)
                    scale_block(product, running, m1[0])
                    copy_block(numerators[place], product)
                multiply_blocks(product, running, denominators[place])
                copy_block(running, product)
                place += 1
        if not invert_block(product, running):
            return False
        copy_block(running, product)
        for block in range(blocks - 1, -1, -1):
            start = begin + block * LANES
            count = min(LANES, end - start)
            for k in range(5):
                for lane in range(LANES):
                    sums[k, lane] = ZERO
            for cluster in range(clusters - 1, -1, -1):
                place -= 1
                multiply_blocks(value, running, numerators[place])
                multiply_blocks(product, running, denominators[place])
                copy_block(running, product)
                for k in range(5):
                    for lane in range(LANES):
                        sums[k, lane] = add(sums[k, lane], value[k, lane])
                if cluster < clusters - 1:
                    _store(value, stage2, 5 * (column + cluster), first + start, count)
            _store(sums, total, 0, first + start, count)
    return True


@inline_kernel
def _store(block, columns, column, start, count):
    """Write lanes of a block to the five columns from `column` on."""
    for k in range(5):
        cells = columns[column + k, start : start + count]
        for lane in range(count):
            cells[lane] = block[k, lane]


@kernel
def running_sum(terms, sums):
    """Write the sums of terms, uint32[n], over all earlier rows to `sums`, uint32[n].

    Returns:
        The sum over all rows.
    """
    value = ZERO
    for row in range(terms.size):
        sums[row] = value
        value = add(value, terms[row])
    return value


def warm() -> None:
    """Compile the kernels for the types that the prover calls them with."""
    work = np.ones((6, 1), dtype=np.uint32)
    stage2 = np.zeros((5, 1), dtype=np.uint32)
    cluster_rows(work, 1, 0, stage2, 0, np.zeros((5, 1), dtype=np.uint32))
    running_sum(stage2[0], stage2[1])
