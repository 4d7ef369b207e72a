"""Runs a circuit: operation after operation, from public values and hints to all values.

Operations and records are those of `circuit_layout`. A run ends at the first contradiction; the report says
which. Element tuples are elements of K. Addresses are not checked: whoever makes a program sees to them.
"""

import numpy as np

from zisk.kernels.cpu import circuit_layout as layout
from zisk.kernels.cpu.circuit_layout import NONE, REPORT_LENGTH, WIDTHS, Program, Values
from zisk.kernels.cpu.circuit_poseidon2 import permute_one
from zisk.kernels.cpu.field import (
    ONE,
    ZERO,
    add,
    inverse,
    mul,
    neg,
    quintic_add,
    quintic_inverse,
    quintic_mul,
    quintic_scale,
    quintic_sub,
    reduce,
)
from zisk.kernels.jit import inline_kernel, kernel
from zisk.kernels.parameters import MONTGOMERY_BITS, MONTGOMERY_SQUARE, P, root_of_unity

_SQUARE = np.uint32(MONTGOMERY_SQUARE)
_P = np.uint32(P)
_RATE, _DIGEST, _WIDTH, _DEGREE = 15, 9, 24, 5
_POINT_BITS = 24
_COMPRESSION_TAG = np.uint32((1 << MONTGOMERY_BITS) % P)
"""`zisk.hash.tags.TAG_COMPRESSION`, Montgomery."""

ARITY = 8
"""Values that a fold takes."""

FOLD_COLUMNS = 84
"""Columns of the fold table: the leaf, six elements of K, eight flags, the point."""

_ARITHMETIC, _HINT, _SPLIT, _BITS = layout.ARITHMETIC, layout.HINT, layout.SPLIT, layout.BITS
_ELEMENTS, _FOLD, _HORNER = layout.ELEMENTS, layout.FOLD, layout.HORNER
_START, _STEP = layout.START, layout.STEP

_DONE = int(layout.Outcome.DONE)
_WIRE_DIFFERS = int(layout.Outcome.WIRE_DIFFERS)
_BLOCK_DIFFERS = int(layout.Outcome.BLOCK_DIFFERS)
_UNKNOWN_WIRE = int(layout.Outcome.UNKNOWN_WIRE)
_UNKNOWN_BLOCK = int(layout.Outcome.UNKNOWN_BLOCK)
_UNKNOWN_ELEMENTS = int(layout.Outcome.UNKNOWN_ELEMENTS)
_TOO_MANY_UNKNOWNS = int(layout.Outcome.TOO_MANY_UNKNOWNS)
_DIVISION_BY_ZERO = int(layout.Outcome.DIVISION_BY_ZERO)
_NOT_IN_BASE = int(layout.Outcome.NOT_IN_BASE)
_NO_SUCH_PLACE = int(layout.Outcome.NO_SUCH_PLACE)
_WRONG_PATH = int(layout.Outcome.WRONG_PATH)
_TOO_FEW_HINTS = int(layout.Outcome.TOO_FEW_HINTS)
_HINT_NO_ELEMENT = int(layout.Outcome.HINT_NO_ELEMENT)

_OUTCOME, _OPERATION, _RECORD = (
    int(one) for one in (layout.Report.OUTCOME, layout.Report.OPERATION, layout.Report.RECORD)
)
_ADDRESS, _PLACE, _COUNT = (
    int(one) for one in (layout.Report.ADDRESS, layout.Report.PLACE, layout.Report.COUNT)
)
_TAKEN, _WANTED = int(layout.Report.HINTS_TAKEN), int(layout.Report.VALUES)

_GROUP, _WIRE = int(layout.Elements.GROUP), int(layout.Elements.WIRE)
_CAP, _CAP_PLACE, _HINTED = (
    int(one) for one in (layout.Elements.CAP, layout.Elements.PLACE, layout.Elements.HINTED)
)


def _montgomery(values: object) -> np.ndarray:
    return ((np.array(values, np.uint64) << np.uint64(MONTGOMERY_BITS)) % np.uint64(P)).astype(np.uint32)


def _leaf_point(place: int) -> int:
    """The eighth root of unity at a place of a leaf: the product of r_j over the bits j of the place."""
    point = 1
    for bit in range(ARITY.bit_length() - 1):
        if place >> bit & 1:
            point = point * root_of_unity(bit + 1) % P
    return point


_ROOTS = _montgomery([root_of_unity(bit + 1) for bit in range(_POINT_BITS)])
_INVERSE_LEAF_POINTS = [pow(_leaf_point(place), -1, P) for place in range(ARITY)]
_INVERSE_POINTS = _montgomery(_INVERSE_LEAF_POINTS)
_FACTORS = _montgomery(
    [
        [pow(ARITY, -1, P) * pow(point, power, P) % P for point in _INVERSE_LEAF_POINTS]
        for power in range(ARITY)
    ]
)
"""_FACTORS[m, i] is k_i^-m / 8, see `zisk.recursion.chips.fold`."""


@inline_kernel
def _canonical(value):
    return np.int64(reduce(np.uint64(value)))


@inline_kernel
def _from_canonical(value):
    return mul(np.uint32(value), _SQUARE)


@inline_kernel
def _quintic(row, start):
    return row[start], row[start + 1], row[start + 2], row[start + 3], row[start + 4]


@inline_kernel
def _is_zero(a):
    return (a[0] | a[1] | a[2] | a[3] | a[4]) == ZERO


@inline_kernel
def _write(row, start, a):
    for k in range(_DEGREE):
        row[start + k] = a[k]


@kernel
def _settle(values, report, wire, a):
    """Set a wire, or check the value that it has."""
    row = values.wires[wire]
    if not values.known[wire]:
        values.known[wire] = 1
        _write(row, 0, a)
        return _DONE
    if row[0] == a[0] and row[1] == a[1] and row[2] == a[2] and row[3] == a[3] and row[4] == a[4]:
        return _DONE
    report[_ADDRESS], report[_COUNT] = wire, _DEGREE
    for k in range(_DEGREE):
        report[_WANTED + k] = a[k]
    return _WIRE_DIFFERS


@inline_kernel
def _settle_base(values, report, wire, a):
    return _settle(values, report, wire, (a, ZERO, ZERO, ZERO, ZERO))


@kernel
def _settle_block(values, report, block, elements, count):
    """Set the first elements of a block, or check those that it has."""
    row, length = values.blocks[block], values.lengths[block]
    for k in range(min(count, length)):
        if row[k] != elements[k]:
            report[_ADDRESS], report[_COUNT] = block, count
            for j in range(count):
                report[_WANTED + j] = elements[j]
            return _BLOCK_DIFFERS
    if count > length:
        for k in range(length, count):
            row[k] = elements[k]
        values.lengths[block] = count
    return _DONE


@kernel
def _take(hints, report, count, elements, start):
    """Put the next hints into elements[start:]."""
    taken = report[_TAKEN]
    if taken + count > hints.size:
        return _TOO_FEW_HINTS
    for k in range(count):
        hint = hints[taken + k]
        if hint >= _P:
            report[_ADDRESS] = taken + k
            return _HINT_NO_ELEMENT
        elements[start + k] = _from_canonical(hint)
    report[_TAKEN] = taken + count
    return _DONE


@kernel
def _check_base(values, report, wire):
    """Whether a wire is known and in F."""
    report[_ADDRESS] = wire
    if not values.known[wire]:
        return _UNKNOWN_WIRE
    row = values.wires[wire]
    if (row[1] | row[2] | row[3] | row[4]) != ZERO:
        return _NOT_IN_BASE
    return _DONE


@kernel
def _solve(values, report, record, constant):
    a, b, d, c = record[0], record[1], record[2], record[3]
    known = values.known
    unknown = (known[b] == 0) + (known[d] == 0) + (known[c] == 0)
    if not known[a] or unknown > 1:
        return _TOO_MANY_UNKNOWNS
    left = _quintic(values.wires[a], 0)
    right, addend = _quintic(values.wires[b], 0), _quintic(values.wires[d], 0)
    if not known[b]:
        if _is_zero(left):
            return _DIVISION_BY_ZERO
        rest = quintic_sub(_quintic(values.wires[c], 0), addend)
        rest = (add(rest[0], neg(constant)), rest[1], rest[2], rest[3], rest[4])
        return _settle(values, report, b, quintic_mul(rest, quintic_inverse(left)))
    total = quintic_mul(left, right)
    total = (add(total[0], constant), total[1], total[2], total[3], total[4])
    if not known[d]:
        return _settle(values, report, d, quintic_sub(_quintic(values.wires[c], 0), total))
    return _settle(values, report, c, quintic_add(total, addend))


@kernel
def _take_wire(values, report, record, hints, scratch):
    scratch[:_DEGREE] = ZERO
    outcome = _take(hints, report, record[1], scratch, 0)
    if outcome:
        return outcome
    return _settle(values, report, record[0], _quintic(scratch, 0))


@kernel
def _split(values, report, record):
    outcome = _check_base(values, report, record[0])
    if outcome:
        return outcome
    value, bits = _canonical(values.wires[record[0], 0]), record[1]
    outcome = _settle_base(values, report, record[2], _from_canonical(value >> bits))
    if outcome:
        return outcome
    return _settle_base(values, report, record[3], _from_canonical(value & ((1 << bits) - 1)))


@kernel
def _take_apart(values, report, record):
    outcome = _check_base(values, report, record[0])
    if outcome:
        return outcome
    low = _canonical(values.wires[record[0], 0]) & ((1 << record[1]) - 1)
    if record[2] != NONE:
        outcome = _settle_base(values, report, record[2], _from_canonical(low))
        if outcome:
            return outcome
    if record[3] != NONE:
        point = ONE
        for bit in range(record[1]):
            if low >> bit & 1:
                point = mul(point, _ROOTS[bit])
        return _settle_base(values, report, record[3], point)
    return _DONE


@kernel
def _gather_elements(values, report, record, hints, elements):
    """Find the elements of a record under one of its names.

    Returns:
        The outcome, and how many elements there are.
    """
    wires = groups = 0
    while wires < _RATE and record[_WIRE + wires] != NONE:
        wires += 1
    while groups < 3 and record[_GROUP + groups] != NONE:
        groups += 1
    if record[_HINTED]:
        return _take(hints, report, record[_HINTED], elements, 0), record[_HINTED]
    needed = max(wires, _DEGREE * groups)
    if record[_CAP]:
        needed = max(needed, _DIGEST)
    block = record[0]
    if block != NONE and values.lengths[block] > 0 and values.lengths[block] >= needed:
        length = np.int64(values.lengths[block])
        for k in range(length):
            elements[k] = values.blocks[block, k]
        return _DONE, length
    complete = wires == needed
    for k in range(wires):
        complete = complete and values.known[record[_WIRE + k]] != 0
    if complete:
        for k in range(wires):
            outcome = _check_base(values, report, record[_WIRE + k])
            if outcome:
                return outcome, needed
            elements[k] = values.wires[record[_WIRE + k], 0]
        return _DONE, needed
    complete = _DEGREE * groups == needed
    for group in range(groups):
        complete = complete and values.known[record[_GROUP + group]] != 0
    if complete:
        for k in range(needed):
            elements[k] = values.wires[record[_GROUP + k // _DEGREE], k % _DEGREE]
        return _DONE, needed
    return _UNKNOWN_ELEMENTS, needed


@kernel
def _name_elements(values, report, record, number, hints, cap_starts):
    elements = values.elements[number]
    outcome, count = _gather_elements(values, report, record, hints, elements)
    if outcome:
        return outcome
    for k in range(_RATE):
        if record[_WIRE + k] == NONE:
            break
        outcome = _settle_base(values, report, record[_WIRE + k], elements[k])
        if outcome:
            return outcome
    for group in range(3):
        if record[_GROUP + group] == NONE:
            break
        value = _quintic(elements, _DEGREE * group)
        outcome = _settle(values, report, record[_GROUP + group], value)
        if outcome:
            return outcome
    if record[0] != NONE:
        outcome = _settle_block(values, report, record[0], elements, count)
        if outcome:
            return outcome
    if record[_CAP]:
        place = cap_starts[record[_CAP]] + record[_CAP_PLACE]
        values.digest_known[place] = 1
        for k in range(_DIGEST):
            values.digests[place, k] = elements[k]
    return _DONE


@inline_kernel
def _half(parts, start, t):
    """P_0 + t P_1 + t^2 P_2 + t^3 P_3 of the parts from `start` on."""
    result = _quintic(parts[start + 3], 0)
    for k in range(2, -1, -1):
        result = quintic_add(quintic_mul(result, t), _quintic(parts[start + k], 0))
    return result


@kernel
def _fold(values, report, record, row):
    """Fold a leaf; `row` becomes its row in the table."""
    for block in range(3):
        if values.lengths[record[block]] < _RATE:
            report[_ADDRESS] = record[block]
            return _UNKNOWN_BLOCK
        for k in range(_RATE):
            row[_RATE * block + k] = values.blocks[record[block], k]
    challenge_wire, point_wire, place_wire = record[3], record[4], record[5]
    for wire in (point_wire, place_wire):
        outcome = _check_base(values, report, wire)
        if outcome:
            return outcome
    if not values.known[challenge_wire]:
        report[_ADDRESS] = challenge_wire
        return _UNKNOWN_WIRE
    place, point = _canonical(values.wires[place_wire, 0]), values.wires[point_wire, 0]
    report[_PLACE] = place
    if place >= ARITY or point == ZERO:
        return _NO_SUCH_PLACE
    challenge = _quintic(values.wires[challenge_wire], 0)
    t = quintic_scale(challenge, inverse(mul(point, _INVERSE_POINTS[place])))
    t2 = quintic_mul(t, t)
    parts = np.zeros((ARITY, _DEGREE), np.uint32)
    for power in range(ARITY):
        for i in range(ARITY):
            for k in range(_DEGREE):
                term = mul(row[_DEGREE * i + k], _FACTORS[power, i])
                parts[power, k] = add(parts[power, k], term)
    low, high = _half(parts, 0, t), _half(parts, 4, t)
    result = quintic_add(low, quintic_mul(quintic_mul(t2, t2), high))
    selected = _quintic(row, _DEGREE * place)
    start = 3 * _RATE
    for value in (challenge, t, t2, high, result, selected):
        _write(row, start, value)
        start += _DEGREE
    row[start + place] = ONE
    row[start + ARITY] = point
    outcome = _settle(values, report, record[6], selected)
    if outcome:
        return outcome
    return _settle(values, report, record[7], result)


@inline_kernel
def _weighted(block, powers, mask):
    total = (ZERO, ZERO, ZERO, ZERO, ZERO)
    for k in range(_RATE):
        if mask >> k & 1:
            total = quintic_add(total, quintic_scale(_quintic(powers[k], 0), block[k]))
    return total


@kernel
def _sum_chain(values, report, records, first, powers):
    """Sum the chain of blocks that starts at a record.

    Returns:
        The outcome, and how many records the chain has.
    """
    last = first
    while records[last, 7]:
        last += 1
    count = last + 1 - first
    wire = records[first, 3]
    if not values.known[wire]:
        report[_ADDRESS] = wire
        return _UNKNOWN_WIRE, count
    challenge = _quintic(values.wires[wire], 0)
    power = (ONE, ZERO, ZERO, ZERO, ZERO)
    for k in range(_RATE):
        _write(powers[k], 0, power)
        power = quintic_mul(power, challenge)
    every = some = (ZERO, ZERO, ZERO, ZERO, ZERO)
    for number in range(last, first - 1, -1):
        block = records[number, 0]
        if values.lengths[block] < _RATE:
            report[_ADDRESS] = block
            return _UNKNOWN_BLOCK, count
        row = values.blocks[block]
        every = quintic_add(quintic_mul(every, power), _weighted(row, powers, records[number, 5]))
        some = quintic_add(quintic_mul(some, power), _weighted(row, powers, records[number, 6]))
        _write(values.sums[number], 0, every)
        _write(values.sums[number], _DEGREE, some)
    outcome = _settle(values, report, records[first, 1], every)
    if outcome:
        return outcome, count
    return _settle(values, report, records[first, 2], some), count


@kernel
def _step_input(values, report, record, number, hints, state, digest):
    """The input of a step of a Merkle path."""
    tip = values.tips[record[0]]
    above = values.tip_records[record[0]]
    for k in range(_DIGEST):
        digest[k] = tip[k]
    if record[5] != NONE:
        outcome = _check_base(values, report, record[5])
        if outcome:
            return outcome
        index = _canonical(values.wires[record[5], 0])
    else:
        index = values.indices[above] >> 1
        for k in range(_DIGEST):
            digest[k] = add(digest[k], values.states[above, k])
    values.indices[number] = index
    own = _DIGEST * (index & 1)
    for k in range(_DIGEST):
        state[own + k] = digest[k]
    outcome = _take(hints, report, _DIGEST, state, _DIGEST - own)
    state[2 * _DIGEST] = _COMPRESSION_TAG
    return outcome


@kernel
def _sponge_input(values, report, record, hints, state, scratch):
    """The input of a start or a continuation."""
    block, hinted = record[7], record[9]
    if block != NONE and hinted:
        outcome = _take(hints, report, hinted, scratch, 0)
        if outcome:
            return outcome
        outcome = _settle_block(values, report, block, scratch, hinted)
        if outcome:
            return outcome
    if record[1] == _START:
        written = _RATE
        state[_RATE], state[_RATE + 1] = _from_canonical(record[2]), _from_canonical(record[3])
    else:
        written = record[4]
        for k in range(written, _WIDTH):
            state[k] = values.tips[record[0], k]
    if written:
        report[_ADDRESS] = block
        if values.lengths[block] < written:
            return _UNKNOWN_BLOCK
        for k in range(written):
            state[k] = values.blocks[block, k]
    return _DONE


@kernel
def _permute(values, report, record, number, hints, cap_starts, scratch):
    chain, state = record[0], values.states[number]
    if record[1] == _STEP:
        outcome = _step_input(values, report, record, number, hints, state, scratch)
    else:
        outcome = _sponge_input(values, report, record, hints, state, scratch)
    if outcome:
        return outcome
    tip = values.tips[chain]
    for k in range(_WIDTH):
        tip[k] = state[k]
    permute_one(tip)
    values.tip_records[chain] = number
    if record[7] != NONE:
        outcome = _settle_block(values, report, record[7], state, _RATE)
        if outcome:
            return outcome
    if record[8] != NONE:
        outcome = _settle_block(values, report, record[8], tip, _RATE)
        if outcome:
            return outcome
    cap = record[6]
    if not cap:
        return _DONE
    node = values.indices[number] >> 1
    report[_ADDRESS], report[_PLACE] = cap, node
    if node >= cap_starts[cap + 1] - cap_starts[cap]:
        return _WRONG_PATH
    place = cap_starts[cap] + node
    if not values.digest_known[place]:
        return _WRONG_PATH
    for k in range(_DIGEST):
        if values.digests[place, k] != add(tip[k], state[k]):
            return _WRONG_PATH
    values.lookups[place] += 1
    return _DONE


@kernel
def run_circuit(program, values, hints, report):
    """Do all operations of a program, or those before the first contradiction.

    program, values: as in `circuit_layout`; known wires are the inputs, all else is zero.
    hints: uint32[n], canonical. report: int64[REPORT_LENGTH], zero.
    """
    cursors = np.zeros(8, np.int64)
    scratch = np.zeros(_WIDTH, np.uint32)
    powers = np.zeros((_RATE, _DEGREE), np.uint32)
    for step in range(program.operations.size):
        operation = np.int64(program.operations[step])
        number = cursors[operation]
        done = 1
        if operation == _ARITHMETIC:
            outcome = _solve(values, report, program.arithmetic[number], program.constants[number])
        elif operation == _HINT:
            outcome = _take_wire(values, report, program.hints[number], hints, scratch)
        elif operation == _SPLIT:
            outcome = _split(values, report, program.splits[number])
        elif operation == _BITS:
            outcome = _take_apart(values, report, program.bits[number])
        elif operation == _ELEMENTS:
            record = program.elements[number]
            outcome = _name_elements(values, report, record, number, hints, program.cap_starts)
        elif operation == _FOLD:
            outcome = _fold(values, report, program.folds[number], values.folds[number])
        elif operation == _HORNER:
            outcome, done = _sum_chain(values, report, program.horner, number, powers)
        else:
            record = program.permutations[number]
            outcome = _permute(values, report, record, number, hints, program.cap_starts, scratch)
        if outcome:
            report[_OUTCOME], report[_OPERATION], report[_RECORD] = outcome, operation, number
            return
        cursors[operation] = number + done


def new_values(program: Program, wires: int, blocks: int, chains: int) -> Values:
    """The values of a run that has not begun, for so many addresses."""
    digests = int(program.cap_starts[-1])
    permutations = len(program.permutations)
    return Values(
        wires=np.zeros((wires, _DEGREE), np.uint32),
        known=np.zeros(wires, np.uint8),
        blocks=np.zeros((blocks, _RATE), np.uint32),
        lengths=np.zeros(blocks, np.uint8),
        elements=np.zeros((len(program.elements), _RATE), np.uint32),
        folds=np.zeros((len(program.folds), FOLD_COLUMNS), np.uint32),
        sums=np.zeros((len(program.horner), 2 * _DEGREE), np.uint32),
        states=np.zeros((permutations, _WIDTH), np.uint32),
        indices=np.zeros(permutations, np.int64),
        tips=np.zeros((chains, _WIDTH), np.uint32),
        tip_records=np.zeros(chains, np.int64),
        digests=np.zeros((digests, _DIGEST), np.uint32),
        digest_known=np.zeros(digests, np.uint8),
        lookups=np.zeros(digests, np.int64),
    )


def warm() -> None:
    """Compile the kernels of this module."""
    records = [np.zeros((0, width), np.int64) for width in WIDTHS]
    program = Program(
        np.zeros(0, np.uint8), *records, constants=np.zeros(0, np.uint32), cap_starts=np.zeros(1, np.int64)
    )
    values = new_values(program, 1, 1, 1)
    run_circuit(program, values, np.zeros(0, np.uint32), np.zeros(REPORT_LENGTH, np.int64))
