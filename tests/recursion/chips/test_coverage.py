"""Every column of every chip, over the rows of a leaf and of a node: what may change unnoticed, and why.

Rows are sampled by signature: one for each set of preprocessed columns that are not zero together. So each
sort of row that these circuits have is there, with each of its slots used and unused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pytest

from tests.recursion.attacks.children import child, interface, joined, node, saying
from tests.recursion.attacks.machine import core_leaf, core_segment, proved
from tests.recursion.laboratory import Trial, lay_out, statements
from zisk.field.koalabear import P
from zisk.field.quintic import DEGREE, ZERO
from zisk.hash.sponge import DIGEST_LENGTH, RATE
from zisk.recursion.kind import CHIPS

AIRS = [chip.air for chip in CHIPS]
TABLES = [air.name for air in AIRS]
TOP_BITS = {"next_is_top", "last"}

WINDOW = 4
"""Rows that are judged around a changed one: constraints read a row and the next."""


@cache
def leaf_trial() -> Trial:
    segment = proved(core_segment(1, 0, 5))
    hints = segment.core_hints()
    return lay_out(core_leaf(), segment.interface().values, hints.values, (hints.gamma, ZERO), log_size=13)


@cache
def node_trial() -> Trial:
    left, right = child(interface()), child(interface(total=9), saying("node"))
    hints = left.hints(), right.hints()
    given = [value for one in hints for value in one.values]
    said = joined(left.said, right.said)
    return lay_out(node(), said.values, given, [one.gamma for one in hints], log_size=15)


def sampled(trial: Trial, table: str) -> Iterator[int]:
    """A row of each signature, padding among them if there is any."""
    fixed = trial.compiled.preprocessed[trial.table(table)]
    _, rows = np.unique(fixed != 0, axis=1, return_index=True)
    yield from rows.tolist()


def window(trial: Trial, table: str, row: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Preprocessed and main columns around a row, and its place there; nothing wraps around."""
    number = trial.table(table)
    start = max(0, min(row - 1, trial.compiled.heights[number] - WINDOW))
    rows = slice(start, start + WINDOW)
    return trial.compiled.preprocessed[number][:, rows], trial.columns[number][:, rows], row - start


def unnoticed(trial: Trial, table: str, row: int, *, wiring: bool = False) -> set[str]:
    """Columns that a row may change alone, one up or down, without a constraint or bus that notices.

    The main columns, or those of the wiring.
    """
    number = trial.table(table)
    air = trial.compiled.kind.airs[number]
    fixed, main, place = window(trial, table, row)
    publics = tuple(trial.publics[one] for one in trial.compiled.kind.public_places[number])
    changing, names = (fixed, air.preprocessed_names) if wiring else (main, air.main_names)
    mutants = np.repeat(changing[None], 2 * len(names), axis=0)
    for copy in range(len(mutants)):
        column, step = copy // 2, (1, P - 1)[copy % 2]
        mutants[copy, column, place] = (int(mutants[copy, column, place]) + step) % P
    (said,) = statements(air, fixed, main[None], publics)
    if wiring:
        found = [statements(air, one, main[None], publics)[0] for one in mutants]
    else:
        found = list(statements(air, fixed, mutants, publics))
    same = [np.array_equal(said, one) for one in found]
    return {name for column, name in enumerate(names) if any(same[2 * column : 2 * column + 2])}


def meaningless(trial: Trial, table: str, row: int) -> set[str]:
    """The main columns that mean nothing on a row."""
    air = trial.compiled.kind.airs[trial.table(table)]
    fixed, _, place = window(trial, table, row)
    has = {name for name, value in zip(air.preprocessed_names, fixed[:, place], strict=True) if value}
    is_padding = not has
    match table:
        case "elements":
            return {f"element[{k}]" for k in range(RATE) if not is_named(k, has)}
        case "bits":
            return set(air.main_names) if is_padding else set() if has & TOP_BITS else {"ones"}
        case "poseidon":
            return set() if "step" in has else {"bit", "node"}
        case "horner":
            return {f"value[{k}]" for k in range(RATE)} if is_padding else set()
        case "arithmetic":
            return {f"{factor}[{k}]" for factor in "ab" for k in range(DEGREE)} if is_padding else set()
        case _:
            return {"point", *(f"leaf[{k}]" for k in range(40, 45))} if is_padding else set()


def is_named(k: int, has: set[str]) -> bool:
    """Whether element k of a row has a name that counts."""
    names = {f"element_{k}_multiplicity", f"group_{k // DEGREE}_multiplicity", "block_multiplicity"}
    return bool(names & has) or ("cap" in has and k < DIGEST_LENGTH)


@pytest.mark.parametrize("make", [leaf_trial, node_trial], ids=["leaf", "node"])
@pytest.mark.parametrize("table", TABLES)
def test_every_cell_of_every_sort_of_row_matters_where_it_means_something(
    make: Callable[[], Trial], table: str
) -> None:
    trial = make()
    for row in sampled(trial, table):
        assert unnoticed(trial, table, row) == meaningless(trial, table, row), row


@pytest.mark.parametrize("table", TABLES)
def test_every_column_of_the_wiring_is_used(table: str) -> None:
    """Each decides something on a row: a constraint, or what a slot says."""
    unused = {name for air in AIRS if air.name == table for name in air.preprocessed_names}
    for trial in (leaf_trial(), node_trial()):
        for row in sampled(trial, table):
            unused &= unnoticed(trial, table, row, wiring=True)
    assert unused == set()


@pytest.mark.parametrize("table", TABLES)
def test_every_slot_is_used(table: str) -> None:
    """The multiplicities of all slots are not zero on some row."""
    never = {name for air in AIRS if air.name == table for name in air.preprocessed_names}
    never = {name for name in never if name.endswith("_multiplicity")}
    for trial in (leaf_trial(), node_trial()):
        fixed = trial.compiled.preprocessed[trial.table(table)]
        names = trial.compiled.kind.airs[trial.table(table)].preprocessed_names
        never -= {name for name, column in zip(names, fixed, strict=True) if column.any()}
    assert never == set()
