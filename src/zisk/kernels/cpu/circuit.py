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
    quintic_add,
    quintic_inverse,
    quintic_mul,
    quintic_scale,
    quintic_sub,
    reduce,
    sub,
)
from zisk.kernels.jit import inline_kernel, kernel
from zisk.kernels.parameters import MONTGOMERY_BITS, MONTGOMERY_SQUARE, P, root_of_unity

_SQUARE = np.uint32(MONTGOMERY_SQUARE)
_P = np.uint32(P)
_RATE, _DIGEST, _WIDTH, _DEGREE = 15, 9, 24, 5
_GROUPS = _RATE // _DEGREE
_FOLD_BLOCKS = 3
_POINT_BITS = 24
_COMPRESSION_TAG = np.uint32((1 << MONTGOMERY_BITS) % P)
"""`zisk.hash.tags.TAG_COMPRESSION`, Montgomery."""

ARITY = 8
"""Values that a fold takes."""

FOLD_COLUMNS = 84
"""Columns of the fold table: the leaf, six elements of K, eight flags, the point."""

_ARITHMETIC, _SPLIT, _BITS, _PERMUTATION = layout.ARITHMETIC, layout.SPLIT, layout.BITS, layout.PERMUTATION
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
def _value(values, row):
    """The element of K in a row of uint32[n, 5]."""
    return values[row, 0], values[row, 1], values[row, 2], values[row, 3], values[row, 4]


@inline_kernel
def _five(values, start):
    """The element of K in uint32[n] from `start` on."""
    return values[start], values[start + 1], values[start + 2], values[start + 3], values[start + 4]


@inline_kernel
def _is_zero(a):
    return (a[0] | a[1] | a[2] | a[3] | a[4]) == ZERO


@inline_kernel
def _write(values, row, start, a):
    for k in range(_DEGREE):
        values[row, start + k] = a[k]


@kernel
def _settle(wires, known, report, wire, a):
    """Set a wire, or check the value that it has."""
    if not known[wire]:
        known[wire] = 1
        _write(wires, wire, 0, a)
        return _DONE
    b = _value(wires, wire)
    if a[0] == b[0] and a[1] == b[1] and a[2] == b[2] and a[3] == b[3] and a[4] == b[4]:
        return _DONE
    report[_ADDRESS], report[_COUNT] = wire, _DEGREE
    for k in range(_DEGREE):
        report[_WANTED + k] = a[k]
    return _WIRE_DIFFERS


@inline_kernel
def _settle_base(wires, known, report, wire, a):
    return _settle(wires, known, report, wire, (a, ZERO, ZERO, ZERO, ZERO))


@kernel
def _settle_block(blocks, lengths, report, block, elements, count):
    """Set the first elements of a block, or check those that it has."""
    length = np.int64(lengths[block])
    for k in range(min(count, length)):
        if blocks[block, k] != elements[k]:
            report[_ADDRESS], report[_COUNT] = block, count
            for j in range(count):
                report[_WANTED + j] = elements[j]
            return _BLOCK_DIFFERS
    if count > length:
        for k in range(length, count):
            blocks[block, k] = elements[k]
        lengths[block] = count
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
def _check_base(wires, known, report, wire):
    """Whether a wire is known and in F."""
    report[_ADDRESS] = wire
    if not known[wire]:
        return _UNKNOWN_WIRE
    if (wires[wire, 1] | wires[wire, 2] | wires[wire, 3] | wires[wire, 4]) != ZERO:
        return _NOT_IN_BASE
    return _DONE


@kernel
def _solve(wires, known, report, records, number, constant):
    """Arithmetic: find the unknown of b, d, c, or check the equation."""
    a, b, d, c = records[number, 0], records[number, 1], records[number, 2], records[number, 3]
    unknown = (known[b] == 0) + (known[d] == 0) + (known[c] == 0)
    if not known[a] or unknown > 1:
        return _TOO_MANY_UNKNOWNS
    left, addend = _value(wires, a), _value(wires, d)
    if not known[b]:
        if _is_zero(left):
            return _DIVISION_BY_ZERO
        rest = quintic_sub(_value(wires, c), addend)
        rest = (sub(rest[0], constant), rest[1], rest[2], rest[3], rest[4])
        return _settle(wires, known, report, b, quintic_mul(rest, quintic_inverse(left)))
    total = quintic_mul(left, _value(wires, b))
    total = (add(total[0], constant), total[1], total[2], total[3], total[4])
    if not known[d]:
        return _settle(wires, known, report, d, quintic_sub(_value(wires, c), total))
    return _settle(wires, known, report, c, quintic_add(total, addend))


@kernel
def _take_wire(wires, known, report, records, number, hints, scratch):
    """A hint for a wire."""
    for k in range(_DEGREE):
        scratch[k] = ZERO
    outcome = _take(hints, report, records[number, 1], scratch, 0)
    if outcome:
        return outcome
    return _settle(wires, known, report, records[number, 0], _five(scratch, 0))


@kernel
def _split(wires, known, report, records, number):
    """Quotient and remainder of an index."""
    value, bits = records[number, 0], records[number, 1]
    outcome = _check_base(wires, known, report, value)
    if outcome:
        return outcome
    index = _canonical(wires[value, 0])
    outcome = _settle_base(wires, known, report, records[number, 2], _from_canonical(index >> bits))
    if outcome:
        return outcome
    remainder = _from_canonical(index & ((1 << bits) - 1))
    return _settle_base(wires, known, report, records[number, 3], remainder)


@kernel
def _take_apart(wires, known, report, records, number):
    """The low bits of a value, and the point that they select."""
    value, bits = records[number, 0], records[number, 1]
    low_wire, point_wire = records[number, 2], records[number, 3]
    outcome = _check_base(wires, known, report, value)
    if outcome:
        return outcome
    low = _canonical(wires[value, 0]) & ((1 << bits) - 1)
    if low_wire != NONE:
        outcome = _settle_base(wires, known, report, low_wire, _from_canonical(low))
        if outcome:
            return outcome
    if point_wire != NONE:
        point = ONE
        for bit in range(bits):
            if low >> bit & 1:
                point = mul(point, _ROOTS[bit])
        return _settle_base(wires, known, report, point_wire, point)
    return _DONE


@kernel
def _gather(wires, known, blocks, lengths, report, records, number, hints, elements):
    """Find the elements of a record under one of its names.

    Returns:
        The outcome, and how many elements there are.
    """
    named = groups = 0
    while named < _RATE and records[number, _WIRE + named] != NONE:
        named += 1
    while groups < _GROUPS and records[number, _GROUP + groups] != NONE:
        groups += 1
    hinted = records[number, _HINTED]
    if hinted:
        return _take(hints, report, hinted, elements, 0), hinted
    needed = max(named, _DEGREE * groups)
    if records[number, _CAP]:
        needed = max(needed, _DIGEST)
    block = records[number, 0]
    if block != NONE and lengths[block] > 0 and lengths[block] >= needed:
        length = np.int64(lengths[block])
        for k in range(length):
            elements[k] = blocks[block, k]
        return _DONE, length
    complete = named == needed
    for k in range(named):
        complete = complete and known[records[number, _WIRE + k]] != 0
    if complete:
        for k in range(named):
            wire = records[number, _WIRE + k]
            outcome = _check_base(wires, known, report, wire)
            if outcome:
                return outcome, needed
            elements[k] = wires[wire, 0]
        return _DONE, needed
    complete = _DEGREE * groups == needed
    for group in range(groups):
        complete = complete and known[records[number, _GROUP + group]] != 0
    if complete:
        for k in range(needed):
            elements[k] = wires[records[number, _GROUP + k // _DEGREE], k % _DEGREE]
        return _DONE, needed
    return _UNKNOWN_ELEMENTS, needed


@kernel
def _name(wires, known, blocks, lengths, report, records, number, elements, count):
    """Settle the elements of a record under all its names."""
    for k in range(_RATE):
        wire = records[number, _WIRE + k]
        if wire == NONE:
            break
        outcome = _settle_base(wires, known, report, wire, elements[k])
        if outcome:
            return outcome
    for group in range(_GROUPS):
        wire = records[number, _GROUP + group]
        if wire == NONE:
            break
        outcome = _settle(wires, known, report, wire, _five(elements, _DEGREE * group))
        if outcome:
            return outcome
    if records[number, 0] != NONE:
        return _settle_block(blocks, lengths, report, records[number, 0], elements, count)
    return _DONE


@inline_kernel
def _half(parts, start, t):
    """P_0 + t P_1 + t^2 P_2 + t^3 P_3 of the parts from `start` on."""
    result = _value(parts, start + 3)
    for k in range(2, -1, -1):
        result = quintic_add(quintic_mul(result, t), _value(parts, start + k))
    return result


@kernel
def _fold(wires, known, blocks, lengths, report, records, number, folds, parts):
    """Fold a leaf; folds[number] becomes its row in the table."""
    for block in range(_FOLD_BLOCKS):
        address = records[number, block]
        if lengths[address] < _RATE:
            report[_ADDRESS] = address
            return _UNKNOWN_BLOCK
        for k in range(_RATE):
            folds[number, _RATE * block + k] = blocks[address, k]
    challenge_wire, point_wire, place_wire = records[number, 3], records[number, 4], records[number, 5]
    outcome = _check_base(wires, known, report, point_wire)
    if outcome:
        return outcome
    outcome = _check_base(wires, known, report, place_wire)
    if outcome:
        return outcome
    if not known[challenge_wire]:
        report[_ADDRESS] = challenge_wire
        return _UNKNOWN_WIRE
    place, point = _canonical(wires[place_wire, 0]), wires[point_wire, 0]
    report[_PLACE] = place
    if place >= ARITY or point == ZERO:
        return _NO_SUCH_PLACE
    challenge = _value(wires, challenge_wire)
    t = quintic_scale(challenge, inverse(mul(point, _INVERSE_POINTS[place])))
    t2 = quintic_mul(t, t)
    for power in range(ARITY):
        for k in range(_DEGREE):
            total = ZERO
            for i in range(ARITY):
                total = add(total, mul(folds[number, _DEGREE * i + k], _FACTORS[power, i]))
            parts[power, k] = total
    low, high = _half(parts, 0, t), _half(parts, 4, t)
    result = quintic_add(low, quintic_mul(quintic_mul(t2, t2), high))
    start = _DEGREE * place
    selected = (
        folds[number, start],
        folds[number, start + 1],
        folds[number, start + 2],
        folds[number, start + 3],
        folds[number, start + 4],
    )
    start = _FOLD_BLOCKS * _RATE
    for value in (challenge, t, t2, high, result, selected):
        _write(folds, number, start, value)
        start += _DEGREE
    folds[number, start + place] = ONE
    folds[number, start + ARITY] = point
    outcome = _settle(wires, known, report, records[number, 6], selected)
    if outcome:
        return outcome
    return _settle(wires, known, report, records[number, 7], result)


@inline_kernel
def _weighted(blocks, block, powers, mask):
    """Sum of powers times the elements of a block in the places of a mask."""
    total = (ZERO, ZERO, ZERO, ZERO, ZERO)
    for k in range(_RATE):
        if mask >> k & 1:
            total = quintic_add(total, quintic_scale(_value(powers, k), blocks[block, k]))
    return total


@kernel
def _sum_chain(wires, known, blocks, lengths, report, records, first, sums, powers):
    """Sum the chain of blocks that starts at a record.

    Returns:
        The outcome, and how many records the chain has.
    """
    last = first
    while records[last, 7]:
        last += 1
    count = last + 1 - first
    wire = records[first, 3]
    if not known[wire]:
        report[_ADDRESS] = wire
        return _UNKNOWN_WIRE, count
    challenge = _value(wires, wire)
    power = (ONE, ZERO, ZERO, ZERO, ZERO)
    for k in range(_RATE):
        _write(powers, k, 0, power)
        power = quintic_mul(power, challenge)
    every = (ZERO, ZERO, ZERO, ZERO, ZERO)
    some = every
    for number in range(last, first - 1, -1):
        block = records[number, 0]
        if lengths[block] < _RATE:
            report[_ADDRESS] = block
            return _UNKNOWN_BLOCK, count
        every = quintic_add(quintic_mul(every, power), _weighted(blocks, block, powers, records[number, 5]))
        some = quintic_add(quintic_mul(some, power), _weighted(blocks, block, powers, records[number, 6]))
        _write(sums, number, 0, every)
        _write(sums, number, _DEGREE, some)
    outcome = _settle(wires, known, report, records[first, 1], every)
    if outcome:
        return outcome, count
    return _settle(wires, known, report, records[first, 2], some), count


@kernel
def _step_input(
    wires, known, report, records, number, hints, states, indices, tips, tip_records, state, digest
):
    """The input of a step of a Merkle path."""
    chain, index_wire = records[number, 0], records[number, 5]
    for k in range(_DIGEST):
        digest[k] = tips[chain, k]
    if index_wire != NONE:
        outcome = _check_base(wires, known, report, index_wire)
        if outcome:
            return outcome
        index = _canonical(wires[index_wire, 0])
    else:
        above = tip_records[chain]
        index = indices[above] >> 1
        for k in range(_DIGEST):
            digest[k] = add(digest[k], states[above, k])
    indices[number] = index
    own = _DIGEST * (index & 1)
    for k in range(_DIGEST):
        state[own + k] = digest[k]
    for k in range(2 * _DIGEST, _WIDTH):
        state[k] = ZERO
    state[2 * _DIGEST] = _COMPRESSION_TAG
    return _take(hints, report, _DIGEST, state, _DIGEST - own)


@kernel
def _sponge_input(blocks, lengths, report, records, number, hints, tips, state, scratch):
    """The input of a start or a continuation."""
    block, hinted = records[number, 7], records[number, 9]
    if block != NONE and hinted:
        outcome = _take(hints, report, hinted, scratch, 0)
        if outcome:
            return outcome
        outcome = _settle_block(blocks, lengths, report, block, scratch, hinted)
        if outcome:
            return outcome
    if records[number, 1] == _START:
        written = np.int64(_RATE)
        for k in range(_RATE, _WIDTH):
            state[k] = ZERO
        state[_RATE] = _from_canonical(records[number, 2])
        state[_RATE + 1] = _from_canonical(records[number, 3])
    else:
        written = records[number, 4]
        for k in range(written, _WIDTH):
            state[k] = tips[records[number, 0], k]
    if written:
        report[_ADDRESS] = block
        if lengths[block] < written:
            return _UNKNOWN_BLOCK
        for k in range(written):
            state[k] = blocks[block, k]
    return _DONE


@kernel
def _look_up(report, cap, node, cap_starts, digests, digest_known, lookups, state, output):
    """The end of a path: the digest of its last step is one of the cap's."""
    report[_ADDRESS], report[_PLACE] = cap, node
    if node >= cap_starts[cap + 1] - cap_starts[cap]:
        return _WRONG_PATH
    place = cap_starts[cap] + node
    if not digest_known[place]:
        return _WRONG_PATH
    for k in range(_DIGEST):
        if digests[place, k] != add(output[k], state[k]):
            return _WRONG_PATH
    lookups[place] += 1
    return _DONE


@kernel
def run_circuit(program, values, hints, report):
    """Do all operations of a program, or those before the first contradiction.

    program, values: as in `circuit_layout`; known wires are the inputs, all else is zero.
    hints: uint32[n], canonical. report: int64[REPORT_LENGTH], zero.
    """
    operations, cap_starts, constants = program.operations, program.cap_starts, program.constants
    arithmetic, hinted, splits, bits = program.arithmetic, program.hints, program.splits, program.bits
    named, folded, summed, permuted = program.elements, program.folds, program.horner, program.permutations
    wires, known, blocks, lengths = values.wires, values.known, values.blocks, values.lengths
    elements, folds, sums, states = values.elements, values.folds, values.sums, values.states
    indices, tips, tip_records = values.indices, values.tips, values.tip_records
    digests, digest_known, lookups = values.digests, values.digest_known, values.lookups
    cursors = np.zeros(8, np.int64)
    scratch, state, output = (
        np.zeros(_WIDTH, np.uint32),
        np.zeros(_WIDTH, np.uint32),
        np.zeros(_WIDTH, np.uint32),
    )
    powers, parts = np.zeros((_RATE, _DEGREE), np.uint32), np.zeros((ARITY, _DEGREE), np.uint32)
    for step in range(operations.size):
        operation = np.int64(operations[step])
        number = cursors[operation]
        done = 1
        if operation == _ARITHMETIC:
            outcome = _solve(wires, known, report, arithmetic, number, constants[number])
        elif operation == _PERMUTATION:
            if permuted[number, 1] == _STEP:
                outcome = _step_input(
                    wires,
                    known,
                    report,
                    permuted,
                    number,
                    hints,
                    states,
                    indices,
                    tips,
                    tip_records,
                    state,
                    scratch,
                )
            else:
                outcome = _sponge_input(
                    blocks, lengths, report, permuted, number, hints, tips, state, scratch
                )
            chain, cap = permuted[number, 0], permuted[number, 6]
            block, block_after = permuted[number, 7], permuted[number, 8]
            if not outcome:
                for k in range(_WIDTH):
                    states[number, k] = state[k]
                    output[k] = state[k]
                permute_one(output)
                for k in range(_WIDTH):
                    tips[chain, k] = output[k]
                tip_records[chain] = number
                if block != NONE:
                    outcome = _settle_block(blocks, lengths, report, block, state, _RATE)
            if not outcome and block_after != NONE:
                outcome = _settle_block(blocks, lengths, report, block_after, output, _RATE)
            if not outcome and cap:
                outcome = _look_up(
                    report,
                    cap,
                    indices[number] >> 1,
                    cap_starts,
                    digests,
                    digest_known,
                    lookups,
                    state,
                    output,
                )
        elif operation == _HORNER:
            outcome, done = _sum_chain(wires, known, blocks, lengths, report, summed, number, sums, powers)
        elif operation == _ELEMENTS:
            outcome, count = _gather(wires, known, blocks, lengths, report, named, number, hints, scratch)
            if not outcome:
                outcome = _name(wires, known, blocks, lengths, report, named, number, scratch, count)
            for k in range(count):
                elements[number, k] = scratch[k]
            if named[number, _CAP]:
                place = cap_starts[named[number, _CAP]] + named[number, _CAP_PLACE]
                digest_known[place] = 1
                for k in range(_DIGEST):
                    digests[place, k] = scratch[k]
        elif operation == _FOLD:
            outcome = _fold(wires, known, blocks, lengths, report, folded, number, folds, parts)
        elif operation == _BITS:
            outcome = _take_apart(wires, known, report, bits, number)
        elif operation == _SPLIT:
            outcome = _split(wires, known, report, splits, number)
        else:
            outcome = _take_wire(wires, known, report, hinted, number, hints, scratch)
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
