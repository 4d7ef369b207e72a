"""The permutation chip: one permutation of 24 elements a row, chained from row to row.

The input x of a row is one of three things, said by preprocessed columns:

- a *start*: places 15 and 16 are a tag and a length, 17 to 23 zero, 0 to 14 the row's block;
- a *continuation*: places from k on are the output of the row above, 0 to k - 1 come from the block. So
  a sponge absorbs k elements, and a transcript absorbs k elements or, with k = 0, draws more;
- a *step* of a Merkle path: the digest of the row above, which is its output y, or y + x if it was a step,
  stands in places 0 to 8 if `bit` is 0, in 9 to 17 if it is 1; the rest of 0 to 17 is free, the sibling; then
  the tag of compression and zeros.

A block in the row's first slot is x[0..14] whole, carried places included; in the second, y[0..14].
What a start or continuation takes from its block has no other source, so the block must be there.

Paths. `node` is the index of a step's own node, so its digest below has the index 2 * node + bit. The slot of
the first step takes that as the leaf's index, a step under another states node = 2 * node' + bit', and the
last one looks (cap, node, digest) up among the digests of its cap. So the leaf's index is
2^depth * place + sum of 2^i bit_i with place in the cap; all this is below 2^24 < p, so the bits and
the place are those of the index, and an index too large has no witness.

Soundness of the permutation: every cube is a column with a constraint of degree 3, all else is linear in
the columns; so the output is a function of the input, the permutation itself.

A flag that speaks of the next row stands on this one, since preprocessed columns are read on their own row
only. The last row of a table has none of them: it ends a chain or is padding.

Columns: 241 main (26 of them read at the next row), 30 preprocessed, 2 of LogUp (four fractions).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zisk.field.koalabear import P
from zisk.hash.permutation import permute_state
from zisk.hash.poseidon2 import WIDTH
from zisk.hash.sponge import DIGEST_LENGTH, RATE
from zisk.hash.tags import TAG_COMPRESSION
from zisk.recursion.buses import BLOCK, DIGEST, WIRE
from zisk.recursion.errors import CircuitError, WitnessError
from zisk.recursion.memory import Block, Memory, Wire
from zisk.recursion.permutation import CUBES, permutation
from zisk.recursion.wiring import Address, block_slot, wire_slot
from zisk.stark.air import Air, Builder, build_air
from zisk.stark.expression import Expression

_TAG_PLACE = 2 * DIGEST_LENGTH


@dataclass(frozen=True, slots=True)
class PermutationRow:
    """One permutation.

    Attributes:
        chain, place: the chain it belongs to, and its place there from 0.
        start: tag and length, if it starts a sponge.
        carried_from: the first place taken from the row above, 0 to 15, if it continues one.
        index: the leaf's index, if it is the first step of a path; a row that neither starts nor
            continues is a step.
        cap: the cap in which its digest is looked up, if it is the last step; else 0.
        block: the block with the first 15 places of its input.
        output: the block with the first 15 places of its output.
        hinted: how many elements of its block are hints; a step takes nine hints, the sibling.
    """

    chain: int
    place: int
    start: tuple[int, int] | None = None
    carried_from: int | None = None
    index: Wire | None = None
    cap: int = 0
    block: Block | None = None
    output: Block | None = None
    hinted: int = 0

    @property
    def is_step(self) -> bool:
        """Whether it is a step of a Merkle path."""
        return self.start is None and self.carried_from is None

    def run(self, memory: Memory) -> None:
        """Permute; the blocks and, at the end of a path, the count of lookups are settled.

        Raises:
            WitnessError: a block contradicts the input, or a path does not lead to its cap.
        """
        above, here = (self.chain, self.place - 1), (self.chain, self.place)
        state = self._step_input(memory, above) if self.is_step else self._sponge_input(memory, above)
        memory.states[here], memory.outputs[here] = state, permute_state(state)
        if self.block is not None:
            memory.settle_block(self.block, state[:RATE])
        if self.output is not None:
            memory.settle_block(self.output, memory.outputs[here][:RATE])
        if self.cap:
            node = memory.indices[here] >> 1
            memory.look_up(self.cap, node, _digest(memory, here, is_step=True))

    def _sponge_input(self, memory: Memory, above: tuple[int, int]) -> list[int]:
        if self.block is not None and self.hinted:
            memory.settle_block(self.block, memory.take(self.hinted))
        block = [] if self.block is None else memory.blocks.get(self.block, [])
        if self.start is not None:
            rest, written = [0] * RATE + [*self.start, *[0] * (WIDTH - RATE - 2)], RATE
        else:
            assert self.carried_from is not None
            rest, written = memory.outputs[above], self.carried_from
        if len(block) < written:
            raise WitnessError(f"{self} absorbs a block of which {len(block)} elements are known")
        return [*block[:written], *rest[written:]]

    def _step_input(self, memory: Memory, above: tuple[int, int]) -> list[int]:
        index = memory.indices[above] >> 1 if self.index is None else memory.base(self.index)
        memory.indices[self.chain, self.place] = index
        digest, sibling = _digest(memory, above, is_step=self.index is None), memory.take(DIGEST_LENGTH)
        pair = [*sibling, *digest] if index & 1 else [*digest, *sibling]
        return [*pair, TAG_COMPRESSION, *[0] * (WIDTH - _TAG_PLACE - 1)]


def _digest(memory: Memory, place: tuple[int, int], *, is_step: bool) -> list[int]:
    output = memory.outputs[place][:DIGEST_LENGTH]
    if not is_step:
        return output
    return [(y + x) % P for y, x in zip(output, memory.states[place], strict=False)]


def _define(b: Builder) -> None:
    x = b.columns("x", WIDTH)
    bit, node = b.flag("bit"), b.column("node")
    y = _permuted(b, x)
    block_slot(b, "block", x[:RATE])
    block_slot(b, "output", y[:RATE])
    wire_slot(b, "leaf index", [2 * node + bit])
    cap, is_last = b.preprocessed("cap"), b.preprocessed("last step")
    stepped = [y[k] + x[k] for k in range(DIGEST_LENGTH)]
    b.send(DIGEST, [cap, node, *stepped], is_last)

    is_start, tag, length = (b.preprocessed(name) for name in ("start", "tag", "length"))
    b.zero("a start has its tag", is_start * x[RATE] - tag)
    b.zero("a start has its length", is_start * x[RATE + 1] - length)
    for k in range(RATE + 2, WIDTH):
        b.zero(f"a start has zero in place {k}", is_start * x[k])

    is_step = b.preprocessed("step")
    b.zero("a step has its tag", is_step * (x[_TAG_PLACE] - TAG_COMPRESSION))
    for k in range(_TAG_PLACE + 1, WIDTH):
        b.zero(f"a step has zero in place {k}", is_step * x[k])

    keeps = [b.preprocessed(f"next keeps {k}") for k in range(RATE)]
    keeps += [b.preprocessed("next keeps capacity")] * (WIDTH - RATE)
    for k, keep in enumerate(keeps):
        b.zero_on_transition(f"the next row keeps place {k}", keep * (x[k].next - y[k]))

    first_next, later_next = b.preprocessed("next is first step"), b.preprocessed("next is later step")
    for k in range(DIGEST_LENGTH):
        child = x[k].next + bit.next * (x[DIGEST_LENGTH + k].next - x[k].next)
        linked = first_next * (child - y[k]) + later_next * (child - stepped[k])
        b.zero_on_transition(f"the next step holds element {k} of this digest", linked)
    b.zero_on_transition("the next step is at this node", later_next * (node - 2 * node.next - bit.next))


def _permuted(b: Builder, x: Sequence[Expression]) -> list[Expression]:
    """The output of a permutation as linear forms in columns that hold its cubes."""
    count = 0

    def cube(value: Expression) -> Expression:
        nonlocal count
        result = b.column(f"cube[{count}]")
        b.equal(f"cube {count}", result, value * value * value)
        count += 1
        return result

    return permutation(x, cube, lambda value: value)


class PoseidonChip:
    """The chip of `PermutationRow`."""

    air: Air = build_air("poseidon", _define)
    row_type = PermutationRow
    spare_rows = 0

    def arrange(self, rows: Sequence[PermutationRow]) -> list[PermutationRow]:
        """Chains one after another, each in order.

        Raises:
            CircuitError: a row has no source for its input.
        """
        arranged = sorted(rows, key=lambda row: (row.chain, row.place))
        for row, above in zip(arranged, [None, *arranged], strict=False):
            follows = above is not None and (above.chain, above.place + 1) == (row.chain, row.place)
            is_first = above is None or not above.is_step
            absorbs = row.start is not None or bool(row.carried_from)
            if (row.start is None) != follows or (row.place == 0) == follows:
                raise CircuitError(f"{row} neither starts a chain nor follows the row above it")
            if absorbs and row.block is None:
                raise CircuitError(f"{row} absorbs elements but names no block")
            if (row.index is not None) != (row.is_step and is_first):
                raise CircuitError(f"{row}: the first step of a path, and no other row, names an index")
            if row.cap and not row.is_step:
                raise CircuitError(f"{row} is no step of a path and ends in a cap")
            if row.carried_from is not None and above is not None and above.is_step:
                raise CircuitError(f"{row} continues a Merkle step: take its digest from a cap instead")
        return arranged

    def addresses(self, row: PermutationRow) -> Sequence[Address]:
        """Input block, output block, the leaf's index."""
        return [
            None if row.block is None else (BLOCK, row.block),
            None if row.output is None else (BLOCK, row.output),
            None if row.index is None else (WIRE, row.index),
        ]

    def fixed(self, rows: Sequence[PermutationRow]) -> np.ndarray:
        """Cap and last step; start, tag, length; step; the flags that speak of the next row."""
        return np.array(
            [_flags(row, below) for row, below in zip(rows, [*rows[1:], None], strict=True)], np.uint64
        ).T

    def fill(self, rows: Sequence[PermutationRow], height: int, memory: Memory) -> np.ndarray:
        """Inputs, bit, node and cubes; a padding row permutes zeros."""
        columns = np.zeros((self.air.main_width, height), np.uint64)
        for number, row in enumerate(rows):
            here = (row.chain, row.place)
            columns[:WIDTH, number] = memory.states[here]
            if row.is_step:
                columns[WIDTH, number] = memory.indices[here] & 1
                columns[WIDTH + 1, number] = memory.indices[here] >> 1
        columns[WIDTH + 2 :] = cube_columns(columns[:WIDTH])
        return columns


def _flags(row: PermutationRow, below: PermutationRow | None) -> list[int]:
    tag, length = row.start or (0, 0)
    follows = below is not None and below.chain == row.chain
    kept = below.carried_from if below is not None and follows else None
    keeps = [int(kept is not None and k >= kept) for k in range(RATE)]
    step_below = below is not None and follows and below.is_step
    return [
        row.cap,
        int(row.cap != 0),
        int(row.start is not None),
        tag,
        length,
        int(row.is_step),
        *keeps,
        int(kept is not None),
        int(step_below and not row.is_step),
        int(step_below and row.is_step),
    ]


def cube_columns(inputs: np.ndarray) -> np.ndarray:
    """The cube columns of inputs, uint64[24, n]: uint64[215, n]."""
    cubes = np.empty((CUBES, inputs.shape[1]), np.uint64)
    prime, count = np.uint64(P), 0

    def cube(value: np.ndarray) -> np.ndarray:
        nonlocal count
        cubes[count] = value * value % prime * value % prime
        count += 1
        return cubes[count - 1]

    permutation(list(inputs), cube, lambda value: value % prime)
    return cubes
