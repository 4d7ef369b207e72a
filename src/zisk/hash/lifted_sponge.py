"""One sponge for every row of tables of different heights, lifted to the tallest.

Rows of a table of height n repeat with period n in the lifted matrix. As long as only tables up to a height h
were absorbed, the lifted rows m and m + h have the same state; so h states per coset are kept, and repeated
when a taller table comes. A partly filled block is part of the state and is repeated with it.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from zisk.field.koalabear import to_montgomery
from zisk.hash.poseidon2 import WIDTH
from zisk.hash.sponge import DIGEST_LENGTH, RATE
from zisk.kernels.cpu.merkle import ROWS, absorb
from zisk.kernels.cpu.poseidon2 import permute_columns
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
        self._states = np.zeros((cosets, WIDTH, 1), np.uint32)
        self._states[:, RATE : RATE + 2, 0] = to_montgomery([tag, length])

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
            self._states = np.tile(self._states, (1, 1, rows // self.height))
            self.height = rows
        position = self._position
        table = np.ascontiguousarray(table)
        self._for_rows(
            lambda coset, start, stop: absorb(self._states[coset], start, stop, position, table, coset)
        )
        self._position = (position + columns) % RATE

    def finish(self) -> NDArray[np.uint32]:
        """The digests, uint32[9, cosets, height], Montgomery; the sponge is spent.

        Raises:
            ValueError: columns are missing.
        """
        if self._missing:
            raise ValueError(f"the sponge expects {self._missing} more columns")
        if self._position or not self._states[0, RATE + 1, 0]:
            self._for_rows(lambda coset, start, stop: permute_columns(self._states[coset], start, stop))
        return np.ascontiguousarray(self._states[:, :DIGEST_LENGTH].transpose(1, 0, 2))

    def _for_rows(self, task: Callable[[int, int, int], object]) -> None:
        """Run a task over (coset, start, stop), with pieces of whole groups of rows."""
        groups = self._pool.chunks(-(-self.height // ROWS))
        pieces = [
            (coset, first * ROWS, min(last * ROWS, self.height))
            for coset in range(len(self._states))
            for first, last in groups
        ]
        self._pool.map(lambda piece: task(*piece), pieces)
