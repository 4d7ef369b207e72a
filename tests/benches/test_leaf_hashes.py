"""Hashes that a leaf circuit takes for a query, against the rows that its table of permutations takes."""

from pathlib import Path

from benches.support.leaf_hashes import BLAKE3_COLUMNS, per_query
from zisk.choices import LOG_SIZES
from zisk.stark.parameters import parameters_for
from zisk.vm.kinds import core_kind, edges_kind

DOCUMENT = Path(__file__).parents[2] / "docs" / "recursion.md"


def test_permutations_are_the_rows_that_the_page_on_recursion_shows() -> None:
    kinds = [*(core_kind(size) for size in LOG_SIZES), edges_kind()]
    line = next(line for line in DOCUMENT.read_text().splitlines() if line.startswith("| poseidon | 50,"))
    shown = [int(cell.split("(")[1].split(")")[0]) for cell in line.split("|")[2:7]]
    assert [per_query(kind, parameters_for(128)).permutations for kind in kinds] == shown


def test_compressions_take_sixteen_elements_of_rows_and_two_digests_of_nodes() -> None:
    """Opened rows take 116, paths to the caps 83, and five leaves of FRI with 40 elements 15."""
    found = per_query(core_kind(20), parameters_for(128))
    assert (found.compressions, found.permutations) == (116 + 83 + 15, 220)


def test_the_published_table_has_9168_columns() -> None:
    assert BLAKE3_COLUMNS == 9168
