"""Proofs of the pinned jobs have the pinned bytes."""

import pytest

from tests.golden.cases import CASES, PINNED, pinned, proved
from zisk.prover import ProofForm

pytestmark = pytest.mark.timeout(300)


def test_every_case_is_pinned() -> None:
    assert list(pinned()) == list(CASES)


def of_case(name: str, threads: int | None = None) -> object:
    """A case as a parameter; folding is slow."""
    is_folded = CASES[name].form is not ProofForm.COMPOSITE
    return pytest.param(name, threads, marks=[pytest.mark.slow] if is_folded else [])


@pytest.mark.parametrize(
    ("name", "threads"),
    [*map(of_case, CASES), of_case("malloc-division", 1), of_case("fibonacci-final", 1)],
)
def test_proof_and_key_have_the_pinned_bytes(name: str, threads: int | None) -> None:
    assert proved(name, threads).digests == pinned()[name], (
        f"the bytes of proofs changed: if that is meant, see tests/golden/regenerate.py for {PINNED.name}"
    )
