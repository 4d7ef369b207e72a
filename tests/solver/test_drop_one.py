"""Whatever is left out of a table, a claim notices, but for the exceptions with their reasons."""

import pytest

from tests.solver.drop_one import EXCEPTIONS, drop_each, tables, unexpected

SLOW_TABLES = {"blt", "jalr", "ld", "shifti", "shiftiw", "muldiv"}

DEAREST_TABLES = {"sd", "load", "store", "shift", "misaligned"}
"""Each takes minutes. The page has what they showed, and a test says when it is of other tables or claims."""


def _marks(table: str) -> list[pytest.MarkDecorator]:
    if table in DEAREST_TABLES:
        return [pytest.mark.slow, pytest.mark.exhaustive]
    return [pytest.mark.slow] if table in SLOW_TABLES else []


def test_exceptions_are_of_tables_that_there_are() -> None:
    assert EXCEPTIONS.keys() <= set(tables())


@pytest.mark.parametrize("table", [pytest.param(table, marks=_marks(table)) for table in tables()])
def test_what_is_left_out_is_noticed(table: str) -> None:
    assert unexpected(list(drop_each(table))) == []
