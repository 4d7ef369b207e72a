"""What every operation of a circuit does with values: take hints, set wires and blocks, or check them.

Functions return how they ended, an outcome of `circuit_layout`; `report` says at which address. Arrays are
those of `circuit_layout.Values`, Montgomery; an element of K is a tuple of five.
"""

import numpy as np

from zisk.kernels.circuit_layout import (
    ADDRESS,
    BLOCK_DIFFERS,
    COUNT,
    DONE,
    HINT_NO_ELEMENT,
    HINTS_TAKEN,
    NOT_IN_BASE,
    TOO_FEW_HINTS,
    UNKNOWN_WIRE,
    WANTED,
    WIRE_DIFFERS,
)
from zisk.kernels.cpu.field import ZERO, mul, reduce
from zisk.kernels.jit import inline_kernel, kernel
from zisk.kernels.parameters import DEGREE, MONTGOMERY_SQUARE, P

_SQUARE = np.uint32(MONTGOMERY_SQUARE)
_P = np.uint32(P)


@inline_kernel
def canonical(value):
    """The canonical number of an element, int64."""
    return np.int64(reduce(np.uint64(value)))


@inline_kernel
def from_canonical(value):
    """The element of a canonical number."""
    return mul(np.uint32(value), _SQUARE)


@inline_kernel
def value_at(values, row):
    """The element of K in a row of uint32[n, 5]."""
    return values[row, 0], values[row, 1], values[row, 2], values[row, 3], values[row, 4]


@inline_kernel
def five_from(values, start):
    """The element of K in uint32[n] from `start` on."""
    return values[start], values[start + 1], values[start + 2], values[start + 3], values[start + 4]


@inline_kernel
def write_at(values, row, start, a):
    """Write an element of K to values[row, start:], uint32[n, m]."""
    for k in range(DEGREE):
        values[row, start + k] = a[k]


@kernel
def settle(wires, known, report, wire, a):
    """Set a wire, or check the value that it has."""
    if not known[wire]:
        known[wire] = 1
        write_at(wires, wire, 0, a)
        return DONE
    b = value_at(wires, wire)
    if a[0] == b[0] and a[1] == b[1] and a[2] == b[2] and a[3] == b[3] and a[4] == b[4]:
        return DONE
    report[ADDRESS], report[COUNT] = wire, DEGREE
    for k in range(DEGREE):
        report[WANTED + k] = a[k]
    return WIRE_DIFFERS


@inline_kernel
def settle_base(wires, known, report, wire, a):
    """Set a wire to an element of F, or check it."""
    return settle(wires, known, report, wire, (a, ZERO, ZERO, ZERO, ZERO))


@kernel
def settle_block(blocks, lengths, report, block, elements, count):
    """Set the first elements of a block, or check those that it has."""
    length = np.int64(lengths[block])
    for k in range(min(count, length)):
        if blocks[block, k] != elements[k]:
            report[ADDRESS], report[COUNT] = block, count
            for j in range(count):
                report[WANTED + j] = elements[j]
            return BLOCK_DIFFERS
    if count > length:
        for k in range(length, count):
            blocks[block, k] = elements[k]
        lengths[block] = count
    return DONE


@kernel
def take(hints, report, count, elements, start):
    """Put the next hints into elements[start:]."""
    taken = report[HINTS_TAKEN]
    if taken + count > hints.size:
        return TOO_FEW_HINTS
    for k in range(count):
        hint = hints[taken + k]
        if hint >= _P:
            report[ADDRESS] = taken + k
            return HINT_NO_ELEMENT
        elements[start + k] = from_canonical(hint)
    report[HINTS_TAKEN] = taken + count
    return DONE


@kernel
def check_base(wires, known, report, wire):
    """Whether a wire is known and in F."""
    report[ADDRESS] = wire
    if not known[wire]:
        return UNKNOWN_WIRE
    if (wires[wire, 1] | wires[wire, 2] | wires[wire, 3] | wires[wire, 4]) != ZERO:
        return NOT_IN_BASE
    return DONE
