"""Proofs of whole jobs: the pinned ones are accepted, and what is changed is refused by both verifiers."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.claims import claimed, claims_with
from tests.golden.cases import CASES, EXAMPLES, proved
from tests.readable.claims import Claims, limbs
from tests.readable.contribution import contribution_root, tree_root, unit_places
from tests.readable.program_key import read_key
from tests.readable.proving import both_accept, both_refuse, prove_job
from zisk.proof_format import units as package_units
from zisk.proof_format.job_proof import JobProof, decode_job_proof, encode_job_proof
from zisk.proof_format.program_key import decode_key
from zisk.prover import ProofForm


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_pinned_jobs_are_accepted(name: str) -> None:
    assert both_accept(proved(name)).core_segments == 1


@pytest.mark.slow
@pytest.mark.parametrize("log_size", [18, 22])
def test_larger_sizes_are_accepted(log_size: int) -> None:
    data = (EXAMPLES / "fibonacci" / "inputs" / "90.bin").read_bytes()
    job = prove_job("fibonacci", data, log_size=log_size, security=100, units=2, form=ProofForm.COMPOSITE)
    assert both_accept(job).core_segments == 1


@pytest.mark.slow
def test_a_job_of_several_core_segments_is_accepted() -> None:
    hashes = (20).to_bytes(8, "little")
    data = len(hashes).to_bytes(8, "little") + hashes
    job = prove_job("sha-hasher", data, log_size=16, security=100, units=3, form=ProofForm.FINAL)
    assert both_accept(job).core_segments == 2


def swapped_outputs(proof: JobProof) -> JobProof:
    first, second, *rest = proof.claims.outputs
    return replace(proof, claims=replace(proof.claims, outputs=(second, first, *rest)))


def other_exit_code(proof: JobProof) -> JobProof:
    return replace(proof, claims=replace(proof.claims, exit_code=proof.claims.exit_code ^ 1))


def other_last_key(proof: JobProof) -> JobProof:
    return replace(proof, claims=claims_with(proof.claims, last_key=claimed(proof.claims, "last_key") + 1))


def other_units(proof: JobProof) -> JobProof:
    return replace(proof, units=proof.units + 1)


def no_units(proof: JobProof) -> JobProof:
    return replace(proof, units=0)


def another_nonce(proof: JobProof) -> JobProof:
    return replace(proof, nonces=tuple(nonce + 1 for nonce in proof.nonces))


def no_nonce(proof: JobProof) -> JobProof:
    return replace(proof, nonces=())


def swapped_segments(proof: JobProof) -> JobProof:
    return replace(proof, segments=proof.segments[::-1])


def segment_twice(proof: JobProof) -> JobProof:
    claims = claims_with(proof.claims, edges=claimed(proof.claims, "edges") + 1)
    return replace(proof, claims=claims, segments=(*proof.segments, proof.segments[-1]))


def segment_missing(proof: JobProof) -> JobProof:
    return replace(proof, segments=proof.segments[:-1])


def other_counts(proof: JobProof) -> JobProof:
    core, edges = proof.claims.counts
    return replace(proof, claims=replace(proof.claims, counts=(core + 1, edges - 1)))


def other_program(proof: JobProof) -> JobProof:
    return replace(proof, program=(*proof.program[:8], proof.program[8] ^ 1))


def other_size(proof: JobProof) -> JobProof:
    return replace(proof, log_size=18)


def other_level(proof: JobProof) -> JobProof:
    return replace(proof, level=228 - proof.level)


CHANGES = [
    swapped_outputs,
    other_exit_code,
    other_last_key,
    other_units,
    no_units,
    another_nonce,
    no_nonce,
    swapped_segments,
    segment_twice,
    segment_missing,
    other_counts,
    other_program,
    other_size,
    other_level,
]


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_what_a_job_says_cannot_be_changed(change: Callable[[JobProof], JobProof]) -> None:
    job = proved("fibonacci")
    both_refuse(encode_job_proof(change(decode_job_proof(job.proof))), job.key)


@pytest.mark.slow
def test_without_a_nonce_to_redo_outputs_are_still_bound() -> None:
    job = proved("fibonacci-100")
    both_refuse(encode_job_proof(swapped_outputs(decode_job_proof(job.proof))), job.key)


@pytest.mark.slow
def test_keys_of_other_programs_and_levels_are_refused() -> None:
    job = proved("fibonacci")
    both_refuse(job.proof, proved("malloc-division").key)
    both_refuse(job.proof, proved("fibonacci-100").key)


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 4, 8, 24, 200, 1000, -1000, -4])
def test_a_changed_key_is_refused(place: int) -> None:
    job = proved("fibonacci")
    key = bytearray(job.key)
    key[place] ^= 1
    both_refuse(job.proof, bytes(key))


@pytest.mark.slow
@pytest.mark.parametrize("length", [0, 4, 100, 400, 1900, -1])
def test_truncated_bytes_are_refused(length: int) -> None:
    job = proved("fibonacci")
    both_refuse(job.proof[:length], job.key)
    both_refuse(job.proof, job.key[:length])
    both_refuse(job.proof + bytes(1), job.key)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.02, 0.3, 0.99])
def test_a_flipped_bit_is_refused(share: float) -> None:
    job = proved("fibonacci-100")
    proof = bytearray(job.proof)
    proof[int(share * len(proof)) // 4 * 4] ^= 1
    both_refuse(bytes(proof), job.key)


@pytest.mark.slow
def test_program_digest() -> None:
    for name in CASES:
        assert read_key(proved(name).key).digest == decode_key(proved(name).key).digest


def test_terms_of_a_job() -> None:
    claims = Claims(0x1_0002_0003_0004, [0x5_0006] * 64, 7, 8, 9)
    terms = claims.terms(10)
    assert [(one.bus, one.sign) for one in terms] == [
        (16, 1),
        (16, -1),
        (18, -1),
        *[(19, -1)] * 64,
        (20, 1),
        (20, -1),
    ]
    assert limbs(claims.exit_code, 4) == [4, 3, 2, 1]


LEAVES = [tuple(range(9 * leaf, 9 * leaf + 9)) for leaf in range(23)]


@pytest.mark.parametrize("units", [1, 2, 3, 10, 16, 40])
def test_contribution_tree(units: int) -> None:
    assert unit_places(units, units) == package_units.unit_places(units)
    for segments in (1, 2, 7, 23):
        leaves = LEAVES[:segments]
        assert contribution_root(leaves, units) == package_units.contribution_root(leaves, units)


def test_tree_of_one_leaf_is_the_leaf() -> None:
    assert tree_root(LEAVES[:1]) == LEAVES[0]
