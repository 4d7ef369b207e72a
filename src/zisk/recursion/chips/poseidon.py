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
2^depth * place + sum of 2^i bit_i modulo p, where `place` is one of the cap's: no row says another. Whoever
records a path sees to it that the cap has 2^c digests and c + depth is at most 24 (`open_leaf`). Then the sum
is below 2^24 < p, so bits and place are those of the index, and an index of 2^(c + depth) or more has no
witness.

Soundness of the permutation: every cube is a column with a constraint of degree 3, all else is linear in
the columns; so the output is a function of the input, the permutation itself.

A flag that speaks of the next row stands on this one, since preprocessed columns are read on their own row
only. The last row of a table has none of them: it ends a chain or is padding.

Columns: 241 main (26 of them read at the next row), 30 preprocessed, 2 of LogUp (four fractions).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zisk.hash.poseidon2 import WIDTH
from zisk.hash.sponge import DIGEST_LENGTH, RATE
from zisk.hash.tags import TAG_COMPRESSION
from zisk.kernels import circuit_layout as layout
from zisk.kernels.circuit_layout import NONE, Permutation
from zisk.recursion.buses import BLOCK, DIGEST, WIRE
from zisk.recursion.errors import CircuitError
from zisk.recursion.permutation import permutation
from zisk.recursion.wiring import block_slot, wire_slot
from zisk.stark.air import Air, Builder, build_air
from zisk.stark.expression import Expression

_TAG_PLACE = 2 * DIGEST_LENGTH

RECORD = len(Permutation)
"""The column of a row, after its record's, that says which record it is."""


def _define(b: Builder) -> None:
    x = b.columns("x", WIDTH)
    bit, node = b.flag("bit"), b.column("node")
    y = _permuted(b, x)
    block_slot(b, "block", x[:RATE])
    block_slot(b, "output", y[:RATE])
    wire_slot(b, "leaf_index", [2 * node + bit])
    cap, is_last = b.preprocessed("cap"), b.preprocessed("last_step")
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

    keeps = [b.preprocessed(f"next_keeps[{k}]") for k in range(RATE)]
    keeps += [b.preprocessed("next_keeps_capacity")] * (WIDTH - RATE)
    for k, keep in enumerate(keeps):
        b.zero_on_transition(f"the next row keeps place {k}", keep * (x[k].next - y[k]))

    first_next, later_next = b.preprocessed("next_is_first_step"), b.preprocessed("next_is_later_step")
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

    return permutation(x, cube)


class PoseidonChip:
    """The chip of `zisk.kernels.circuit_layout.Permutation`; a row ends in the number of its record."""

    air: Air = build_air("poseidon", _define)
    operation = layout.PERMUTATION
    slots = (BLOCK, BLOCK, WIRE)
    spare_rows = 0

    def arrange(self, records: np.ndarray) -> np.ndarray:
        """Chains one after another, each as recorded.

        Raises:
            CircuitError: a row has no source for its input.
        """
        order = np.argsort(records[:, Permutation.CHAIN], kind="stable")
        rows = np.column_stack([records[order], order])
        sort = rows[:, Permutation.SORT]
        follows = _follows(rows)
        is_step = sort == layout.STEP
        above_is_step = follows & np.roll(is_step, 1)
        has_index = rows[:, Permutation.INDEX] != NONE
        absorbs = (sort == layout.START) | (rows[:, Permutation.CARRIED] > 0)
        continues = sort == layout.CONTINUATION
        for wrong, what in (
            ((sort == layout.START) == follows, "neither starts a chain nor follows the row above it"),
            (absorbs & (rows[:, Permutation.BLOCK] == NONE), "absorbs elements but names no block"),
            (
                has_index != (is_step & ~above_is_step),
                "the first step of a path, and no other, names an index",
            ),
            ((rows[:, Permutation.CAP] > 0) & ~is_step, "is no step of a path and ends in a cap"),
            (continues & above_is_step, "continues a Merkle step: take its digest from a cap instead"),
        ):
            if np.any(wrong):
                chain = rows[np.argmax(wrong), Permutation.CHAIN]
                raise CircuitError(f"permutation {rows[np.argmax(wrong), RECORD]} of chain {chain}: {what}")
        return rows

    def addresses(self, rows: np.ndarray) -> np.ndarray:
        """Input block, output block, the leaf's index."""
        return rows[:, [Permutation.BLOCK, Permutation.OUTPUT, Permutation.INDEX]].T

    def fixed(self, rows: np.ndarray) -> np.ndarray:
        """Cap and last step; start, tag, length; step; the flags that speak of the next row."""
        sort, cap = rows[:, Permutation.SORT], rows[:, Permutation.CAP]
        is_step = sort == layout.STEP
        has_next = np.roll(_follows(rows), -1)
        continued = has_next & np.roll(sort == layout.CONTINUATION, -1)
        stepped = has_next & np.roll(is_step, -1)
        carried = np.roll(rows[:, Permutation.CARRIED], -1)
        keeps = continued & (np.arange(RATE)[:, None] >= carried)
        tag, length = rows[:, Permutation.TAG], rows[:, Permutation.LENGTH]
        flags = [cap, cap > 0, sort == layout.START, tag, length, is_step]
        return np.vstack([*flags, keeps, continued, stepped & ~is_step, stepped & is_step]).astype(np.int64)


def _follows(rows: np.ndarray) -> np.ndarray:
    """Whether the row above a row is of the same chain; the first row has none above."""
    chains = rows[:, Permutation.CHAIN]
    return np.append(False, chains[1:] == chains[:-1])[: len(rows)]
