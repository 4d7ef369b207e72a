"""The builder of circuits: records operations and hands out wires.

A circuit is a straight line. What it records fixes the wiring, hence the key; values come later, when
`zisk.recursion.witness` executes it on public values and hints.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import numpy as np

from zisk.field.koalabear import P
from zisk.field.quintic import DEGREE
from zisk.hash.sponge import DIGEST_LENGTH, RATE
from zisk.hash.transcript import MAX_BITS
from zisk.kernels import circuit_layout as layout
from zisk.kernels.circuit_layout import NONE, Program
from zisk.recursion.chips.elements import GROUPS
from zisk.recursion.chips.horner import CHALLENGES, challenge_names
from zisk.recursion.errors import CircuitError
from zisk.recursion.memory import Block, Wire
from zisk.recursion.program import program_of
from zisk.recursion.recording import Recording, Space


class Circuit:
    """A circuit under construction.

    Args:
        publics: the number of its public values, beside the coefficients of its challenges.

    Attributes:
        challenges: wires of the two challenges of Horner sums, in K. Their coefficients are public values;
            a circuit that uses one states what it is.
        publics: the wires of the other public values, which are in F.
        recording: everything recorded outside of the bodies that are being recorded.
        all_publics: the wires of all public values, in the order of the kind.
        zero, one: wires of these constants.
    """

    def __init__(self, publics: int = 0) -> None:
        self.recording = Recording()
        self._now, self._bodies = self.recording, 0
        self._cap_sizes: dict[int, int] = {}
        self._program: Program | None = None
        self._basis: list[Wire] = []
        coefficients = [self.wire() for _ in challenge_names()]
        self.publics = tuple(self.wire() for _ in range(publics))
        self.zero = self.wire()
        self._record(layout.ARITHMETIC, (self.zero, self.zero, self.zero, self.zero, 0))
        self._constants: dict[int, Wire] = {0: self.zero}
        self.one = self.constant(1)
        self.challenges = tuple(self.wire() for _ in range(CHALLENGES))
        self.elements(wires=coefficients, groups=self.challenges)
        self.all_publics = (*coefficients, *self.publics)

    def program(self) -> Program:
        """Everything recorded so far, ready to be run.

        Raises:
            CircuitError: a row has no source for what it holds, or uses what a repeated body made.
        """
        if self._program is None:
            self._program = program_of(self.recording)
        return self._program

    def wire(self) -> Wire:
        """A new wire; some row must determine or take it."""
        return Wire(self._now.new(Space.WIRE))

    def block(self) -> Block:
        """A new block, likewise."""
        return Block(self._now.new(Space.BLOCK))

    def chain(self) -> int:
        """The number of a new chain of permutations."""
        return self._now.new(Space.CHAIN)

    def cap(self, digests: int) -> int:
        """The number, from 1, of a new Merkle cap of so many digests; rows of elements say what they are."""
        number = self._now.new(Space.CAP)
        self._cap_sizes[number] = digests
        return number

    def cap_size(self, cap: int) -> int:
        """How many digests a cap has; 0 if there is no such cap."""
        return self._cap_sizes.get(cap, 0)

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
        """Record a row of fifteen elements of F under these names.

        Args:
            wires: a wire in F for each of the first elements; the others have none.
            groups: a wire in K for each of the first groups of five.
            block: the whole as a block.
            cap: the cap of which it is a digest; 0 if none.
            place: which digest of that cap.
            hinted: how many elements are hints, from the first; 0 where they are known under some name.

        Raises:
            CircuitError: there are more names than elements, or fewer hints than elements with names; or the
                cap has no such place.
        """
        if cap and not 0 <= place < self.cap_size(cap):
            raise CircuitError(f"cap {cap} has {self.cap_size(cap)} digests, none at place {place}")
        named = max(len(wires), DEGREE * len(groups), DIGEST_LENGTH if cap else 0)
        if len(wires) > RATE or len(groups) > GROUPS or (hinted and not named <= hinted <= RATE):
            raise CircuitError(
                f"a row of {RATE} elements cannot have {len(wires)} wires, {len(groups)} wires in K and "
                f"{hinted} hints: hint all that have names, or none"
            )
        names = [NONE if block is None else block, *groups, *[NONE] * (GROUPS - len(groups))]
        names += [*wires, *[NONE] * (RATE - len(wires))]
        self._record(layout.ELEMENTS, (*names, cap, place, hinted))

    def permutation(
        self,
        chain: int,
        *,
        start: tuple[int, int] | None = None,
        carried_from: int | None = None,
        index: Wire | None = None,
        cap: int = 0,
        block: Block | None = None,
        output: Block | None = None,
        hinted: int = 0,
    ) -> None:
        """Record the next permutation of a chain; one that neither starts nor continues a sponge is a step.

        Args:
            chain: the chain, whose permutations are recorded in order.
            start: tag and length, if it starts a sponge.
            carried_from: the first place taken from the permutation above, 0 to 15, if it continues one.
            index: the leaf's index, if it is the first step of a path.
            cap: the cap in which its digest is looked up, if it is the last step; else 0.
            block: the block with the first 15 places of its input.
            output: the block with the first 15 places of its output.
            hinted: how many elements of its block are hints; a step takes nine hints, the sibling.

        Raises:
            CircuitError: it absorbs elements but has no block, or there is no such cap.
        """
        if cap and not self.cap_size(cap):
            raise CircuitError(f"a path cannot end in cap {cap}: there is none of that number")
        sort = layout.STEP
        if start is not None:
            sort = layout.START
        elif carried_from is not None:
            sort = layout.CONTINUATION
        if block is None and (start is not None or carried_from or hinted):
            raise CircuitError("a permutation absorbs elements but names no block")
        names = (NONE if one is None else one for one in (block, output))
        tag, length = start or (0, 0)
        place = NONE if index is None else index
        self._record(
            layout.PERMUTATION, (chain, sort, tag, length, carried_from or 0, place, cap, *names, hinted)
        )

    def constant(self, value: int) -> Wire:
        """The wire of a constant in F, one for each value."""
        value %= P
        if value not in self._constants:
            with self._outside():
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
        self._record(layout.BITS, (value, bits, low, point))
        return low, point

    def assert_low_zeros(self, value: Wire, bits: int) -> None:
        """State that the canonical form of a value in F ends in `bits` zeros, 1 to 24.

        Raises:
            CircuitError: `bits` is out of range.
        """
        if not 1 <= bits <= MAX_BITS:
            raise CircuitError(f"1 to {MAX_BITS} low bits can be zero, not {bits}")
        self._record(layout.BITS, (value, bits, self.zero, NONE))

    def split(self, value: Wire, bits: int) -> tuple[Wire, Wire]:
        """Quotient and remainder of an index by 2^bits: states value = quotient * 2^bits + remainder.

        Neither is bounded here: use them only where both are, so that the pair is unique.
        """
        quotient, remainder = self.wire(), self.wire()
        self._record(layout.SPLIT, (value, bits, quotient, remainder))
        self._state(quotient, self.constant(1 << bits), remainder, value)
        return quotient, remainder

    def basis(self) -> list[Wire]:
        """1, X, X^2, X^3, X^4 in K."""
        if not self._basis:
            with self._outside():
                self._basis = self._new_basis()
        return self._basis

    def fold(self, leaf: Sequence[Block], challenge: Wire, point: Wire, place: Wire) -> tuple[Wire, Wire]:
        """Fold a leaf of eight values of K, in three blocks; `point`, in F and not zero, is that of `place`.

        Returns:
            The leaf's value at that place, and the folded value.
        """
        first, second, third = leaf
        selected, result = self.wire(), self.wire()
        self._record(layout.FOLD, (first, second, third, challenge, point, place, selected, result))
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
        every, subset = self.wire(), self.wire()
        records, mask = [], (1 << RATE) - 1
        kept, some = (1 << count) - 1, sum(1 << one for one in set(chosen))
        for number, block in enumerate(blocks):
            names = (every, subset) if number == 0 else (NONE, NONE)
            masks = (one >> RATE * number & mask for one in (kept, some))
            goes_on = int(number + 1 < len(blocks))
            records.append((block, *names, self.challenges[which], which, *masks, goes_on))
        self._record(layout.HORNER, *records)
        return every, subset

    def repeat(self, inputs: Sequence[Sequence[Wire]], body: Callable[..., None]) -> None:
        """Record `body(*wires)` for the wires of each instance; the records differ in addresses only.

        The body is called once, with wires that stand for the inputs. What it makes exists once for each
        instance; everything else that it uses is the same for all. Nothing that it makes may be used outside.

        Raises:
            CircuitError: the instances have different numbers of wires.
        """
        if not inputs:
            return
        given = len(inputs[0])
        if any(len(wires) != given for wires in inputs):
            raise CircuitError("the instances of a repeated body have different numbers of input wires")
        self._bodies += 1
        recording = Recording(self._bodies)
        with self._into(recording):
            body(*(self.wire() for _ in range(given)))
        self._program = None
        self._now.stamp(recording, np.array(inputs, np.int64).reshape(len(inputs), given))

    def _record(self, operation: int, *records: Sequence[int]) -> None:
        self._program = None
        self._now.add(operation, *records)

    @contextmanager
    def _into(self, recording: Recording) -> Iterator[None]:
        before, self._now = self._now, recording
        try:
            yield
        finally:
            self._now = before

    def _outside(self) -> AbstractContextManager[None]:
        """Record what all instances of a body share: it comes before the body."""
        return self._into(self.recording)

    def _new_basis(self) -> list[Wire]:
        powers = [self.wire() for _ in range(DEGREE)]
        for start in range(0, DEGREE, GROUPS):
            groups = powers[start : start + GROUPS]
            places = range(start, start + len(groups))
            wires = [self.one if k == place else self.zero for place in places for k in range(DEGREE)]
            self.elements(wires=wires, groups=groups)
        return powers

    def _hinted(self, count: int) -> Wire:
        wire = self.wire()
        self._record(layout.HINT, (wire, count))
        return wire

    def _state(self, a: Wire, b: Wire | None, d: Wire | None, c: Wire | None, constant: int = 0) -> Wire:
        """Record a row whose missing wire, at most one, is new; returns that wire, or c."""
        new = self.wire() if None in (b, d, c) else None
        wires = [new if wire is None else wire for wire in (b, d, c)]
        right, addend, result = (wire for wire in wires if wire is not None)
        self._record(layout.ARITHMETIC, (a, right, addend, result, constant))
        return result if new is None else new
