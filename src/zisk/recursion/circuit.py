"""The builder of circuits: records operations and hands out wires.

A circuit is a straight line. What it records fixes the wiring, hence the key; values come later, when
`zisk.recursion.witness` executes it on public values and hints.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from zisk.field.koalabear import P
from zisk.field.quintic import DEGREE, element, from_base
from zisk.hash.sponge import RATE
from zisk.hash.transcript import MAX_BITS
from zisk.recursion.chips.arithmetic import ArithmeticRow
from zisk.recursion.chips.bits import BITS, BitRow
from zisk.recursion.chips.elements import ElementsRow
from zisk.recursion.chips.fold import FoldRow
from zisk.recursion.chips.horner import CHALLENGES, HornerSum, challenge_names
from zisk.recursion.errors import CircuitError
from zisk.recursion.memory import Block, Memory, Wire
from zisk.recursion.wiring import Step


@dataclass(frozen=True, slots=True)
class HintedWire:
    """Takes the value of a wire from the hints: one in F, or five in K."""

    wire: Wire
    count: int

    def run(self, memory: Memory) -> None:
        """Take the coefficients; those not given are zero."""
        coefficients = memory.take(self.count)
        memory.settle(self.wire, element([*coefficients, *[0] * (DEGREE - self.count)]))


@dataclass(frozen=True, slots=True)
class SplitIndex:
    """Finds the quotient and remainder of a wire in F by 2^bits; a row must state what they are."""

    value: Wire
    bits: int
    quotient: Wire
    remainder: Wire

    def run(self, memory: Memory) -> None:
        """Settle both."""
        value = memory.base(self.value)
        memory.settle(self.quotient, from_base(value >> self.bits))
        memory.settle(self.remainder, from_base(value % (1 << self.bits)))


class Circuit:
    """A circuit under construction.

    Args:
        publics: the number of its public values, beside the coefficients of its challenges.

    Attributes:
        challenges: wires of the two challenges of Horner sums, in K. Their coefficients are public values;
            a circuit that uses one states what it is.
        publics: the wires of the other public values, which are in F.
        steps: everything recorded, in the order in which it is executed.
        all_publics: the wires of all public values, in the order of the kind.
        zero, one: wires of these constants.
    """

    def __init__(self, publics: int = 0) -> None:
        self.steps: list[Step] = []
        self._wires = self._blocks = self._chains = self._caps = 0
        self._elements = self._sums = 0
        self._basis: list[Wire] = []
        coefficients = [self.wire() for _ in challenge_names()]
        self.publics = tuple(self.wire() for _ in range(publics))
        self.zero = self.wire()
        self.record(ArithmeticRow(self.zero, self.zero, self.zero, self.zero))
        self._constants: dict[int, Wire] = {0: self.zero}
        self.one = self.constant(1)
        self.challenges = tuple(self.wire() for _ in range(CHALLENGES))
        self.elements(wires=coefficients, groups=self.challenges)
        self.all_publics = (*coefficients, *self.publics)

    def record(self, step: Step) -> None:
        """Record a step."""
        self.steps.append(step)

    def wire(self) -> Wire:
        """A new wire; some step must determine or take it."""
        self._wires += 1
        return Wire(self._wires - 1)

    def block(self) -> Block:
        """A new block, likewise."""
        self._blocks += 1
        return Block(self._blocks - 1)

    def chain(self) -> int:
        """The number of a new chain of permutations."""
        self._chains += 1
        return self._chains - 1

    def cap(self) -> int:
        """The number of a new Merkle cap, from 1."""
        self._caps += 1
        return self._caps

    def elements(
        self,
        *,
        wires: Sequence[Wire] = (),
        groups: Sequence[Wire] = (),
        block: Block | None = None,
        cap: int = 0,
        place: int = 0,
        hinted: int = 0,
    ) -> None:
        """Record a row of elements under these names; see `ElementsRow`."""
        self._elements += 1
        self.record(ElementsRow(self._elements, tuple(wires), tuple(groups), block, cap, place, hinted))

    def constant(self, value: int) -> Wire:
        """The wire of a constant in F, one for each value."""
        value %= P
        if value not in self._constants:
            self._constants[value] = self._state(self.zero, self.zero, self.zero, None, value)
        return self._constants[value]

    def hint(self) -> Wire:
        """A free element of K: five hints. Nothing is known of it but what is stated of it."""
        return self._hinted(DEGREE)

    def hint_base(self) -> Wire:
        """A free wire that takes one hint. That it is in F is not stated: a row of elements states it."""
        return self._hinted(1)

    def multiply_add(self, a: Wire, b: Wire, d: Wire) -> Wire:
        """A * b + d."""
        return self._state(a, b, d, None)

    def multiply(self, a: Wire, b: Wire) -> Wire:
        """A * b."""
        return self._state(a, b, self.zero, None)

    def add(self, a: Wire, b: Wire) -> Wire:
        """A + b."""
        return self._state(a, self.one, b, None)

    def subtract(self, a: Wire, b: Wire) -> Wire:
        """A - b: solves b * 1 + d = a for d."""
        return self._state(b, self.one, None, a)

    def divide(self, a: Wire, b: Wire) -> Wire:
        """A / b: solves b * q = a for q. Sound where b cannot be zero, or where a cannot."""
        return self._state(b, None, self.zero, a)

    def invert(self, a: Wire) -> Wire:
        """1 / a; zero has none, and no witness satisfies the circuit then."""
        return self.divide(self.one, a)

    def assert_equal(self, a: Wire, b: Wire) -> None:
        """State that two wires have the same value."""
        self._state(a, self.one, self.zero, b)

    def low_bits(self, value: Wire, bits: int) -> tuple[Wire, Wire]:
        """The low bits, 1 to 24, of the canonical form of a value in F, and the point they select.

        Returns:
            The number that they make, and the product of the roots of unity r_i over the bits i that are one,
            see `zisk.recursion.chips.bits`.

        Raises:
            CircuitError: `bits` is out of range.
        """
        if not 1 <= bits <= MAX_BITS:
            raise CircuitError(f"1 to {MAX_BITS} low bits can be taken, not {bits}")
        low, point = self.wire(), self.wire()
        self._take_apart(value, bits, low, point)
        return low, point

    def assert_low_zeros(self, value: Wire, bits: int) -> None:
        """State that the canonical form of a value in F ends in `bits` zeros, 1 to 24.

        Raises:
            CircuitError: `bits` is out of range.
        """
        if not 1 <= bits <= MAX_BITS:
            raise CircuitError(f"1 to {MAX_BITS} low bits can be zero, not {bits}")
        self._take_apart(value, bits, self.zero, None)

    def split(self, value: Wire, bits: int) -> tuple[Wire, Wire]:
        """Quotient and remainder of an index by 2^bits: states value = quotient * 2^bits + remainder.

        Neither is bounded here: use them only where both are, so that the pair is unique.
        """
        quotient, remainder = self.wire(), self.wire()
        self.record(SplitIndex(value, bits, quotient, remainder))
        self.record(ArithmeticRow(quotient, self.constant(1 << bits), remainder, value))
        return quotient, remainder

    def basis(self) -> list[Wire]:
        """1, X, X^2, X^3, X^4 in K."""
        if not self._basis:
            powers = [self.wire() for _ in range(DEGREE)]
            for start in range(0, DEGREE, RATE // DEGREE):
                groups = powers[start : start + RATE // DEGREE]
                places = range(start, start + len(groups))
                wires = [self.one if k == place else self.zero for place in places for k in range(DEGREE)]
                self.elements(wires=wires, groups=groups)
            self._basis = powers
        return self._basis

    def _take_apart(self, value: Wire, bits: int, low: Wire, point: Wire | None) -> None:
        for bit in range(BITS):
            is_last = bit == bits - 1
            self.record(BitRow(value, bit, low if is_last else None, point if is_last else None))

    def repeat(self, inputs: Sequence[Sequence[Wire]], body: Callable[..., None]) -> None:
        """Record `body(*wires)` for the wires of each instance; the records differ in addresses only."""
        for wires in inputs:
            body(*wires)

    def fold(self, leaf: Sequence[Block], challenge: Wire, point: Wire, place: Wire) -> tuple[Wire, Wire]:
        """Fold a leaf of eight values of K, in three blocks; `point`, in F and not zero, is that of `place`.

        Returns:
            The leaf's value at that place, and the folded value.
        """
        first, second, third = leaf
        selected, result = self.wire(), self.wire()
        self.record(FoldRow((first, second, third), challenge, point, place, selected, result))
        return selected, result

    def horner(
        self, blocks: Sequence[Block], count: int, chosen: Collection[int] = (), *, which: int = 0
    ) -> tuple[Wire, Wire]:
        """Sums of g^k v_k over the first `count` elements of blocks, g being `challenges[which]`.

        Returns:
            The sum over all k < count, and that over the `chosen` among them.

        Raises:
            CircuitError: the blocks do not hold exactly so many, or a chosen one is not among them.
        """
        if not blocks or not RATE * (len(blocks) - 1) < count <= RATE * len(blocks):
            raise CircuitError(f"{len(blocks)} blocks do not hold {count} elements and end with them")
        if not all(0 <= one < count for one in chosen):
            raise CircuitError(f"an element is chosen that is not among the first {count}")
        kept, some = (
            tuple(
                frozenset(one - start for one in places if start <= one < start + RATE)
                for start in range(0, count, RATE)
            )
            for places in (range(count), chosen)
        )
        self._sums += 1
        every, subset = self.wire(), self.wire()
        challenge = self.challenges[which]
        self.record(HornerSum(self._sums, challenge, which, tuple(blocks), kept, some, every, subset))
        return every, subset

    def _hinted(self, count: int) -> Wire:
        wire = self.wire()
        self.record(HintedWire(wire, count))
        return wire

    def _state(self, a: Wire, b: Wire | None, d: Wire | None, c: Wire | None, constant: int = 0) -> Wire:
        """Record a row whose missing wire, at most one, is new; returns that wire, or c."""
        new = self.wire() if None in (b, d, c) else None
        wires = [new if wire is None else wire for wire in (b, d, c)]
        right, addend, result = (wire for wire in wires if wire is not None)
        self.record(ArithmeticRow(a, right, addend, result, constant))
        return result if new is None else new
