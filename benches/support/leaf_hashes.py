"""What a leaf circuit hashes for one query of the proof that it verifies: with Poseidon2, or with BLAKE3."""

from __future__ import annotations

from dataclasses import dataclass

from zisk.field.quintic import DEGREE
from zisk.hash.opening import cap_log_size
from zisk.hash.sponge import RATE
from zisk.stark.batching import Tree, leaf_parts, tree_widths
from zisk.stark.kind import Kind
from zisk.stark.parameters import SecurityParameters

BLOCK, BLAKE3_DIGEST = 16, 8
"""Elements of four bytes that a compression of BLAKE3 takes in, and that its digest has."""

WORD, HALVES, ROWS_OF_FOUR, HALF_ROUNDS = 32, 2, 4, 28
BLAKE3_COLUMNS = (
    16 * WORD  # inputs
    + 8 * WORD  # chaining value
    + 4 * WORD  # counter, length, flags
    + 2 * ROWS_OF_FOUR * HALVES  # first and third row at the start
    + HALF_ROUNDS * 2 * ROWS_OF_FOUR * (HALVES + WORD)  # four states in each of seven rounds
    + ROWS_OF_FOUR * WORD  # helpers
    + 16 * WORD  # outputs
)
"""Columns of the published table with one compression a row: Plonky3, `blake3-air/src/columns.rs`.

Words are 32 bits or two halves; of a state the first and third row are halves, the others bits.
"""


@dataclass(frozen=True, slots=True)
class PerQuery:
    """Hashes for opened rows, paths and FRI."""

    permutations: int
    compressions: int


def per_query(kind: Kind, parameters: SecurityParameters) -> PerQuery:
    """Hashes for one query of a proof of this kind.

    For BLAKE3 a row, or a part of one with a sponge of its own, is one chain of compressions: the tree that
    it makes of longer messages would add some. A node is one compression as it is one permutation.
    """
    length, arity = kind.log_size + parameters.log_blowup, parameters.log_folding_arity
    folds = [length - arity * (k + 1) for k in range(parameters.fri_rounds(kind.log_size))]
    steps = sum(
        leaves - cap_log_size(leaves, parameters.cap_log) for leaves in (*[length] * len(Tree), *folds)
    )

    def hashes(block: int, joined: int) -> int:
        rows = sum(_row(kind, tree, block, joined) for tree in Tree)
        return steps + rows + len(folds) * _blocks(DEGREE << arity, block)

    return PerQuery(hashes(RATE, RATE), hashes(BLOCK, BLAKE3_DIGEST))


def _row(kind: Kind, tree: Tree, block: int, joined: int) -> int:
    """Hashes of an opened row of a tree; each part of it enters the row as `joined` elements."""
    parts = leaf_parts(kind, tree)
    left = sum(tree_widths(kind, tree)) - sum(parts)
    return sum(_blocks(part, block) for part in parts) + _blocks(len(parts) * joined + left, block)


def _blocks(elements: int, block: int) -> int:
    return -(-elements // block)
