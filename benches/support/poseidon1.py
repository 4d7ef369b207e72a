"""Poseidon of width 24 over KoalaBear: its parameters, the plain permutation, and its sparse form.

Source: Grassi, Khovratovich, Rechberger, Roy, Schofnegger, "Poseidon" (ePrint 2019/458). Rounds, constants
and matrix are the parameters of Plonky3 (`koala-bear/src/poseidon1.rs`, `mds.rs`): as many rounds as
Poseidon2 has, which takes its conditions on them from that paper, and 24 numbers of one Grain generator for
each. All numbers are canonical.

It is measured, not used: no proof depends on this file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from zisk.kernels.parameters import P
from zisk.kernels.poseidon2_constants import HALF_EXTERNAL_ROUNDS, INTERNAL_ROUNDS, WIDTH, _constants

HALF_FULL_ROUNDS, PARTIAL_ROUNDS = HALF_EXTERNAL_ROUNDS, INTERNAL_ROUNDS
"""Rounds with every element cubed, before and after those with one; 4 and 23."""

FIRST_ROW = (
    *(0x2D0AAAAB, 0x64850517, 0x17F5551D, 0x04ECBEB5, 0x6D91A8D5, 0x60703026, 0x18D6F3CA, 0x729601A7),
    *(0x77CDA9E2, 0x3C0F5038, 0x26D52A61, 0x0360405D, 0x68FC71C8, 0x2495A71D, 0x5D57AFC2, 0x1689DD98),
    *(0x3C2C3DBE, 0x0C23DC41, 0x0524C7F2, 0x6BE4DF69, 0x0A6E572C, 0x5C7790FA, 0x17E118F6, 0x0878A07F),
)
"""Of the matrix, which is circulant: the row below is one place further right."""

MATRIX = tuple(tuple(FIRST_ROW[(column - row) % WIDTH] for column in range(WIDTH)) for row in range(WIDTH))

_ROUNDS = 2 * HALF_FULL_ROUNDS + PARTIAL_ROUNDS
_draws = _constants()
CONSTANTS = tuple(tuple(islice(_draws, WIDTH)) for _ in range(_ROUNDS))
"""What each round adds before it cubes."""

Vector = list[int]
Matrix = Sequence[Sequence[int]]


def permute(state: Sequence[int]) -> Vector:
    """Apply the permutation to 24 integers, as the paper writes it."""
    values = list(state)
    for number, constants in enumerate(CONSTANTS):
        values = [(x + c) % P for x, c in zip(values, constants, strict=True)]
        full = number < HALF_FULL_ROUNDS or number >= _ROUNDS - HALF_FULL_ROUNDS
        values = [x**3 % P if full or not place else x for place, x in enumerate(values)]
        values = _times(MATRIX, values)
    return values


@dataclass(frozen=True, slots=True)
class SparseRounds:
    """The same partial rounds with 47 products each in the place of 576, and one dense matrix after them.

    With x the state and x' all of it but x_0, a round is: s = (x_0 + c)^3, x_0 = first s + row x',
    x' = x' + column s. After the last one x' is multiplied by `dense`, 23 by 23, and `added` is added to x.

    Attributes:
        constants, firsts: one for each round.
        rows, columns: 23 for each round.
    """

    constants: Vector
    firsts: Vector
    rows: list[Vector]
    columns: list[Vector]
    dense: list[Vector]
    added: Vector


def sparse_rounds() -> SparseRounds:
    """Factor the partial rounds.

    The matrix is M = ((a, v), (w, N)). With D = diag(1, B), where B is what earlier rounds left, M D is
    diag(1, N B) times ((a, v B), ((N B)^-1 w, 1)), and diag(1, N B) commutes with the next round's cube. Of
    what a round adds only the first element has to come before the cube; the rest joins the state after it.
    """
    corner, row = MATRIX[0][0], list(MATRIX[0][1:])
    column, block = [line[0] for line in MATRIX[1:]], [list(line[1:]) for line in MATRIX[1:]]
    left = [[int(i == j) for j in range(WIDTH - 1)] for i in range(WIDTH - 1)]
    offset = [0] * WIDTH
    found = SparseRounds([], [], [], [], left, offset)
    for constants in CONSTANTS[HALF_FULL_ROUNDS : HALF_FULL_ROUNDS + PARTIAL_ROUNDS]:
        rest = _times(_inverse(left), constants[1:])
        found.constants.append((offset[0] + constants[0]) % P)
        kept = [(x + y) % P for x, y in zip(offset[1:], rest, strict=True)]
        across = [sum(v * line[j] for v, line in zip(row, left, strict=True)) % P for j in range(WIDTH - 1)]
        left = [
            [sum(x * y for x, y in zip(line, other, strict=True)) % P for other in zip(*left, strict=True)]
            for line in block
        ]
        found.firsts.append(corner)
        found.rows.append(across)
        found.columns.append(_times(_inverse(left), column))
        offset = [sum(x * y for x, y in zip(across, kept, strict=True)) % P, *kept]
    added = [offset[0], *_times(left, offset[1:])]
    return SparseRounds(found.constants, found.firsts, found.rows, found.columns, left, added)


def _times(matrix: Matrix, vector: Sequence[int]) -> Vector:
    return [sum(x * y for x, y in zip(line, vector, strict=True)) % P for line in matrix]


def _inverse(matrix: Matrix) -> list[Vector]:
    """The inverse of a matrix that has one, by Gauss and Jordan."""
    size = len(matrix)
    lines = [[*line, *(int(i == j) for j in range(size))] for i, line in enumerate(matrix)]
    for place in range(size):
        pivot = next(i for i in range(place, size) if lines[i][place])
        lines[place], lines[pivot] = lines[pivot], lines[place]
        scale = pow(lines[place][place], -1, P)
        lines[place] = [x * scale % P for x in lines[place]]
        for i in range(size):
            if i != place and lines[i][place]:
                factor = lines[i][place]
                lines[i] = [(x - factor * y) % P for x, y in zip(lines[i], lines[place], strict=True)]
    return [line[size:] for line in lines]
