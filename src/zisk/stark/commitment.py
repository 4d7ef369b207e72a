"""Committing to the tables of a segment: low-degree extension and one lifted Merkle tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zisk.field.koalabear import coset_shift, from_montgomery
from zisk.hash.merkle import MerkleTree, commit_tables
from zisk.hash.pruned_tree import LeavesChangedError, PrunedTree
from zisk.hash.rows import hash_leaves, part_widths
from zisk.hash.tags import TAG_LEAF
from zisk.kernels.backend import Backend
from zisk.kernels.operands import Array
from zisk.stages import NULL_STAGES, Stage, Stages
from zisk.stark.errors import TraceError
from zisk.stark.key import FREE_HEIGHT, Digest, VerifyingKey
from zisk.stark.kind import Kind
from zisk.stark.parameters import SecurityParameters
from zisk.stark.proof import TreeOpening


@dataclass(frozen=True, slots=True)
class Commitment:
    """The extended tables of one tree, and the tree.

    Attributes:
        tables: for each table uint32[columns, B, n], Montgomery; a table without columns has [0, B, n].
        sponges: numbers of tables, from the first on, with a sponge of their own.
    """

    tables: tuple[Array, ...]
    tree: MerkleTree | PrunedTree
    backend: Backend
    log_size: int
    log_blowup: int
    sponges: tuple[int, ...] = ()

    @property
    def nbytes(self) -> int:
        """Memory that tables and tree take, in bytes."""
        return sum(table.nbytes for table in self.tables) + self.tree.nbytes

    @property
    def cap(self) -> tuple[Digest, ...]:
        """The Merkle cap, canonical."""
        return cap_of(self.tree)

    def open(self, leaves: Sequence[int]) -> TreeOpening:
        """Open distinct leaves, given in ascending order.

        Raises:
            TraceError: the tree is pruned, and was built over other tables.
        """
        return TreeOpening(self._rows(np.array(leaves)), self._siblings(leaves))

    def _siblings(self, leaves: Sequence[int]) -> np.ndarray:
        if isinstance(self.tree, MerkleTree):
            return self.tree.open(leaves)
        parts = part_widths([table.shape[0] for table in self.tables], self.sponges)
        digests = hash_leaves(TAG_LEAF, parts, self._rows(self.tree.covered(leaves)))
        try:
            return self.tree.open(leaves, digests)
        except LeavesChangedError as error:
            raise TraceError(
                "the tables rebuilt for the proof are not those committed to: one of the two was computed "
                "wrongly. Prove again; if it happens once more, test this machine's memory or report a defect"
            ) from error

    def _rows(self, leaves: np.ndarray) -> np.ndarray:
        """uint32[k, width], canonical: the concatenated lifted rows."""
        cosets = _reverse(leaves >> self.log_size, self.log_blowup)
        rows = _reverse(leaves & ((1 << self.log_size) - 1), self.log_size)
        parts = [self._columns(table, cosets, rows % table.shape[2]) for table in self.tables]
        return from_montgomery(np.concatenate(parts)).T.astype(np.uint32)

    def _columns(self, table: Array, cosets: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """The columns of a table at these rows of these cosets."""
        columns, blowup, height = table.shape
        return self.backend.take(table.reshape(columns, blowup * height), cosets * height + rows, axis=1)


def commit(
    tables: Sequence[Array],
    log_size: int,
    parameters: SecurityParameters,
    backend: Backend,
    stages: Stages = NULL_STAGES,
    *,
    sponges: Sequence[int] = (),
    tree: PrunedTree | None = None,
) -> Commitment:
    """Extend tables (uint32[columns, n] on their subgroups, Montgomery) and commit to them.

    `sponges` are numbers of tables with a sponge of their own, see `Kind`. With the pruned tree of an earlier
    commitment to the same tables, nothing is hashed.
    """
    with stages.stage(Stage.EXTEND):
        shifts = [coset_shift(log_height_of(table)) for table in tables]
        extended = backend.extend(tables, parameters.log_blowup, shifts)
    if tree is not None:
        blowup = parameters.log_blowup
        return Commitment(tuple(extended), tree, backend, log_size, blowup, tuple(sponges))
    return commit_extended(extended, log_size, parameters, backend, stages, sponges=sponges)


def commit_extended(
    tables: Sequence[Array],
    log_size: int,
    parameters: SecurityParameters,
    backend: Backend,
    stages: Stages = NULL_STAGES,
    *,
    sponges: Sequence[int] = (),
) -> Commitment:
    """Commit to tables that are extended already; see `commit`."""
    with stages.stage(Stage.HASH):
        tree = commit_tables(
            tables,
            log_size,
            parameters.log_blowup,
            TAG_LEAF,
            parameters.cap_log,
            backend,
            sponges=sponges,
        )
    return Commitment(tuple(tables), tree, backend, log_size, parameters.log_blowup, tuple(sponges))


def cap_of(tree: MerkleTree | PrunedTree) -> tuple[Digest, ...]:
    """A tree's cap as canonical digests."""
    return tuple(tuple(digest) for digest in from_montgomery(tree.cap).T.tolist())


def log_height_of(table: Array) -> int:
    """log2 of a table's rows.

    Raises:
        TraceError: the number of rows is no power of two.
    """
    rows = table.shape[-1]
    if rows < 1 or rows & (rows - 1):
        raise TraceError(f"a table has {rows} rows, which is no power of two")
    return rows.bit_length() - 1


@dataclass(frozen=True, eq=False)
class FixedTables:
    """The preprocessed tables of a kind for one program, with the key that they give.

    Attributes:
        values: for each table uint32[columns, n] on its subgroup, Montgomery; [0, 1] where it has none.
        commitment: their extension and tree; None when no table has a preprocessed column.
    """

    key: VerifyingKey
    values: tuple[Array, ...]
    commitment: Commitment | None


def fix_tables(
    kind: Kind, parameters: SecurityParameters, values: Sequence[np.ndarray | None], backend: Backend
) -> FixedTables:
    """Set up a kind: commit to its preprocessed columns and derive its verifying key.

    `values` are the preprocessed columns of each table, uint32[columns, n], Montgomery, or None.

    Raises:
        TraceError: columns are missing, or taller than the table may be.
    """
    tables, heights = [], []
    for shape, matrix in zip(kind.tables, values, strict=True):
        width = shape.air.preprocessed_width
        if (0 if matrix is None else matrix.shape[0]) != width:
            raise TraceError(f"table {shape.air.name} has {width} preprocessed columns, set-up gave others")
        if matrix is None:
            tables.append(backend.upload(np.zeros((0, 1), dtype=np.uint32)))
            heights.append(FREE_HEIGHT)
            continue
        if log_height_of(matrix) > shape.max_log_height:
            raise TraceError(f"table {shape.air.name} is taller than 2^{shape.max_log_height} rows")
        tables.append(backend.upload(matrix))
        heights.append(log_height_of(matrix))
    if any(table.shape[0] for table in tables):
        commitment = commit(tables, kind.log_size, parameters, backend)
        key = VerifyingKey(kind, parameters, commitment.cap, tuple(heights))
    else:
        commitment, key = None, VerifyingKey(kind, parameters, (), tuple(heights))
    return FixedTables(key, tuple(tables), commitment)


def _reverse(values: np.ndarray, bits: int) -> np.ndarray:
    result = np.zeros_like(values)
    for bit in range(bits):
        result |= ((values >> bit) & 1) << (bits - 1 - bit)
    return result
