"""`docs/attacks-recursion.md` names every attack of this folder, and none that does not exist."""

import re
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PAGE = (ROOT / "docs" / "attacks-recursion.md").read_text()
NAMED = set(re.findall(r"`(test_\w+)`", PAGE))


def names_in(*paths: Path) -> set[str]:
    """The names of all tests in these files."""
    texts = (path.read_text() for path in paths if path != Path(__file__))
    return {name for text in texts for name in re.findall(r"^def (test_\w+)", text, flags=re.MULTILINE)}


ATTACKS = names_in(*HERE.glob("test_*.py"))
HONEST = {
    "test_a_true_segment_has_a_leaf",
    "test_a_true_job_is_accepted",
    "test_the_same_prover_with_every_item_is_accepted",
    "test_the_segments_of_a_real_job_have_leaves",
    "test_two_children_of_one_job_have_a_node",
    "test_a_segment_within_the_tree_has_the_key_of_its_chunk",
    "test_a_segment_beyond_the_tree_has_the_key_without_a_chunk",
}
"""Tests that what attacks start from has a witness."""


def test_every_test_on_the_page_exists() -> None:
    others = names_in(HERE.parent / "test_paths.py", HERE.parent / "test_hashing.py")
    assert set() == NAMED - ATTACKS - others


def test_every_attack_is_on_the_page() -> None:
    assert set() == ATTACKS - HONEST - NAMED


def test_every_file_on_the_page_exists() -> None:
    files = set(re.findall(r"tests/[\w/]+(?:\.py)?", PAGE))
    assert {name for name in files if not (ROOT / name).exists()} == set()
