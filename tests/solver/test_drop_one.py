"""Whatever is left out of a table, a claim notices, but for the exceptions with their reasons."""

import pytest

from tests.solver.drop_one import EXCEPTIONS, drop_each, tables, unexpected

SLOW_TABLES = {
    "blt",
    "jalr",
    "ld",
    "sd",
    "load",
    "store",
    "shifti",
    "shiftiw",
    "shift",
    "misaligned",
    "muldiv",
}


def test_exceptions_are_of_tables_that_there_are() -> None:
    assert EXCEPTIONS.keys() <= set(tables())


@pytest.mark.parametrize(
    "table",
    [pytest.param(table, marks=[pytest.mark.slow] if table in SLOW_TABLES else []) for table in tables()],
)
def test_what_is_left_out_is_noticed(table: str) -> None:
    assert unexpected(list(drop_each(table))) == []
