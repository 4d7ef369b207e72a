"""What a device does for the prover: coarse operations on arrays that stay where the device keeps them.

Everything above `zisk.kernels` reaches a device through a `Backend` that it is handed, and names none.
`docs/backends.md` says how each operation is done on the CPU, and how it would be on a GPU.

Elements are uint32 in Montgomery form unless it says canonical. An `Array` is where the backend keeps it, a
NumPy array in this process. Arguments are never changed, but by `write`. The same arguments give the same
numbers on every device and any number of threads, so proofs are equal to the byte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from zisk.kernels.circuit_layout import Program, Values
from zisk.kernels.operands import (
    Array,
    BoundTape,
    Combination,
    Fractions,
    OpenedColumns,
    Rational,
    Weights,
)
from zisk.kernels.pool import Pool


class Backend(Protocol):
    """One device, with the threads of this process that feed it.

    Operations may be called from several threads, and from tasks of `pool`.
    """

    @property
    def device(self) -> str:
        """The name of the device: backends of one device take each other's arrays."""
        ...

    @property
    def pool(self) -> Pool:
        """The threads for what is not done on the device."""
        ...

    # Memory.

    def upload(self, matrix: np.ndarray) -> Array:
        """An array of these elements, which the caller does not change any more."""
        ...

    def upload_numbers(self, numbers: np.ndarray, rows: int, padding: np.ndarray | None = None) -> Array:
        """The elements of 32-bit numbers, uint32[c, m], not reduced, as uint32[c, rows].

        Rows from m on hold `padding`, canonical numbers of shape [c], or zeros.
        """
        ...

    def write(self, table: Array, column: int, numbers: np.ndarray) -> None:
        """Set a column of uint32[c, n] to canonical numbers, of shape [n]."""
        ...

    def download(self, array: Array) -> np.ndarray:
        """The elements of an array, for reading."""
        ...

    def numbers(self, array: Array) -> np.ndarray:
        """The elements of uint32[c, n] as canonical numbers: int64[c, n]."""
        ...

    def take(self, array: Array, places: np.ndarray, axis: int) -> np.ndarray:
        """Rows (axis 0) or columns (axis 1) of uint32[m, n] at these places."""
        ...

    # Tapes and transforms.

    def evaluate(self, tape: BoundTape, coset: int = 0, rows: tuple[int, int] | None = None) -> Array:
        """Run a tape on the rows of one coset, all or from a multiple of 128 up to an end, exclusive.

        Returns:
            uint32[outputs, rows].
        """
        ...

    def extend(self, tables: Sequence[Array], log_blowup: int, shifts: Sequence[int]) -> list[Array]:
        """The low-degree extension, uint32[c, B, n], of tables uint32[c, n] on their subgroups.

        Entry [c, b, m] is the value at shift * w_Bn^b * w_n^m, B = 2^log_blowup. Shifts are canonical.
        """
        ...

    # Trees.

    def hash_tables(
        self, tables: Sequence[Array], log_blowup: int, tag: int, part_tag: int, sponges: Sequence[int]
    ) -> Array:
        """The digests of the lifted rows of tables, uint32[c, B, n] with n of each its own, side by side.

        The first `sponges[0]` tables are a part of the row with a sponge of its own, and so on: see
        `zisk.hash.rows.hash_leaves`. Tags are canonical.

        Returns:
            uint32[9, B h] with h the tallest n of a table with columns; row m of coset b is leaf
            bitreverse(b) * h + bitreverse(m).
        """
        ...

    def hash_rows(self, matrix: Array, tag: int) -> Array:
        """The digests of the rows of uint32[n, width]: uint32[9, n]."""
        ...

    def merkle_levels(self, leaves: Array, tag: int, log_repeats: int, levels: int) -> list[Array]:
        """The levels of a tree, uint32[9, m] each, from the leaves, uint32[9, n], through `levels` more.

        Nodes of the first `log_repeats` levels have two equal children, and stand once.
        """
        ...

    # LogUp and the quotient.

    def logup_columns(
        self, tables: Sequence[Sequence[Fractions]], rows: Sequence[int]
    ) -> list[tuple[Array, list[np.ndarray]]]:
        """The LogUp columns of tables, each with the fractions of its scopes, and its sums.

        Returns:
            For each table uint32[5 s, n], and the sum of each scope's fractions, uint32[5].

        Raises:
            ZeroDenominatorError: in the table at this place.
        """
        ...

    def selectors(self, log_height: int, offsets: Sequence[int]) -> Array:
        """The selectors of a table of n = 2^log_height rows on cosets offset * <w_n>: uint32[3, B, n].

        First and last row: w^i (x^n - 1) / (n (x - w^i)), one on row i and zero on the others.
        Transition: x - w^-1, zero on the last row. Equal arguments may give the same array.
        """
        ...

    def fold_constraints(self, tapes: Sequence[BoundTape], cosets: Sequence[int], height: int) -> Array:
        """The sum of tapes with an output in K on k cosets, lifted to `height` rows: uint32[5, k, height]."""
        ...

    def quotient_columns(
        self,
        numerators: Array,
        shifts: tuple[int, int],
        factors: tuple[int, int],
        powers: tuple[int, int],
        offsets: Sequence[int],
    ) -> Array:
        """The two chunks of the quotient on all cosets, uint32[10, B, n], from numerators uint32[5, 2, n].

        Numerator i, times factors[i], is Q0 + powers[i] Q1 over powers[0] - powers[1] on shifts[i] * <w_n>.
        The result is Q0 above Q1, on offset * <w_n> for every offset. All numbers are canonical.
        """
        ...

    # Openings and FRI.

    def open_columns(
        self, columns: Sequence[OpenedColumns], weights: Mapping[int, Weights]
    ) -> list[np.ndarray]:
        """The values of columns at points outside of their domains, uint32[s, 5] each.

        `weights` are by the tables' number of rows.

        Raises:
            ZeroDenominatorError: a point is in a domain.
        """
        ...

    def deep_codeword(
        self, here: Combination, following: Combination, fraction: Rational, offsets: Sequence[int], size: int
    ) -> Array:
        """The codeword whose low degree shows all openings: uint32[B size, 5], in the order of leaves.

        At a point x, row m of coset b, it is here(x) fraction(x) + following(x) fraction(x / w), w = w_size,
        and stands at bitreverse(b) * size + bitreverse(m). Lower tables repeat.

        Raises:
            ZeroDenominatorError: the fraction's norm is zero on a coset.
        """
        ...

    def fold(self, codeword: Array, shift: int, challenges: Sequence[np.ndarray]) -> Array:
        """Fold a codeword, uint32[n, 5] in the order of leaves on shift * <w_n>, in half for each challenge.

        Rows 2i and 2i + 1, at x and -x, become (f(x) + f(-x)) / 2 + challenge * (f(x) - f(-x)) / (2 x), at
        x^2. The shift is canonical, a challenge uint32[5].
        """
        ...

    def interpolate(self, codeword: Array, shift: int) -> np.ndarray:
        """The coefficients, uint32[n, 5], lowest first, of a codeword uint32[n, 5] as `fold` takes it."""
        ...

    # What is searched or run on the side.

    def grind(self, state: Sequence[int], position: int, bits: int) -> int:
        """The smallest nonce that, written at a position of a state, gives an element with `bits` low zeros.

        The element is the first one of the permuted state. State, nonce and element are canonical.

        Raises:
            ValueError: no element of the field is such a nonce.
        """
        ...

    def run_circuit(self, program: Program, values: Values, hints: np.ndarray) -> np.ndarray:
        """Run a circuit, filling in `values`, up to the first contradiction; returns its report, int64.

        Known wires are the inputs, all else is zero. Hints are canonical, uint32[n].
        """
        ...

    def permutation_columns(self, inputs: np.ndarray) -> Array:
        """Columns uint32[26, n], whose first 24 are states, with the cubes of each state's permutation below.

        Returns:
            uint32[26 + 215, n]; cubes stand in the order in which a permutation takes them.
        """
        ...
