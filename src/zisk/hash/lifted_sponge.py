"""One sponge for every row of tables of different heights, lifted to the tallest.

Rows of a table of height n repeat with period n in the lifted matrix. As long as only tables up to a height h
were absorbed, the lifted rows m and m + h have the same state; so h states per coset are kept, and repeated
when a taller table comes. A partly filled block is part of the state and is repeated with it.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from zisk.field.koalabear import bit_reversal, to_montgomery
from zisk.hash.poseidon2 import WIDTH
from zisk.hash.sponge import DIGEST_LENGTH, RATE
from zisk.kernels.cpu.merkle import GROUP, absorb, gather_leaves, permute_blocks
from zisk.kernels.cpu.vector_ir import LANES, LOG_LANES
from zisk.kernels.pool import Pool


class LiftedSponge:
    """The sponges of all lifted rows, `cosets` times `height` of them.

    Args:
        cosets: the number of cosets, the second axis of every table.
        tag: the domain tag, canonical.
        length: elements of a whole row, over all tables.

    Attributes:
        height: states kept per coset, the tallest height so far.
    """

    def __init__(self, cosets: int, tag: int, length: int, pool: Pool) -> None:
        self.height = 1
        self._pool = pool
        self._position = 0
        self._missing = length
        self._empty = length == 0
        # Row m is lane m mod LANES of block m div LANES; fewer rows than LANES repeat over the lanes.
        self._states = np.zeros((cosets, 1, WIDTH, LANES), np.uint32)
        self._states[:, 0, RATE : RATE + 2] = to_montgomery([[tag], [length]])

    def absorb(self, table: NDArray[np.uint32]) -> None:
        """Absorb the columns of a table, uint32[columns, cosets, n], n any power of two.

        Raises:
            ValueError: the shape does not fit, or there are more columns than `length` announced.
        """
        columns, cosets, rows = table.shape
        if cosets != len(self._states) or rows & (rows - 1) or not rows:
            raise ValueError(
                f"a table of {cosets} cosets and {rows} rows does not fit a sponge of {len(self._states)} "
                "cosets: rows must be a power of two"
            )
        if columns > self._missing:
            raise ValueError(f"the sponge expects {self._missing} more columns, the table has {columns}")
        self._missing -= columns
        if rows > self.height:
            self._states = np.tile(self._states, (1, max(rows // LANES // self._states.shape[1], 1), 1, 1))
            self.height = rows
        position = self._position
        table = np.ascontiguousarray(table)
        self._for_blocks(
            lambda coset, start, stop: absorb(self._states[coset], start, stop, position, table, coset)
        )
        self._position = (position + columns) % RATE

    def finish(self) -> NDArray[np.uint32]:
        """The digests in leaf order, uint32[9, cosets * height], Montgomery; the sponge is spent.

        Row m of coset b is leaf bitreverse(b) * height + bitreverse(m).

        Raises:
            ValueError: columns are missing.
        """
        if self._missing:
            raise ValueError(f"the sponge expects {self._missing} more columns")
        if self._position or self._empty:
            self._for_blocks(lambda coset, start, stop: permute_blocks(self._states[coset], start, stop))
        cosets = bit_reversal(len(self._states).bit_length() - 1)
        leaves = np.empty((len(self._states), DIGEST_LENGTH, self.height), np.uint32)
        for coset, place in enumerate(cosets):
            self._gather(coset, leaves[place])
        return leaves.transpose(1, 0, 2).reshape(DIGEST_LENGTH, -1)

    def _gather(self, coset: int, out: NDArray[np.uint32]) -> None:
        states = self._states[coset]
        log_height = self.height.bit_length() - 1
        if self.height < LANES * LANES:
            digests = states[:, :DIGEST_LENGTH].transpose(1, 0, 2).reshape(DIGEST_LENGTH, -1)
            out[:] = digests[:, bit_reversal(log_height)]
            return
        lanes, tiles = bit_reversal(LOG_LANES), bit_reversal(log_height - 2 * LOG_LANES)
        self._pool.map(
            lambda piece: gather_leaves(states, lanes, tiles, out, *piece), self._pool.chunks(len(tiles))
        )

    def _for_blocks(self, task: Callable[[int, int, int], object]) -> None:
        """Run a task over (coset, start, stop), in pieces of whole groups of blocks."""
        blocks = self._states.shape[1]
        pieces = [
            (coset, first * GROUP, min(last * GROUP, blocks))
            for coset in range(len(self._states))
            for first, last in self._pool.chunks(-(-blocks // GROUP))
        ]
        self._pool.map(lambda piece: task(*piece), pieces)
