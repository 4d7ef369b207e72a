"""The same program, input and units give the same bytes: whoever computes, however often, on whatever."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.golden.cases import Digests, pinned, printed_by
from tests.prover.jobs import DATA, GUEST, cut_early
from zisk.kernels.cpu.backend import CpuBackend
from zisk.kernels.pool import Pool
from zisk.prover import Program, ProofForm, ProvingSession, global_challenge, prove, setup
from zisk.prover.unit_proof import assemble_job

pytestmark = pytest.mark.timeout(600)

UNITS = 4
"""As many as segments: three core and one of the edges, when the executor cuts early."""


@pytest.fixture(scope="module")
def program() -> Program:
    return setup((GUEST / "fibonacci.elf").read_bytes(), log_size=16)


@pytest.fixture(scope="module")
def proof(program: Program) -> bytes:
    """The job's proof, by one session."""
    with pytest.MonkeyPatch.context() as patch:
        cut_early(patch)
        return prove(program, DATA, units=UNITS, form=ProofForm.COMPOSITE).proof


@pytest.fixture(autouse=True)
def short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    cut_early(monkeypatch)


def proved_by(program: Program, shares: list[list[int]], order: list[int]) -> bytes:
    """The proof by one session for each share; what they deliver arrives in the given order."""
    sessions = [
        ProvingSession(program, DATA, units=UNITS, allocation=share, form=ProofForm.COMPOSITE)
        for share in shares
    ]
    contributions = [session.contributions() for session in sessions]
    challenge = global_challenge(program, [contributions[place] for place in order])
    delivered: dict[int, bytes] = {}
    for place in order:
        proofs = sessions[place].prove(challenge)
        delivered.update(zip(sorted(shares[place]), proofs, strict=True))
    return assemble_job(program.program_key, challenge, delivered)


@pytest.mark.parametrize(
    ("shares", "order"),
    [
        ([[3], [0, 1, 2]], [0, 1]),
        ([[3], [0, 1, 2]], [1, 0]),
        ([[3, 1], [0], [2]], [2, 0, 1]),
    ],
)
def test_sharing_units_out_changes_nothing(
    program: Program, proof: bytes, shares: list[list[int]], order: list[int]
) -> None:
    assert proved_by(program, shares, order) == proof


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_change_nothing(program: Program, proof: bytes, threads: int) -> None:
    backend = CpuBackend(Pool(threads))
    again = setup((GUEST / "fibonacci.elf").read_bytes(), log_size=16, backend=backend)
    assert again.key == program.key
    assert prove(again, DATA, units=UNITS, form=ProofForm.COMPOSITE, backend=backend).proof == proof


def test_rebuilding_segments_changes_nothing(program: Program, proof: bytes) -> None:
    assert prove(program, DATA, units=UNITS, form=ProofForm.COMPOSITE, cache_bytes=0).proof == proof


def test_a_program_proves_again_what_it_proved_before(program: Program, proof: bytes) -> None:
    assert prove(program, DATA, units=UNITS, form=ProofForm.COMPOSITE).proof == proof


def proved_elsewhere(**environment: str) -> Digests:
    """The digests of the smallest pinned job, from a process of its own."""
    return Digests(**json.loads(printed_by("tests.golden.cases", "fibonacci", **environment)))


@pytest.mark.parametrize("seed", ["0", "1"])
def test_the_order_of_hash_tables_changes_nothing(seed: str) -> None:
    assert proved_elsewhere(PYTHONHASHSEED=seed) == pinned()["fibonacci"]


@pytest.mark.slow
def test_code_for_any_processor_gives_the_same_bytes(tmp_path: Path) -> None:
    """Numba compiles for a processor without vector extensions, into a cache of its own."""
    found = proved_elsewhere(NUMBA_CPU_NAME="generic", NUMBA_CPU_FEATURES="", ZISK_CACHE_DIR=str(tmp_path))
    assert found == pinned()["fibonacci"]
