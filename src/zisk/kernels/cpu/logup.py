"""LogUp columns: cluster values from denominators and multiplicities, and running sums."""

import numpy as np

from zisk.kernels.cpu.field import ZERO, add, mul, quintic_mul
from zisk.kernels.cpu.inversion import invert_extension
from zisk.kernels.jit import kernel


@kernel
def cluster_rows(work, fractions, first, stage2, column, total):
    """Fill the clusters of one scope for a run of rows.

    work: uint32[6 * fractions, m], Montgomery: for each fraction its denominator (five rows) and its
    multiplicity; overwritten. Row j of it is row first + j of the table. Cluster c holds fractions 2c and
    2c + 1. stage2: uint32[5 s, n], where cluster c but the last is written to extension column column + c.
    total: uint32[5, n] receives the sum of all clusters.

    Returns:
        Whether no denominator was zero.
    """
    rows = work.shape[1]
    clusters = (fractions + 1) // 2
    product = np.empty((5, rows), dtype=np.uint32)
    for k in range(5):
        for row in range(rows):
            total[k, first + row] = ZERO
    for cluster in range(clusters):
        a = 12 * cluster
        paired = 2 * cluster + 1 < fractions
        for row in range(rows):
            d1 = (work[a, row], work[a + 1, row], work[a + 2, row], work[a + 3, row], work[a + 4, row])
            if paired:
                b = a + 6
                d2 = (work[b, row], work[b + 1, row], work[b + 2, row], work[b + 3, row], work[b + 4, row])
                both = quintic_mul(d1, d2)
                m1, m2 = work[a + 5, row], work[b + 5, row]
                for k in range(5):
                    product[k, row] = both[k]
                    work[a + k, row] = add(mul(d2[k], m1), mul(d1[k], m2))
            else:
                for k in range(5):
                    product[k, row] = d1[k]
                    work[a + k, row] = ZERO
                work[a, row] = work[a + 5, row]
        if not invert_extension(product):
            return False
        last = cluster == clusters - 1
        for row in range(rows):
            value = quintic_mul(
                (work[a, row], work[a + 1, row], work[a + 2, row], work[a + 3, row], work[a + 4, row]),
                (product[0, row], product[1, row], product[2, row], product[3, row], product[4, row]),
            )
            for k in range(5):
                total[k, first + row] = add(total[k, first + row], value[k])
                if not last:
                    stage2[5 * (column + cluster) + k, first + row] = value[k]
    return True


@kernel
def running_sum(total, stage2, column):
    """Write the sums of total[5, n] over all earlier rows to extension column `column` of stage2[5 s, n].

    Returns:
        uint32[5]: the sum over all rows.
    """
    rows = total.shape[1]
    end = np.zeros(5, dtype=np.uint32)
    for k in range(5):
        value = ZERO
        for row in range(rows):
            stage2[5 * column + k, row] = value
            value = add(value, total[k, row])
        end[k] = value
    return end


def warm() -> None:
    """Compile the kernels for the types that the prover calls them with."""
    work = np.ones((6, 1), dtype=np.uint32)
    stage2 = np.zeros((5, 1), dtype=np.uint32)
    cluster_rows(work, 1, 0, stage2, 0, np.zeros((5, 1), dtype=np.uint32))
    running_sum(np.zeros((5, 1), dtype=np.uint32), stage2, 0)
