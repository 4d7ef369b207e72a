"""The prover's quotient: all constraints of all tables, combined and divided by the vanishing polynomial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from zisk.field.koalabear import P, inverse, to_montgomery
from zisk.field.quintic import DEGREE
from zisk.kernels import workspace
from zisk.kernels.cpu.lifting import add_repeated, separate
from zisk.kernels.cpu.ntt import evaluate_cosets, interpolate_cosets
from zisk.kernels.pool import Pool
from zisk.stages import NULL_STAGES, Stage, Stages
from zisk.stark.air import Air
from zisk.stark.domain import coset_offset, coset_power, selectors
from zisk.stark.evaluation import BoundTape, row_pieces
from zisk.stark.lifting import lifted_sum
from zisk.stark.scalars import Challenges
from zisk.stark.tape import Tape, compile_fold


@dataclass(frozen=True, slots=True)
class ExtendedTable:
    """A table's columns on its cosets, Montgomery: uint32[columns, B, n] each."""

    air: Air
    preprocessed: np.ndarray
    main: np.ndarray
    stage2: np.ndarray
    publics: tuple[int, ...]
    challenges: Challenges
    """With its sums, the constraint challenge, and the power of its first constraint."""


def quotient_columns(
    tables: Sequence[ExtendedTable], log_blowup: int, pool: Pool, stages: Stages = NULL_STAGES
) -> np.ndarray:
    """The quotient's two chunks on the cosets of the tallest table: uint32[10, B, n], Montgomery.

    On a coset where x^n = c the quotient is Q0 + c Q1. Two cosets give two such polynomials of degree
    below n, and these give Q0 and Q1.
    """
    height = max(table.main.shape[2] for table in tables)
    log_height = height.bit_length() - 1
    bound = _by_height(tables, log_blowup)
    cosets = (0, 1 << (log_blowup - 1))
    numerators = workspace.empty((DEGREE, len(cosets), height))
    for place, coset in enumerate(cosets):
        numerators[:, place] = _numerator(bound, coset, height, pool)
    powers = [coset_power(log_height, log_blowup, coset) for coset in cosets]
    between = inverse((powers[0] - powers[1]) % P)
    factors = [inverse(power - 1) * between % P for power in powers]
    offsets = [coset_offset(log_height, log_blowup, coset) for coset in range(1 << log_blowup)]
    with stages.stage(Stage.EXTEND):
        # With a = Q0 + c0 Q1 and b = Q0 + c1 Q1, both over c0 - c1: Q1 = a - b and Q0 = c0 b - c1 a.
        mixed = interpolate_cosets(numerators, [offsets[coset] for coset in cosets], factors, pool)
        chunks = workspace.empty((2 * DEGREE, height))
        first, second = to_montgomery(powers)
        pool.map(
            lambda begin, end: separate(mixed, first, second, begin, end, chunks),
            *zip(*row_pieces(height), strict=True),
        )
        return evaluate_cosets(chunks, offsets, pool)


def _by_height(tables: Sequence[ExtendedTable], log_blowup: int) -> dict[int, list[BoundTape]]:
    """The folded constraints of all tables, by their rows."""
    found: dict[int, list[BoundTape]] = {}
    for table in tables:
        rows = table.main.shape[2]
        one = BoundTape.of(
            constraint_tape(table.air),
            preprocessed=table.preprocessed,
            main=table.main,
            stage2=table.stage2,
            selectors=selectors(rows.bit_length() - 1, log_blowup),
            publics=table.publics,
            challenges=table.challenges,
        )
        found.setdefault(rows, []).append(one)
    return found


def _numerator(bound: dict[int, list[BoundTape]], coset: int, height: int, pool: Pool) -> np.ndarray:
    """Sum over tables of their folded constraints on one coset, lifted to the tallest: uint32[5, height]."""
    totals = {rows: workspace.empty((DEGREE, rows)) for rows in bound}

    def task(rows: int, first: int, last: int) -> None:
        total = totals[rows]
        one, *others = bound[rows]
        one.run(coset, first, last, total, 0)
        part = np.empty((DEGREE, last - first), dtype=np.uint32)
        for other in others:
            other.run(coset, first, last, part, first)
            add_repeated(total, first, last, part, first)

    pieces = [
        (rows, *piece, (piece[1] - piece[0]) * sum(one.steps for one in bound[rows]))
        for rows in bound
        for piece in row_pieces(rows)
    ]
    pieces.sort(key=lambda piece: -piece[3])
    pool.map(lambda piece: task(*piece[:3]), pieces)
    return lifted_sum(totals, height, pool)


@lru_cache(maxsize=256)
def constraint_tape(air: Air) -> Tape:
    """All constraints of a table, folded with powers of one challenge."""
    return compile_fold([one.expression for one in air.constraints])
