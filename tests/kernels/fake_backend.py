"""A device of its own: arrays in a wrapper that only the backend opens, every operation counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import Any

import numpy as np

from zisk.kernels.circuit_layout import Program, Values
from zisk.kernels.cpu.backend import CpuBackend
from zisk.kernels.operands import (
    BoundTape,
    Combination,
    Fractions,
    OpenedColumns,
    Rational,
    Weights,
)
from zisk.kernels.pool import Pool


class Kept:
    """An array on the fake device: its elements are out of reach."""

    __slots__ = ("_elements",)

    def __init__(self, elements: np.ndarray) -> None:
        self._elements = elements

    @property
    def shape(self) -> tuple[int, ...]:
        """As of the array."""
        return self._elements.shape

    @property
    def nbytes(self) -> int:
        """As of the array."""
        return self._elements.nbytes

    def reshape(self, *shape: int) -> Kept:
        """A view."""
        return Kept(self._elements.reshape(*shape))


class FakeBackend:
    """The CPU's numbers behind arrays that nobody else can read.

    Attributes:
        counts: how often each operation was called.
    """

    device = "fake"

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.counts: Counter[str] = Counter()
        self._inner, self._lock = CpuBackend(pool), Lock()

    def _call(self, operation: str, *arguments: Any) -> Any:
        with self._lock:
            self.counts[operation] += 1
        return getattr(self._inner, operation)(*arguments)

    def upload(self, matrix: np.ndarray) -> Kept:
        return Kept(self._call("upload", matrix).copy())

    def upload_numbers(self, numbers: np.ndarray, rows: int, padding: np.ndarray | None = None) -> Kept:
        return Kept(self._call("upload_numbers", numbers, rows, padding))

    def write(self, table: Kept, column: int, numbers: np.ndarray) -> None:
        self._call("write", opened(table), column, numbers)

    def download(self, array: Kept) -> np.ndarray:
        return self._call("download", opened(array)).copy()

    def numbers(self, array: Kept) -> np.ndarray:
        return self._call("numbers", opened(array))

    def take(self, array: Kept, places: np.ndarray, axis: int) -> np.ndarray:
        return self._call("take", opened(array), places, axis)

    def evaluate(self, tape: BoundTape, coset: int = 0, rows: tuple[int, int] | None = None) -> Kept:
        return Kept(self._call("evaluate", opened_tape(tape), coset, rows))

    def extend(self, tables: Sequence[Kept], log_blowup: int, shifts: Sequence[int]) -> list[Kept]:
        return [Kept(one) for one in self._call("extend", [*map(opened, tables)], log_blowup, shifts)]

    def hash_tables(
        self, tables: Sequence[Kept], log_blowup: int, tag: int, part_tag: int, sponges: Sequence[int]
    ) -> Kept:
        given = [*map(opened, tables)]
        return Kept(self._call("hash_tables", given, log_blowup, tag, part_tag, sponges))

    def hash_rows(self, matrix: Kept, tag: int) -> Kept:
        return Kept(self._call("hash_rows", opened(matrix), tag))

    def merkle_levels(self, leaves: Kept, tag: int, log_repeats: int, levels: int) -> list[Kept]:
        found = self._call("merkle_levels", opened(leaves), tag, log_repeats, levels)
        return [*map(Kept, found)]

    def logup_columns(
        self, tables: Sequence[Sequence[Fractions]], rows: Sequence[int]
    ) -> list[tuple[Kept, list[np.ndarray]]]:
        given = [[replace(one, tape=opened_tape(one.tape)) for one in scopes] for scopes in tables]
        return [(Kept(columns), sums) for columns, sums in self._call("logup_columns", given, rows)]

    def selectors(self, log_height: int, offsets: Sequence[int]) -> Kept:
        return Kept(self._call("selectors", log_height, offsets))

    def fold_constraints(self, tapes: Sequence[BoundTape], cosets: Sequence[int], height: int) -> Kept:
        return Kept(self._call("fold_constraints", [*map(opened_tape, tapes)], cosets, height))

    def quotient_columns(
        self,
        numerators: Kept,
        shifts: tuple[int, int],
        factors: tuple[int, int],
        powers: tuple[int, int],
        offsets: Sequence[int],
    ) -> Kept:
        return Kept(self._call("quotient_columns", opened(numerators), shifts, factors, powers, offsets))

    def open_columns(
        self, columns: Sequence[OpenedColumns], weights: Mapping[int, Weights]
    ) -> list[np.ndarray]:
        given = [replace(one, table=opened(one.table)) for one in columns]
        return self._call("open_columns", given, weights)

    def deep_codeword(
        self, here: Combination, following: Combination, fraction: Rational, offsets: Sequence[int], size: int
    ) -> Kept:
        sums = map(opened_combination, (here, following))
        return Kept(self._call("deep_codeword", *sums, fraction, offsets, size))

    def fold(self, codeword: Kept, shift: int, challenges: Sequence[np.ndarray]) -> Kept:
        return Kept(self._call("fold", opened(codeword), shift, challenges))

    def interpolate(self, codeword: Kept, shift: int) -> np.ndarray:
        return self._call("interpolate", opened(codeword), shift)

    def grind(self, state: Sequence[int], position: int, bits: int) -> int:
        return self._call("grind", state, position, bits)

    def run_circuit(self, program: Program, values: Values, hints: np.ndarray) -> np.ndarray:
        return self._call("run_circuit", program, values, hints)

    def permutation_columns(self, inputs: np.ndarray) -> Kept:
        return Kept(self._call("permutation_columns", inputs))


def opened(array: object) -> np.ndarray:
    """The elements of an array of the fake device; no other is taken."""
    if not isinstance(array, Kept):
        raise TypeError(f"the fake device has no {type(array).__name__}: upload it")
    return array._elements


def opened_tape(tape: BoundTape) -> BoundTape:
    """A tape over the elements of its matrices."""
    first, main, *others = (None if one is None else opened(one) for one in tape.matrices)
    stage2, selectors = others
    return replace(tape, matrices=(first, main, stage2, selectors))


def opened_combination(sums: Combination) -> Combination:
    """Scaled columns of the elements of their tables."""
    parts = {
        rows: [replace(one, table=opened(one.table)) for one in some] for rows, some in sums.parts.items()
    }
    return replace(sums, parts=parts)
