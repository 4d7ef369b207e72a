"""Proofs of the pinned jobs have the pinned bytes."""

import pytest

from tests.golden.cases import CASES, PINNED, pinned, prove_case

pytestmark = pytest.mark.timeout(300)


def test_every_case_is_pinned() -> None:
    assert list(pinned()) == list(CASES)


@pytest.mark.parametrize(
    ("name", "threads"), [(name, None) for name in CASES] + [("malloc-division", 1), ("fibonacci-final", 1)]
)
def test_proof_and_key_have_the_pinned_bytes(name: str, threads: int | None) -> None:
    assert prove_case(name, threads) == pinned()[name], (
        f"the bytes of proofs changed: if that is meant, see tests/golden/regenerate.py for {PINNED.name}"
    )
