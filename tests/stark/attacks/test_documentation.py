"""`docs/attacks.md` names tests that exist, and every attack that is tested."""

import re
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PAGE = (ROOT / "docs" / "attacks.md").read_text()
BINDING = (ROOT / "tests/stark/test_transcript_order.py", ROOT / "tests/proof_format/test_statement.py")
"""What transcripts bind is tested where transcripts are."""
TESTS = {
    name
    for path in (*HERE.glob("test_*.py"), *BINDING)
    for name in re.findall(r"^def (test_\w+)", path.read_text(), flags=re.MULTILINE)
}


def test_every_test_on_the_page_exists() -> None:
    files = {name for name in re.findall(r"tests/[\w/]+\.py", PAGE) if not (ROOT / name).exists()}
    assert files == set()
    assert set(re.findall(r"`(test_\w+)`", PAGE)) - TESTS == set()


def test_every_attack_that_is_refused_is_on_the_page() -> None:
    refusals = {name for name in TESTS if name.endswith(("_refused", "_refuses"))}
    assert refusals - set(re.findall(r"`(test_\w+)`", PAGE)) == set()
