"""The prover's quotient: all constraints of all tables, combined and divided by the vanishing polynomial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from zisk.field.koalabear import P, inverse
from zisk.field.quintic import DEGREE
from zisk.kernels.cpu.ntt import evaluate, interpolate
from zisk.kernels.pool import Pool
from zisk.stages import NULL_STAGES, Stage, Stages
from zisk.stark.air import Air
from zisk.stark.domain import coset_offset, coset_power, selectors
from zisk.stark.evaluation import evaluate_rows
from zisk.stark.scalars import Challenges
from zisk.stark.tape import Tape, compile_fold

MODULUS = np.uint32(P)


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
    cosets = (0, 1 << (log_blowup - 1))
    mixed, constants = [], []
    for coset in cosets:
        numerator = _numerator(tables, log_blowup, coset, height, pool)
        power = coset_power(log_height, log_blowup, coset)
        values = _scaled(numerator, inverse(power - 1))
        with stages.stage(Stage.EXTEND):
            mixed.append(interpolate(values, coset_offset(log_height, log_blowup, coset), pool))
        constants.append(power)
    second = _scaled(_subtract(mixed[0], mixed[1]), inverse(constants[0] - constants[1]))
    first = _subtract(mixed[0], _scaled(second, constants[0]))
    coefficients = np.concatenate([first, second])
    out = np.empty((2 * DEGREE, 1 << log_blowup, height), dtype=np.uint32)
    for coset in range(1 << log_blowup):
        with stages.stage(Stage.EXTEND):
            out[:, coset] = evaluate(coefficients, coset_offset(log_height, log_blowup, coset), pool)
    return out


def _numerator(
    tables: Sequence[ExtendedTable], log_blowup: int, coset: int, height: int, pool: Pool
) -> np.ndarray:
    """Sum over tables of their folded constraints on one coset, lifted to the tallest: uint32[5, height]."""
    by_height: dict[int, np.ndarray] = {}
    for table in tables:
        rows = table.main.shape[2]
        folded = evaluate_rows(
            constraint_tape(table.air),
            preprocessed=table.preprocessed,
            main=table.main,
            stage2=table.stage2,
            selectors=selectors(rows.bit_length() - 1, log_blowup),
            publics=table.publics,
            challenges=table.challenges,
            pool=pool,
            coset=coset,
        )
        known = by_height.get(rows)
        by_height[rows] = folded if known is None else _add(known, folded)
    total = np.zeros((DEGREE, 1), dtype=np.uint32)
    for rows in sorted(by_height):
        repeated = np.tile(total, (1, rows // total.shape[1]))
        total = _add(repeated, by_height[rows])
    return np.tile(total, (1, height // total.shape[1]))


@lru_cache(maxsize=256)
def constraint_tape(air: Air) -> Tape:
    """All constraints of a table, folded with powers of one challenge."""
    return compile_fold([one.expression for one in air.constraints])


def _add(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    total = a + b  # below 2p < 2^32
    return np.minimum(total, total - MODULUS)


def _subtract(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    difference = a - b
    return np.minimum(difference, difference + MODULUS)


def _scaled(values: np.ndarray, factor: int) -> np.ndarray:
    return (values.astype(np.uint64) * np.uint64(factor % P) % np.uint64(P)).astype(np.uint32)
