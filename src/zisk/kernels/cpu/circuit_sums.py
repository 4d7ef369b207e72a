"""Operations on opened rows: weighted sums of blocks, and leaves of FRI folded.

Arguments and outcomes are as in `circuit_settling`; `number` is that of the record.
"""

from zisk.kernels.circuit_layout import ADDRESS, ARITY, NO_SUCH_PLACE, PLACE, UNKNOWN_BLOCK, UNKNOWN_WIRE
from zisk.kernels.cpu.circuit_settling import canonical, check_base, settle, value_at, write_at
from zisk.kernels.cpu.field import ONE, ZERO, add, inverse, mul, quintic_add, quintic_mul, quintic_scale
from zisk.kernels.elements import to_montgomery
from zisk.kernels.jit import inline_kernel, kernel
from zisk.kernels.parameters import DEGREE, P, root_of_unity
from zisk.kernels.poseidon2_constants import RATE

_FOLD_BLOCKS = 3


def _leaf_point(place: int) -> int:
    """The eighth root of unity at a place of a leaf: the product of r_j over the bits j of the place."""
    point = 1
    for bit in range(ARITY.bit_length() - 1):
        if place >> bit & 1:
            point = point * root_of_unity(bit + 1) % P
    return point


_INVERSE_LEAF_POINTS = [pow(_leaf_point(place), -1, P) for place in range(ARITY)]
_INVERSE_POINTS = to_montgomery(_INVERSE_LEAF_POINTS)
_FACTORS = to_montgomery(
    [
        [pow(ARITY, -1, P) * pow(point, power, P) % P for point in _INVERSE_LEAF_POINTS]
        for power in range(ARITY)
    ]
)
"""_FACTORS[m, i] is k_i^-m / 8, see `zisk.recursion.chips.fold`."""


@inline_kernel
def _half(parts, start, t):
    """P_0 + t P_1 + t^2 P_2 + t^3 P_3 of the parts from `start` on."""
    result = value_at(parts, start + 3)
    for k in range(2, -1, -1):
        result = quintic_add(quintic_mul(result, t), value_at(parts, start + k))
    return result


@kernel
def fold(wires, known, blocks, lengths, report, records, number, folds, parts):
    """Fold a leaf; folds[number] becomes its row in the table."""
    for block in range(_FOLD_BLOCKS):
        address = records[number, block]
        if lengths[address] < RATE:
            report[ADDRESS] = address
            return UNKNOWN_BLOCK
        for k in range(RATE):
            folds[number, RATE * block + k] = blocks[address, k]
    challenge_wire, point_wire, place_wire = records[number, 3], records[number, 4], records[number, 5]
    outcome = check_base(wires, known, report, point_wire)
    if outcome:
        return outcome
    outcome = check_base(wires, known, report, place_wire)
    if outcome:
        return outcome
    if not known[challenge_wire]:
        report[ADDRESS] = challenge_wire
        return UNKNOWN_WIRE
    place, point = canonical(wires[place_wire, 0]), wires[point_wire, 0]
    report[PLACE] = place
    if place >= ARITY or point == ZERO:
        return NO_SUCH_PLACE
    challenge = value_at(wires, challenge_wire)
    t = quintic_scale(challenge, inverse(mul(point, _INVERSE_POINTS[place])))
    t2 = quintic_mul(t, t)
    for power in range(ARITY):
        for k in range(DEGREE):
            total = ZERO
            for i in range(ARITY):
                total = add(total, mul(folds[number, DEGREE * i + k], _FACTORS[power, i]))
            parts[power, k] = total
    low, high = _half(parts, 0, t), _half(parts, 4, t)
    result = quintic_add(low, quintic_mul(quintic_mul(t2, t2), high))
    start = DEGREE * place
    selected = (
        folds[number, start],
        folds[number, start + 1],
        folds[number, start + 2],
        folds[number, start + 3],
        folds[number, start + 4],
    )
    start = _FOLD_BLOCKS * RATE
    for value in (challenge, t, t2, high, result, selected):
        write_at(folds, number, start, value)
        start += DEGREE
    folds[number, start + place] = ONE
    folds[number, start + ARITY] = point
    outcome = settle(wires, known, report, records[number, 6], selected)
    if outcome:
        return outcome
    return settle(wires, known, report, records[number, 7], result)


@inline_kernel
def _weighted(blocks, block, powers, mask):
    """Sum of powers times the elements of a block in the places of a mask."""
    total = (ZERO, ZERO, ZERO, ZERO, ZERO)
    for k in range(RATE):
        if mask >> k & 1:
            total = quintic_add(total, quintic_scale(value_at(powers, k), blocks[block, k]))
    return total


@kernel
def sum_chain(wires, known, blocks, lengths, report, records, first, sums, powers):
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
        report[ADDRESS] = wire
        return UNKNOWN_WIRE, count
    challenge = value_at(wires, wire)
    power = (ONE, ZERO, ZERO, ZERO, ZERO)
    for k in range(RATE):
        write_at(powers, k, 0, power)
        power = quintic_mul(power, challenge)
    every = (ZERO, ZERO, ZERO, ZERO, ZERO)
    some = every
    for number in range(last, first - 1, -1):
        block = records[number, 0]
        if lengths[block] < RATE:
            report[ADDRESS] = block
            return UNKNOWN_BLOCK, count
        every = quintic_add(quintic_mul(every, power), _weighted(blocks, block, powers, records[number, 5]))
        some = quintic_add(quintic_mul(some, power), _weighted(blocks, block, powers, records[number, 6]))
        write_at(sums, number, 0, every)
        write_at(sums, number, DEGREE, some)
    outcome = settle(wires, known, report, records[first, 1], every)
    if outcome:
        return outcome, count
    return settle(wires, known, report, records[first, 2], some), count
