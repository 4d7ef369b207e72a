"""The keys that are shipped follow from the circuits, and the copy in the documents is the same."""

import pytest

from tests.golden.regenerate_keys import DOCUMENTED, LEVELS, SHIPPED, derived_keys, written
from zisk.choices import LOG_SIZES
from zisk.recursion.shipped import shipped_keys


def test_the_documents_have_what_is_shipped() -> None:
    assert DOCUMENTED.read_bytes() == SHIPPED.read_bytes()


@pytest.mark.parametrize("level", LEVELS)
def test_every_circuit_has_its_own_key(level: int) -> None:
    digests = shipped_keys(level).digests
    assert list(digests) == [
        *(f"core leaf {log_size}" for log_size in LOG_SIZES),
        "edges leaf",
        "node",
        "final",
        "compressed",
    ]
    assert len(set(digests.values())) == len(digests)


@pytest.mark.slow
def test_the_circuits_have_the_shipped_keys() -> None:
    derived = written({level: derived_keys(level) for level in LEVELS})
    assert derived == SHIPPED.read_text(encoding="ascii"), (
        "the keys changed: if that is meant, run python -m tests.golden.regenerate_keys, then "
        "python -m tests.golden.regenerate"
    )
