"""LogUp columns: cluster values from denominators and multiplicities, and running sums."""

import numpy as np

from zisk.kernels.cpu.blocks import (
    LANES,
    add_scaled_blocks,
    load_block,
    load_row,
    multiply_blocks,
    new_block,
    store_block,
)
from zisk.kernels.cpu.field import ZERO, add
from zisk.kernels.cpu.inversion import invert_extension
from zisk.kernels.jit import kernel


@kernel
def cluster_rows(work, fractions, first, stage2, column, total):
    """Fill the clusters of one scope for a run of rows.

    work: uint32[6 * fractions, m], Montgomery: for each fraction its denominator (five rows) and its
    multiplicity. Row j of it is row first + j of the table. Cluster c holds fractions 2c and
    2c + 1. stage2: uint32[5 s, n], where cluster c but the last is written to extension column column + c.
    total: uint32[5, n] receives the sum of all clusters.

    Returns:
        Whether no denominator was zero.
    """
    rows = work.shape[1]
    clusters = (fractions + 1) // 2
    inverses = np.empty((5, rows), dtype=np.uint32)
    numerators = np.empty((5, rows), dtype=np.uint32)
    d1, d2, m1, m2 = new_block(), new_block(), new_block(), new_block()
    product = new_block()
    for k in range(5):
        sums = total[k, first : first + rows]
        for row in range(rows):
            sums[row] = ZERO
    for cluster in range(clusters):
        one, other = 12 * cluster, 12 * cluster + 6
        paired = 2 * cluster + 1 < fractions
        for start in range(0, rows, LANES):
            load_block(d1, work[one : one + 5], start)
            load_row(m1[0], work[one + 5], start)
            if paired:
                load_block(d2, work[other : other + 5], start)
                load_row(m2[0], work[other + 5], start)
                multiply_blocks(product, d1, d2)
                store_block(product, inverses, start)
                add_scaled_blocks(product, d2, m1[0], d1, m2[0])
                store_block(product, numerators, start)
            else:
                store_block(d1, inverses, start)
                store_block(m1, numerators, start)
        if not invert_extension(inverses):
            return False
        last = cluster == clusters - 1
        place = 5 * (column + cluster)
        for start in range(0, rows, LANES):
            count = min(LANES, rows - start)
            load_block(d1, numerators, start)
            load_block(d2, inverses, start)
            multiply_blocks(product, d1, d2)
            for k in range(5):
                sums = total[k, first + start : first + start + count]
                for lane in range(count):
                    sums[lane] = add(sums[lane], product[k, lane])
                if not last:
                    cells = stage2[place + k, first + start : first + start + count]
                    for lane in range(count):
                        cells[lane] = product[k, lane]
    return True


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
