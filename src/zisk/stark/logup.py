"""The prover's LogUp columns: cluster values, running sums and the exposed sums of tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from zisk.field import quintic
from zisk.field.koalabear import from_montgomery
from zisk.field.quintic import Element
from zisk.kernels.backend import Backend
from zisk.kernels.operands import Array, Fractions, ZeroDenominatorError
from zisk.stark.air import Air
from zisk.stark.challenges import BusChallenge
from zisk.stark.errors import TraceError
from zisk.stark.evaluation import bind
from zisk.stark.expression import Expression, Scope, fingerprint
from zisk.stark.scalars import Challenges
from zisk.stark.tape import Tape, compile_outputs


@dataclass(frozen=True, slots=True)
class LogupTable:
    """One table whose columns are to be filled.

    Attributes:
        preprocessed: uint32[p, n], Montgomery.
        main: uint32[w, n], Montgomery.
        publics: the table's public values, canonical.
    """

    air: Air
    preprocessed: Array
    main: Array
    publics: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LogupColumns:
    """The stage-2 columns of a table, uint32[5 s, n] on the subgroup, Montgomery, and its exposed sums."""

    columns: Array
    sums: dict[Scope, Element]


def logup_columns(
    tables: Sequence[LogupTable], buses: Mapping[Scope, BusChallenge], backend: Backend
) -> list[LogupColumns]:
    """Fill the stage-2 columns of tables.

    Raises:
        TraceError: a denominator is zero under these challenges.
    """
    fractions = [[_fractions(table, scope, buses) for scope in table.air.scopes] for table in tables]
    try:
        filled = backend.logup_columns(fractions, [table.main.shape[1] for table in tables])
    except ZeroDenominatorError as error:
        name = tables[error.place].air.name
        raise TraceError(f"table {name}: a fingerprint is zero under these challenges") from error
    return [
        LogupColumns(columns, dict(zip(table.air.scopes, map(_element, sums), strict=True)))
        for table, (columns, sums) in zip(tables, filled, strict=True)
    ]


def _fractions(table: LogupTable, scope: Scope, buses: Mapping[Scope, BusChallenge]) -> Fractions:
    tape = bind(
        fraction_tape(table.air, scope),
        preprocessed=table.preprocessed,
        main=table.main,
        stage2=None,
        selectors=None,
        publics=table.publics,
        challenges=Challenges(buses),
    )
    return Fractions(tape, len(table.air.fractions(scope)))


def _element(values: np.ndarray) -> Element:
    return quintic.element(from_montgomery(values).tolist())


@lru_cache(maxsize=256)
def fraction_tape(air: Air, scope: Scope) -> Tape:
    """Each fraction's denominator and multiplicity, one after the other."""
    wanted: list[Expression] = []
    for one in air.fractions(scope):
        wanted += [fingerprint(scope, one.bus.number, one.message), one.multiplicity]
    return compile_outputs(wanted)
