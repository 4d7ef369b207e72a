"""Proofs of the pinned jobs have the pinned bytes."""

import pytest

from tests.golden.cases import CASES, PINNED, pinned, proved
from tests.kernels.fake_backend import FakeBackend
from zisk.kernels.backend import Backend
from zisk.kernels.cpu.backend import CpuBackend
from zisk.kernels.pool import Pool
from zisk.prover import ProofForm

pytestmark = pytest.mark.timeout(300)

ONE_THREAD = CpuBackend(Pool(1))


def test_every_case_is_pinned() -> None:
    assert list(pinned()) == list(CASES)


def of_case(name: str, backend: Backend | None = None) -> object:
    """A case as a parameter; folding is slow."""
    is_folded = CASES[name].form is not ProofForm.COMPOSITE
    return pytest.param(name, backend, marks=[pytest.mark.slow] if is_folded else [])


@pytest.mark.parametrize(
    ("name", "backend"),
    [
        *map(of_case, CASES),
        of_case("malloc-division", ONE_THREAD),
        of_case("fibonacci-100", FakeBackend(Pool(2))),
        of_case("fibonacci-100-final", FakeBackend(Pool(1))),
    ],
)
def test_proof_and_key_have_the_pinned_bytes(name: str, backend: Backend | None) -> None:
    assert proved(name, backend).digests == pinned()[name], (
        f"the bytes of proofs changed: if that is meant, see tests/golden/regenerate.py for {PINNED.name}"
    )
