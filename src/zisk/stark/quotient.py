"""The prover's quotient: all constraints of all tables, combined and divided by the vanishing polynomial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from zisk.field.koalabear import P, inverse
from zisk.kernels.backend import Backend
from zisk.kernels.operands import Array, BoundTape
from zisk.stages import NULL_STAGES, Stage, Stages
from zisk.stark.air import Air
from zisk.stark.domain import coset_offsets, coset_power, selectors
from zisk.stark.evaluation import bind
from zisk.stark.scalars import Challenges
from zisk.stark.tape import Tape, compile_fold


@dataclass(frozen=True, slots=True)
class ExtendedTable:
    """A table's columns on its cosets, Montgomery: uint32[columns, B, n] each."""

    air: Air
    preprocessed: Array | None
    main: Array
    stage2: Array
    publics: tuple[int, ...]
    challenges: Challenges
    """With its sums, the constraint challenge, and the power of its first constraint."""


def quotient_columns(
    tables: Sequence[ExtendedTable], log_blowup: int, backend: Backend, stages: Stages = NULL_STAGES
) -> Array:
    """The quotient's two chunks on the cosets of the tallest table: uint32[10, B, n], Montgomery.

    On a coset where x^n = c the quotient is Q0 + c Q1. Two cosets give two such polynomials of degree
    below n, and these give Q0 and Q1.
    """
    height = max(table.main.shape[2] for table in tables)
    log_height = height.bit_length() - 1
    one, other = cosets = (0, 1 << (log_blowup - 1))
    tapes = [_bound(table, log_blowup, backend) for table in tables]
    numerators = backend.fold_constraints(tapes, cosets, height)
    powers = coset_power(log_height, log_blowup, one), coset_power(log_height, log_blowup, other)
    between = inverse((powers[0] - powers[1]) % P)
    factors = inverse(powers[0] - 1) * between % P, inverse(powers[1] - 1) * between % P
    offsets = coset_offsets(log_height, log_blowup)
    with stages.stage(Stage.EXTEND):
        return backend.quotient_columns(numerators, (offsets[one], offsets[other]), factors, powers, offsets)


def _bound(table: ExtendedTable, log_blowup: int, backend: Backend) -> BoundTape:
    """A table's folded constraints."""
    log_height = table.main.shape[2].bit_length() - 1
    return bind(
        constraint_tape(table.air),
        preprocessed=table.preprocessed,
        main=table.main,
        stage2=table.stage2,
        selectors=selectors(log_height, log_blowup, backend),
        publics=table.publics,
        challenges=table.challenges,
    )


@lru_cache(maxsize=256)
def constraint_tape(air: Air) -> Tape:
    """All constraints of a table, folded with powers of one challenge."""
    return compile_fold([one.expression for one in air.constraints])
