"""The segments of a real job, at 128 bits, verified in circuits: a run of the fibonacci guest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.recursion.laboratory import WEAK, Trial, lay_out, listed, prove_and_verify
from tests.recursion.verifying import SHOWN, public_values_of, verifier
from zisk.field.koalabear import P
from zisk.field.quintic import ZERO
from zisk.kernels.circuit_layout import Permutation
from zisk.prover import ProofForm, ProvingSession, global_challenge, setup
from zisk.prover.unit_proof import decode_unit_proof
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import WitnessError
from zisk.recursion.segment_hints import SegmentHints, segment_hints
from zisk.recursion.witness import execute
from zisk.stark.errors import TraceError, VerificationError
from zisk.stark.key import Digest, VerifyingKey
from zisk.stark.parameters import SecurityParameters, parameters_for
from zisk.stark.proof import SegmentProof, decode
from zisk.stark.transcript_order import JobChallenge
from zisk.vm.kinds.core import KIND as CORE
from zisk.vm.kinds.edges import KIND as EDGES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

GUEST = Path(__file__).parents[2] / "examples" / "fibonacci"
QUERIES = 261
SECTIONS = 5
"""Parts that all hints are divided into: one is changed where each begins, and the last."""

BLOCKS = {"core": 2 + (14 + 20 + 14 + 2) + (19 + 22 + 19 + 3) + 1, "edges": 1 + 2 + 4 + 1}
"""Blocks of the opened rows of a query in the four trees: 15 columns or the rest of what a sponge absorbs."""

SPONGES = {"core": 3 + 3, "edges": 0}
"""Own sponges of the leaves of a query, each absorbed with a permutation more."""

PATHS_AND_FOLDS = 4 * 10 + 4 * 3 + 7 + 4 + 1 + 1
"""Permutations else of a query: four paths of 10; four folds of 40 elements and paths of 7, 4, 1 and 1."""


@dataclass(frozen=True)
class Segment:
    """A segment of a job, with what it is verified against and the circuit that verifies it."""

    name: str
    proof: SegmentProof
    key: VerifyingKey
    program: Digest
    job: JobChallenge
    circuit: Circuit


@pytest.fixture(scope="module")
def segments() -> dict[str, Segment]:
    program = setup((GUEST / "fibonacci.elf").read_bytes(), log_size=16)
    data = (GUEST / "inputs" / "90.bin").read_bytes()
    session = ProvingSession(program, data, units=1, allocation=[0], form=ProofForm.COMPOSITE)
    challenge = global_challenge(program, [session.contributions()])
    (unit,) = session.prove(challenge)
    core, edges = decode_unit_proof(unit)[1]
    keys = program.program_key
    parts = [
        ("core", core, keys.key_of(CORE, 0)),
        ("edges", edges, keys.key_of(EDGES, 0)),
    ]
    found = {}
    for name, data, key in parts:
        proof = decode(data, key)
        circuit = verifier(key, proof.log_heights)
        found[name] = Segment(name, proof, key, keys.digest, challenge.job, circuit)
    return found


@pytest.fixture(scope="module", params=["core", "edges"])
def segment(request: pytest.FixtureRequest, segments: dict[str, Segment]) -> Segment:
    return segments[request.param]


@pytest.fixture(scope="module")
def circuit(segment: Segment) -> Circuit:
    return segment.circuit


@pytest.fixture(scope="module")
def publics(segment: Segment) -> list[int]:
    return public_values_of(segment.proof, segment.key, segment.program, segment.job)


@pytest.fixture(scope="module")
def hints(segment: Segment) -> SegmentHints:
    return listed(segment_hints(segment.proof, segment.key, segment.program, segment.job))


@pytest.fixture(scope="module")
def trial(circuit: Circuit, publics: list[int], hints: SegmentHints) -> Trial:
    return lay_out(circuit, publics, hints.values, (hints.gamma, ZERO), log_size=16)


def test_a_query_takes_the_rows_that_were_counted(trial: Trial, segment: Segment) -> None:
    assert segment.key.parameters.queries == QUERIES
    assert trial.rows("fold") == QUERIES * 4
    poseidon = trial.compiled.rows[trial.table("poseidon")]
    transcripts = poseidon[poseidon[:, Permutation.CHAIN] < 2]
    assert len(poseidon) - len(transcripts) == QUERIES * (
        BLOCKS[segment.name] + SPONGES[segment.name] + PATHS_AND_FOLDS
    )
    assert trial.rows("horner") == QUERIES * BLOCKS[segment.name]


@pytest.mark.parametrize("parameters", [WEAK, parameters_for(128)], ids=["weak", "128 bits"])
def test_the_circuit_is_proved_and_verified(
    trial: Trial, publics: list[int], parameters: SecurityParameters
) -> None:
    assert prove_and_verify(trial, parameters=parameters) == publics


def test_another_outcome_is_refused(
    circuit: Circuit, trial: Trial, publics: list[int], hints: SegmentHints
) -> None:
    leaf, total, weight = (len(publics) - sum(SHOWN[place:]) for place in range(len(SHOWN)))
    for place in (leaf, total, weight):
        lie = list(publics)
        lie[place] = (lie[place] + 1) % P
        with pytest.raises(WitnessError):
            execute(circuit, lie, hints.values, (hints.gamma, ZERO))
    lie = [*publics[:leaf], (publics[leaf] + 1) % P, *publics[leaf + 1 :]]
    with pytest.raises((TraceError, VerificationError)):
        prove_and_verify(trial, trial.claims(lie))


def test_changed_hints_are_refused(circuit: Circuit, publics: list[int], hints: SegmentHints) -> None:
    last = len(hints.values) - 1
    for section in range(SECTIONS + 1):
        changed = list(hints.values)
        place = last * section // SECTIONS
        changed[place] = (changed[place] + 1) % P
        with pytest.raises(WitnessError):
            execute(circuit, publics, changed, (hints.gamma, ZERO))
