"""One sponge for every row of tables of different heights, lifted to the tallest.

Rows of a table of height n repeat with period n in the lifted matrix. As long as only tables up to a height h
were absorbed, the lifted rows m and m + h have the same state; so h states per coset are kept, and repeated
when a taller table comes. A partly filled block is part of the state and is repeated with it.

So a table costs permutations at the height of the tallest before it. Tables that are tall together may have a
sponge of their own, which another sponge absorbs: they cost what they cost alone, and one permutation more.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zisk.kernels import workspace
from zisk.kernels.cpu.merkle import (
    GROUP,
    absorb,
    absorb_rates,
    gather_leaves,
    permute_blocks,
    repeat_blocks,
)
from zisk.kernels.cpu.vector_ir import LANES, LOG_LANES
from zisk.kernels.elements import bit_reversal, to_montgomery
from zisk.kernels.pool import Pool
from zisk.kernels.poseidon2_constants import DIGEST_LENGTH, RATE, WIDTH

GROUPS_PER_TASK = 32
"""Groups of blocks that take table after table: 384 KiB of states, which stay in the second cache."""


class LiftedSponge:
    """The sponges of all lifted rows, `cosets` times `height` of them.

    Args:
        cosets: the number of cosets, the second axis of every table.
        tag: the domain tag, canonical.
        length: elements of a whole row, over all tables.

    Tables wait until a taller one comes or all are there, and are then absorbed together: threads meet once
    for each height.

    Attributes:
        height: the tallest height so far.
    """

    def __init__(self, cosets: int, tag: int, length: int, pool: Pool) -> None:
        self.height = 1
        self._pool = pool
        self._position = 0
        self._missing = length
        self._empty = length == 0
        self._waiting: list[tuple[int, NDArray[np.uint32] | LiftedSponge]] = []
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
        self._wait(np.ascontiguousarray(table), columns, rows)

    def absorb_sponge(self, part: LiftedSponge) -> None:
        """Absorb the first fifteen elements of another sponge's last states; that one is spent.

        Raises:
            ValueError: this sponge is in the middle of a block, or the other one lacks columns.
        """
        if self._position or self._missing < RATE:
            raise ValueError(f"a sponge takes another one as a block of {RATE} columns: let it come first")
        part._close()
        self._wait(part, RATE, part.height)

    def finish(self) -> NDArray[np.uint32]:
        """The digests in leaf order, uint32[9, cosets * height], Montgomery; the sponge is spent.

        Row m of coset b is leaf bitreverse(b) * height + bitreverse(m).

        Raises:
            ValueError: columns are missing.
        """
        self._close()
        leaves = workspace.empty((DIGEST_LENGTH, len(self._states), self.height))
        self._gather(leaves)
        return leaves.reshape(DIGEST_LENGTH, -1)

    def _wait(self, source: NDArray[np.uint32] | LiftedSponge, columns: int, rows: int) -> None:
        self._missing -= columns
        if rows > self.height:
            self._absorb_waiting()
            self.height = rows
        self._waiting.append((self._position, source))
        self._position = (self._position + columns) % RATE

    def _close(self) -> None:
        """Absorb what is still waiting; the states are the last ones then."""
        if self._missing:
            raise ValueError(f"the sponge expects {self._missing} more columns")
        self._absorb_waiting(last=True)

    def _gather(self, leaves: NDArray[np.uint32]) -> None:
        """Fill uint32[9, cosets, height]."""
        places = bit_reversal(len(self._states).bit_length() - 1).tolist()
        log_height = self.height.bit_length() - 1
        if self.height < LANES * LANES:
            order = bit_reversal(log_height)
            for states, place in zip(self._states, places, strict=True):
                leaves[:, place] = (
                    states[:, :DIGEST_LENGTH].transpose(1, 0, 2).reshape(DIGEST_LENGTH, -1)[:, order]
                )
            return
        lanes, tiles = bit_reversal(LOG_LANES), bit_reversal(log_height - 2 * LOG_LANES)
        pieces = [
            (coset, place, *piece)
            for coset, place in enumerate(places)
            for piece in self._pool.chunks(len(tiles))
        ]
        self._pool.map(
            lambda coset, place, *piece: gather_leaves(
                self._states[coset], lanes, tiles, leaves, place, *piece
            ),
            *zip(*pieces, strict=True),
        )

    def _absorb_waiting(self, *, last: bool = False) -> None:
        """Repeat the states up to the height, absorb what waits, and, at the end, permute a begun block."""
        blocks = max(self.height // LANES, 1)
        before = self._states
        if before.shape[1] < blocks:
            self._states = workspace.empty((len(before), blocks, WIDTH, LANES))
        states, waiting, self._waiting = self._states, self._waiting, []
        permute = last and (self._position > 0 or self._empty)

        def task(coset: int, first: int, end: int) -> None:
            start, stop = first * GROUP, min(end * GROUP, blocks)
            if states is not before:
                repeat_blocks(before[coset], states[coset], start, stop)
            for position, source in waiting:
                if isinstance(source, LiftedSponge):
                    absorb_rates(states[coset], start, stop, source._states[coset])
                else:
                    absorb(states[coset], start, stop, position, source, coset)
            if permute:
                permute_blocks(states[coset], start, stop)

        groups = -(-blocks // GROUP)
        pieces = [
            (coset, *piece)
            for coset in range(len(states))
            for piece in self._pool.chunks(groups, largest=GROUPS_PER_TASK)
        ]
        self._pool.map(task, *zip(*pieces, strict=True))
