"""`docs/attacks-machine.md` names every attack of this folder, and none that does not exist."""

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "attacks-machine.md").read_text()
NAMED = set(re.findall(r"`(test_\w+)`", PAGE))
TESTS = {
    name
    for path in HERE.glob("test_*.py")
    if path != Path(__file__)
    for name in re.findall(r"^def (test_\w+)", path.read_text(), flags=re.MULTILINE)
}
HONEST = {
    "test_the_honest_run_is_accepted",
    "test_the_proofs_are_accepted",
    "test_a_final_proof_is_a_function_of_its_node",
    "test_an_image_in_several_chunks_is_accepted",
    "test_without_a_wrong_cell_it_is_accepted",
    "test_every_output_word_has_a_row",
    "test_its_root_and_outcome_are_those_of_the_final_proof",
}
"""Tests that what attacks start from is accepted."""


def test_every_test_on_the_page_exists() -> None:
    assert set() == NAMED - TESTS


def test_every_attack_is_on_the_page() -> None:
    assert set() == TESTS - HONEST - NAMED


def test_every_file_on_the_page_exists() -> None:
    files = set(re.findall(r"tests/[\w/]+(?:\.py)?", PAGE))
    assert {name for name in files if not (HERE.parents[1] / name).exists()} == set()
