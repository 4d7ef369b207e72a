"""What tables with preprocessed columns say, row by row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tests.solver.claim import RefutedError
from tests.solver.polynomial import Polynomial, Reader
from tests.solver.tables.messages import demand
from zisk.field.koalabear import P
from zisk.stark.air import Air, Interaction

Columns = Mapping[str, np.ndarray]
"""int64 of canonical elements, by name of column."""


def preprocessed_columns(air: Air, content: np.ndarray) -> Columns:
    """The preprocessed columns of a table by name.

    Args:
        air: the table.
        content: uint32[columns, rows], canonical.
    """
    demand(
        content.shape[0] == air.preprocessed_width,
        f"{content.shape[0]} columns of content for {air.preprocessed_width} preprocessed ones",
    )
    demand(int(content.max(initial=0)) < P, "an element of the content is not canonical")
    return dict(zip(air.preprocessed_names, content.astype(np.int64), strict=True))


def values(polynomial: Polynomial, columns: Columns) -> np.ndarray:
    """The polynomial on every row: int64[rows], canonical.

    Raises:
        RefutedError: it reads something else than these columns.
    """
    unknown = polynomial.variables - columns.keys()
    demand(not unknown, f"the key does not fix {', '.join(sorted(unknown))}")
    total = np.zeros(next(iter(columns.values())).size, dtype=np.int64)
    for monomial, coefficient in polynomial.terms.items():
        product = np.full_like(total, coefficient)
        for name in monomial:
            product = product * columns[name] % P
        total = (total + product) % P
    return total


def rows_said(air: Air, message: Interaction, columns: Columns) -> np.ndarray:
    """The message of every row, whatever its multiplicity: int64[rows, length], canonical."""
    read = Reader(air)
    return np.stack([values(read(element), columns) for element in message.message], axis=1)


def demand_same_rows(found: np.ndarray, expected: np.ndarray) -> None:
    """Go on where both have the same rows, each as often, in any order.

    Raises:
        RefutedError: they have not; the message has a row that one of them has more often.
    """
    demand(found.shape[1] == expected.shape[1], f"rows of {found.shape[1]} elements, not {expected.shape[1]}")
    sides = [rows[np.lexsort(rows.T[::-1])] for rows in (found, expected)]
    if np.array_equal(sides[0], sides[1]):
        return
    common = min(map(len, sides))
    differing = np.flatnonzero((sides[0][:common] != sides[1][:common]).any(axis=1))
    place = differing[0] if differing.size else common
    row = min(tuple(side[place].tolist()) for side in sides if place < len(side))
    counts = [int((side == row).all(axis=1).sum()) for side in sides]
    raise RefutedError(f"{row} is there {counts[0]} times, not {counts[1]}")
