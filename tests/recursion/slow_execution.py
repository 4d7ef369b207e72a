"""The slow twin of the circuit kernel: one operation after another over canonical integers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zisk.field import quintic
from zisk.field.koalabear import P, inverse, to_montgomery
from zisk.field.quintic import Element, element
from zisk.hash.poseidon2 import permute
from zisk.hash.tags import TAG_COMPRESSION
from zisk.kernels.circuit_layout import NONE, OPERATION_NAMES, STEP, Program
from zisk.recursion.chips.bits import point_of
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import WitnessError
from zisk.recursion.witness import public_values

RATE, DIGEST, WIDTH, DEGREE, ARITY = 15, 9, 24, 5, 8


def slow_execute(
    circuit: Circuit, publics: Sequence[int], hints: Sequence[int], challenges: Sequence[Element]
) -> SlowExecution:
    """Execute a circuit; raises what `zisk.recursion.witness.execute` raises, in the same words."""
    run = SlowExecution(circuit.program(), hints)
    for wire, value in zip(circuit.all_publics, public_values(publics, challenges), strict=True):
        run.wires[wire] = quintic.from_base(value)
    run.wires[circuit.zero] = quintic.ZERO
    run.run()
    return run


class SlowExecution:
    """Values by address or by record; canonical."""

    def __init__(self, program: Program, hints: Sequence[int]) -> None:
        self.program, self.hints, self.taken = program, list(hints), 0
        self.wires: dict[int, Element] = {}
        self.blocks: dict[int, list[int]] = {}
        self.elements: dict[int, list[int]] = {}
        self.folds: dict[int, list[int]] = {}
        self.sums: dict[int, list[int]] = {}
        self.states: dict[int, list[int]] = {}
        self.outputs: dict[int, list[int]] = {}
        self.indices: dict[int, int] = {}
        self.last: dict[int, int] = {}
        self.digests: dict[tuple[int, int], list[int]] = {}
        self.lookups: dict[tuple[int, int], int] = {}

    def run(self) -> None:
        """Do everything."""
        records = self.program[1:9]
        cursors = [0] * len(OPERATION_NAMES)
        for operation in self.program.operations.tolist():
            name = OPERATION_NAMES[operation]
            number = cursors[operation]
            try:
                done = getattr(self, f"_{name}")(number, *records[operation][number].tolist())
            except WitnessError as error:
                raise WitnessError(f"{name} {number}: {error}") from None
            cursors[operation] += done or 1
        if self.taken != len(self.hints):
            raise WitnessError(
                f"more hints were given than the circuit takes: {len(self.hints)}, not {self.taken}"
            )

    def arrays(self) -> dict[str, np.ndarray]:
        """What the kernel's arrays must hold, Montgomery."""
        program = self.program
        starts = program.cap_starts
        lookups = np.zeros(starts[-1], np.int64)
        for (cap, place), count in self.lookups.items():
            lookups[starts[cap] + place] = count
        indices = [self.indices.get(number, 0) for number in range(len(program.permutations))]
        return {
            "elements": rows(self.elements, len(program.elements), RATE),
            "folds": rows(self.folds, len(program.folds), 84),
            "sums": rows(self.sums, len(program.horner), 2 * DEGREE),
            "states": rows(self.states, len(program.permutations), WIDTH),
            "indices": np.array(indices, np.int64),
            "lookups": lookups,
        }

    def _arithmetic(self, number: int, a: int, b: int, d: int, c: int, constant: int) -> None:
        known = self.wires
        if a not in known or sum(one not in known for one in (b, d, c)) > 1:
            raise WitnessError("it has more than one unknown: record what determines them first")
        if b not in known:
            rest = quintic.sub(quintic.sub(known[c], known[d]), quintic.from_base(constant))
            if known[a] == quintic.ZERO:
                raise WitnessError("it divides by zero")
            known[b] = quintic.mul(rest, quintic.inverse(known[a]))
            return
        total = quintic.add(quintic.mul(known[a], known[b]), quintic.from_base(constant))
        if d not in known:
            known[d] = quintic.sub(known[c], total)
            return
        self._settle(c, quintic.add(total, known[d]))

    def _hint(self, number: int, wire: int, count: int) -> None:
        self._settle(wire, element([*self._take(count), *[0] * (DEGREE - count)]))

    def _split(self, number: int, value: int, bits: int, quotient: int, remainder: int) -> None:
        index = self._base(value)
        self._settle(quotient, quintic.from_base(index >> bits))
        self._settle(remainder, quintic.from_base(index % (1 << bits)))

    def _bits(self, number: int, value: int, bits: int, low: int, point: int) -> None:
        digits = self._base(value) % (1 << bits)
        if low != NONE:
            self._settle(low, quintic.from_base(digits))
        if point != NONE:
            self._settle(point, quintic.from_base(point_of(digits)))

    def _elements(self, number: int, block: int, *record: int) -> None:
        groups = [wire for wire in record[:3] if wire != NONE]
        wires = [wire for wire in record[3:18] if wire != NONE]
        cap, place, hinted = record[18:]
        values = self._take(hinted) if hinted else self._known(block, groups, wires, cap)
        for wire, value in zip(wires, values, strict=False):
            self._settle(wire, quintic.from_base(value))
        for group, wire in enumerate(groups):
            self._settle(wire, element(values[DEGREE * group : DEGREE * (group + 1)]))
        if block != NONE:
            self._settle_block(block, values)
        if cap:
            self.digests[cap, place] = values[:DIGEST]
        self.elements[number] = values

    def _known(self, block: int, groups: list[int], wires: list[int], cap: int) -> list[int]:
        needed = max(len(wires), DEGREE * len(groups), DIGEST if cap else 0)
        known = self.blocks.get(block, [])
        if known and len(known) >= needed:
            return list(known)
        if len(wires) == needed and all(wire in self.wires for wire in wires):
            return [self._base(wire) for wire in wires]
        if DEGREE * len(groups) == needed and all(wire in self.wires for wire in groups):
            return [value for wire in groups for value in self.wires[wire]]
        raise WitnessError("it has unknown elements: record what determines them first")

    def _fold(self, number: int, *record: int) -> None:
        *leaf, challenge_wire, point_wire, place_wire, selected, result = record
        elements = [value for block in leaf for value in self._full(block)]
        point, place, challenge = self._base(point_wire), self._base(place_wire), self._value(challenge_wire)
        if place >= ARITY or point == 0:
            raise WitnessError(f"place {place} is not in a leaf of {ARITY}, or the point is zero")
        values = [element(elements[DEGREE * i : DEGREE * (i + 1)]) for i in range(ARITY)]
        roots = [inverse(point_of(place)) for place in range(ARITY)]
        t = quintic.scale(challenge, inverse(point * roots[place] % P))
        parts = [
            total(
                quintic.scale(value, pow(root, power, P)) for root, value in zip(roots, values, strict=True)
            )
            for power in range(ARITY)
        ]
        parts = [quintic.scale(part, inverse(ARITY)) for part in parts]
        low, high = (
            total(quintic.mul(quintic.power(t, k), parts[start + k]) for k in range(4)) for start in (0, 4)
        )
        folded = quintic.add(low, quintic.mul(quintic.power(t, 4), high))
        flags = [int(one == place) for one in range(ARITY)]
        parts_of_row = (challenge, t, quintic.mul(t, t), high, folded, values[place], flags)
        self.folds[number] = [*elements, *(one for part in parts_of_row for one in part), point]
        self._settle(selected, values[place])
        self._settle(result, folded)

    def _horner(self, first: int, *record: int) -> int:
        records = self.program.horner.tolist()
        last = first
        while records[last][7]:
            last += 1
        challenge = self._value(record[3])
        powers = [quintic.power(challenge, k) for k in range(RATE + 1)]
        every = some = quintic.ZERO
        for number in range(last, first - 1, -1):
            block, kept, chosen = records[number][0], records[number][5], records[number][6]
            values = self._full(block)
            every, some = (
                quintic.add(
                    quintic.mul(below, powers[RATE]),
                    total(quintic.scale(powers[k], values[k]) for k in range(RATE) if mask >> k & 1),
                )
                for below, mask in ((every, kept), (some, chosen))
            )
            self.sums[number] = [*every, *some]
        self._settle(record[1], every)
        self._settle(record[2], some)
        return last + 1 - first

    def _permutation(self, number: int, chain: int, sort: int, *record: int) -> None:
        tag, length, carried, index, cap, block, output, hinted = record
        above = self.last.get(chain, NONE)
        if sort == STEP:
            state = self._step_input(number, above, index)
        else:
            if block != NONE and hinted:
                self._settle_block(block, self._take(hinted))
            rest = [0] * RATE + [tag, length, *[0] * (WIDTH - RATE - 2)]
            written = RATE
            if above != NONE:
                rest, written = self.outputs[above], carried
            state = [*(self._first(block, written) if written else []), *rest[written:]]
        self.states[number], self.outputs[number], self.last[chain] = state, permute(state), number
        if block != NONE:
            self._settle_block(block, state[:RATE])
        if output != NONE:
            self._settle_block(output, self.outputs[number][:RATE])
        if cap:
            place = self.indices[number] >> 1
            if self.digests.get((cap, place)) != self._digest(number):
                raise WitnessError(f"a Merkle path does not lead to digest {place} of cap {cap}")
            self.lookups[cap, place] = self.lookups.get((cap, place), 0) + 1

    def _step_input(self, number: int, above: int, index_wire: int) -> list[int]:
        index = self.indices[above] >> 1 if index_wire == NONE else self._base(index_wire)
        digest = self._digest(above) if index_wire == NONE else self.outputs[above][:DIGEST]
        self.indices[number] = index
        sibling = self._take(DIGEST)
        pair = [*sibling, *digest] if index & 1 else [*digest, *sibling]
        return [*pair, TAG_COMPRESSION, *[0] * (WIDTH - 2 * DIGEST - 1)]

    def _digest(self, number: int) -> list[int]:
        pairs = zip(self.outputs[number][:DIGEST], self.states[number], strict=False)
        return [(y + x) % P for y, x in pairs]

    def _take(self, count: int) -> list[int]:
        taken = self.hints[self.taken : self.taken + count]
        if len(taken) < count:
            raise WitnessError(
                f"the circuit asks for more hints than were given, which are {len(self.hints)}"
            )
        for place, hint in enumerate(taken, self.taken):
            if not 0 <= hint < P:
                raise WitnessError(f"hint {place} is not an element: hints are canonical, below {P}")
        self.taken += count
        return taken

    def _value(self, wire: int) -> Element:
        if wire not in self.wires:
            raise WitnessError(f"wire {wire} has no value yet: record what determines it first")
        return self.wires[wire]

    def _base(self, wire: int) -> int:
        value, *rest = self._value(wire)
        if any(rest):
            raise WitnessError(f"wire {wire} is used as an element of F and is {self.wires[wire]}")
        return value

    def _full(self, block: int) -> list[int]:
        return self._first(block, RATE)

    def _first(self, block: int, count: int) -> list[int]:
        known = self.blocks.get(block, [])
        if len(known) < count:
            raise WitnessError(
                f"of block {block} {len(known)} elements are known, more are read: "
                "record what gives them first"
            )
        return known[:count]

    def _settle(self, wire: int, value: Element) -> None:
        known = self.wires.setdefault(wire, value)
        if known != value:
            raise WitnessError(f"wire {wire} is {known} and would have to be {value}")

    def _settle_block(self, block: int, values: list[int]) -> None:
        known = self.blocks.get(block, [])
        common = min(len(known), len(values))
        if known[:common] != values[:common]:
            raise WitnessError(f"block {block} is {tuple(known)} and would have to be {tuple(values)}")
        if len(values) >= len(known):
            self.blocks[block] = values


def total(values) -> Element:
    """The sum of elements of K."""
    result = quintic.ZERO
    for value in values:
        result = quintic.add(result, value)
    return result


def rows(found: dict[int, list[int]], count: int, width: int) -> np.ndarray:
    """Rows by number, short ones filled up with zeros, as the kernel has them."""
    matrix = np.zeros((count, width), np.uint64)
    for number, values in found.items():
        matrix[number, : len(values)] = values
    return to_montgomery(matrix)
