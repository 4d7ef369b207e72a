"""Operations on single wires: arithmetic, hints, indices and bits; and rows of elements under all names.

Arguments and outcomes are as in `circuit_settling`; `number` is that of the record.
"""

import numpy as np

from zisk.kernels import circuit_layout as layout
from zisk.kernels.circuit_layout import (
    DIVISION_BY_ZERO,
    DONE,
    NONE,
    TOO_MANY_UNKNOWNS,
    UNKNOWN_ELEMENTS,
)
from zisk.kernels.cpu.circuit_settling import (
    canonical,
    check_base,
    five_from,
    from_canonical,
    settle,
    settle_base,
    settle_block,
    take,
    value_at,
)
from zisk.kernels.cpu.field import (
    ONE,
    ZERO,
    add,
    mul,
    quintic_add,
    quintic_inverse,
    quintic_mul,
    quintic_sub,
    sub,
)
from zisk.kernels.elements import to_montgomery
from zisk.kernels.jit import inline_kernel, kernel
from zisk.kernels.parameters import DEGREE, root_of_unity
from zisk.kernels.poseidon2_constants import DIGEST_LENGTH, RATE

_GROUPS = RATE // DEGREE
_POINT_BITS = 24
"""Bits that select a point, as in `zisk.hash.transcript.MAX_BITS`."""

_ROOTS = to_montgomery([root_of_unity(bit + 1) for bit in range(_POINT_BITS)])
_GROUP, _WIRE = int(layout.Elements.GROUP), int(layout.Elements.WIRE)
_CAP, _HINTED = int(layout.Elements.CAP), int(layout.Elements.HINTED)


@inline_kernel
def _is_zero(a):
    return (a[0] | a[1] | a[2] | a[3] | a[4]) == ZERO


@kernel
def solve(wires, known, report, records, number, constant):
    """Arithmetic: find the unknown of b, d, c, or check the equation."""
    a, b, d, c = records[number, 0], records[number, 1], records[number, 2], records[number, 3]
    unknown = (known[b] == 0) + (known[d] == 0) + (known[c] == 0)
    if not known[a] or unknown > 1:
        return TOO_MANY_UNKNOWNS
    left, addend = value_at(wires, a), value_at(wires, d)
    if not known[b]:
        if _is_zero(left):
            return DIVISION_BY_ZERO
        rest = quintic_sub(value_at(wires, c), addend)
        rest = (sub(rest[0], constant), rest[1], rest[2], rest[3], rest[4])
        return settle(wires, known, report, b, quintic_mul(rest, quintic_inverse(left)))
    total = quintic_mul(left, value_at(wires, b))
    total = (add(total[0], constant), total[1], total[2], total[3], total[4])
    if not known[d]:
        return settle(wires, known, report, d, quintic_sub(value_at(wires, c), total))
    return settle(wires, known, report, c, quintic_add(total, addend))


@kernel
def take_wire(wires, known, report, records, number, hints, scratch):
    """A hint for a wire."""
    for k in range(DEGREE):
        scratch[k] = ZERO
    outcome = take(hints, report, records[number, 1], scratch, 0)
    if outcome:
        return outcome
    return settle(wires, known, report, records[number, 0], five_from(scratch, 0))


@kernel
def split(wires, known, report, records, number):
    """Quotient and remainder of an index."""
    value, bits = records[number, 0], records[number, 1]
    outcome = check_base(wires, known, report, value)
    if outcome:
        return outcome
    index = canonical(wires[value, 0])
    outcome = settle_base(wires, known, report, records[number, 2], from_canonical(index >> bits))
    if outcome:
        return outcome
    remainder = from_canonical(index & ((1 << bits) - 1))
    return settle_base(wires, known, report, records[number, 3], remainder)


@kernel
def take_apart(wires, known, report, records, number):
    """The low bits of a value, and the point that they select."""
    value, bits = records[number, 0], records[number, 1]
    low_wire, point_wire = records[number, 2], records[number, 3]
    outcome = check_base(wires, known, report, value)
    if outcome:
        return outcome
    low = canonical(wires[value, 0]) & ((1 << bits) - 1)
    if low_wire != NONE:
        outcome = settle_base(wires, known, report, low_wire, from_canonical(low))
        if outcome:
            return outcome
    if point_wire != NONE:
        point = ONE
        for bit in range(bits):
            if low >> bit & 1:
                point = mul(point, _ROOTS[bit])
        return settle_base(wires, known, report, point_wire, point)
    return DONE


@kernel
def gather(wires, known, blocks, lengths, report, records, number, hints, elements):
    """Find the elements of a record under one of its names.

    Returns:
        The outcome, and how many elements there are.
    """
    named = groups = 0
    while named < RATE and records[number, _WIRE + named] != NONE:
        named += 1
    while groups < _GROUPS and records[number, _GROUP + groups] != NONE:
        groups += 1
    hinted = records[number, _HINTED]
    if hinted:
        return take(hints, report, hinted, elements, 0), hinted
    needed = max(named, DEGREE * groups)
    if records[number, _CAP]:
        needed = max(needed, DIGEST_LENGTH)
    block = records[number, 0]
    if block != NONE and lengths[block] > 0 and lengths[block] >= needed:
        length = np.int64(lengths[block])
        for k in range(length):
            elements[k] = blocks[block, k]
        return DONE, length
    complete = named == needed
    for k in range(named):
        complete = complete and known[records[number, _WIRE + k]] != 0
    if complete:
        for k in range(named):
            wire = records[number, _WIRE + k]
            outcome = check_base(wires, known, report, wire)
            if outcome:
                return outcome, needed
            elements[k] = wires[wire, 0]
        return DONE, needed
    complete = DEGREE * groups == needed
    for group in range(groups):
        complete = complete and known[records[number, _GROUP + group]] != 0
    if complete:
        for k in range(needed):
            elements[k] = wires[records[number, _GROUP + k // DEGREE], k % DEGREE]
        return DONE, needed
    return UNKNOWN_ELEMENTS, needed


@kernel
def name_elements(wires, known, blocks, lengths, report, records, number, elements, count):
    """Settle the elements of a record under all its names."""
    for k in range(RATE):
        wire = records[number, _WIRE + k]
        if wire == NONE:
            break
        outcome = settle_base(wires, known, report, wire, elements[k])
        if outcome:
            return outcome
    for group in range(_GROUPS):
        wire = records[number, _GROUP + group]
        if wire == NONE:
            break
        outcome = settle(wires, known, report, wire, five_from(elements, DEGREE * group))
        if outcome:
            return outcome
    if records[number, 0] != NONE:
        return settle_block(blocks, lengths, report, records[number, 0], elements, count)
    return DONE
