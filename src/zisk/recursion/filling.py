"""Fills the tables of a circuit: from the values of an execution to main columns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from zisk.field.koalabear import P, from_montgomery, root_of_unity, to_montgomery
from zisk.field.quintic import DEGREE
from zisk.hash.poseidon2 import WIDTH
from zisk.hash.sponge import RATE
from zisk.hash.transcript import MAX_BITS
from zisk.kernels import circuit_layout as layout
from zisk.kernels import workspace
from zisk.kernels.backend import Backend
from zisk.kernels.circuit_layout import NONE, Arithmetic, Bits, Elements, Horner, Permutation, Values
from zisk.kernels.operands import Array
from zisk.recursion.chips.bits import BITS
from zisk.recursion.chips.poseidon import RECORD


def fill_table(
    operation: int,
    width: int,
    height: int,
    rows: np.ndarray,
    values: Values,
    cap_starts: np.ndarray,
    backend: Backend,
) -> Array:
    """The main columns of an operation's table, from its arranged rows: uint32[width, height], Montgomery.

    Rows of padding are zero, but for the cubes of a permutation of zeros.
    """
    if operation == layout.PERMUTATION:
        return backend.permutation_columns(_permutations(height, rows, values))
    columns = workspace.zeros((width, height))
    part = columns[:, : len(rows)]
    if operation == layout.ELEMENTS:
        _fill_elements(part, rows, values, cap_starts)
    else:
        _FILL[operation](part, rows, values)
    return backend.upload(columns)


def _fill_arithmetic(columns: np.ndarray, rows: np.ndarray, values: Values) -> None:
    """The values of the four wires."""
    for place, name in enumerate((Arithmetic.A, Arithmetic.B, Arithmetic.D, Arithmetic.C)):
        columns[DEGREE * place : DEGREE * (place + 1)] = values.wires[rows[:, name]].T


def _fill_folds(columns: np.ndarray, rows: np.ndarray, values: Values) -> None:
    """The rows as they were computed."""
    columns[:] = values.folds.T


def _fill_horner(columns: np.ndarray, rows: np.ndarray, values: Values) -> None:
    """The block's elements and both sums."""
    columns[:RATE] = values.blocks[rows[:, Horner.BLOCK]].T
    columns[RATE:] = values.sums.T


def _fill_bits(columns: np.ndarray, rows: np.ndarray, values: Values) -> None:
    """Bit, high, low, point and ones of each row."""
    taken_apart = from_montgomery(values.wires[rows[::BITS, Bits.VALUE], 0]).astype(np.int64)
    low, point, ones = np.zeros_like(taken_apart), np.ones_like(taken_apart), np.zeros_like(taken_apart)
    for place in range(BITS):
        bit = taken_apart >> place & 1
        if place < MAX_BITS:
            low = low + (bit << place)
            point = np.where(bit, point * root_of_unity(place + 1) % P, point)
        else:
            ones = bit * (ones if place > MAX_BITS else 1)
        columns[:, place::BITS] = to_montgomery([bit, taken_apart >> (place + 1), low, point, ones])


def _fill_elements(columns: np.ndarray, rows: np.ndarray, values: Values, cap_starts: np.ndarray) -> None:
    """The elements, and how often a digest is looked up.

    Those that a block holds beyond the row's own are the block's.
    """
    blocks = rows[:, Elements.BLOCK]
    columns[:RATE] = values.elements.T
    named = blocks != NONE
    columns[:RATE, named] = values.blocks[blocks[named]].T
    digests = rows[:, Elements.CAP] > 0
    places = cap_starts[rows[digests, Elements.CAP]] + rows[digests, Elements.PLACE]
    columns[RATE, digests] = to_montgomery(values.lookups[places])


def _permutations(height: int, rows: np.ndarray, values: Values) -> np.ndarray:
    """Inputs, bit and node."""
    records, count = rows[:, RECORD], len(rows)
    columns = workspace.zeros((WIDTH + 2, height))
    columns[:WIDTH, :count] = values.states[records].T
    indices = np.where(rows[:, Permutation.SORT] == layout.STEP, values.indices[records], 0)
    columns[WIDTH, :count] = to_montgomery(indices & 1)
    columns[WIDTH + 1, :count] = to_montgomery(indices >> 1)
    return columns


_FILL: dict[int, Callable[[np.ndarray, np.ndarray, Values], None]] = {
    layout.ARITHMETIC: _fill_arithmetic,
    layout.BITS: _fill_bits,
    layout.FOLD: _fill_folds,
    layout.HORNER: _fill_horner,
}
