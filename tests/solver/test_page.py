"""`docs/shown.md` is of the tables and claims at hand."""

from tests.solver.drop_one import EXCEPTIONS, tables
from tests.solver.page import current_digests, read, rows_on_page, rows_wanted


def test_the_page_lists_the_claims_that_there_are() -> None:
    assert rows_on_page() == rows_wanted(), "run python -m tests.solver.report with the tables that changed"


def test_the_page_is_of_these_tables_and_claims() -> None:
    digests = read().digests
    changed = [table for table in tables() if digests.get(table) != current_digests(table)]
    assert changed == [], f"run python -m tests.solver.report {' '.join(changed)}"


def test_what_is_not_noticed_has_a_reason_on_the_page() -> None:
    dropped = read().dropped
    assert list(dropped) == list(tables())
    silent = {table: one.unnoticed for table, one in dropped.items()}
    assert silent == {table: len(EXCEPTIONS.get(table, {})) for table in tables()}
