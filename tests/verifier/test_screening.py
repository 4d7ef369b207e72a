"""What is refused without a key."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from tests.attacks.forging import tell
from tests.attacks.proving import prove_told, set_up
from tests.claims import claims_with
from tests.vm.micro_programs import HALT, micro_program
from zisk.proof_format.final_proof import FinalProof, encode_final_proof
from zisk.proof_format.job_proof import decode_job_proof, encode_job_proof
from zisk.proof_format.statement import Claims
from zisk.prover import VerificationError
from zisk.recursion.shapes import final_kind
from zisk.stark.parameters import CircuitRole, circuit_parameters
from zisk.stark.proof import MAGIC, proof_shape
from zisk.verifier.screening import screen

GUEST = micro_program([HALT], {10: 3})
CLAIMS = Claims(0, (0,) * 64, (1, 1), (0,))
FINAL = FinalProof((0,) * 9, 128, 22, 1, CLAIMS, (0,), False, b"")
NO_FINAL = encode_final_proof(FINAL)


def blank() -> bytes:
    """A circuit's proof in which every element is zero: of the right shape."""
    shape = proof_shape(final_kind(), circuit_parameters(128, CircuitRole.FINAL))
    row = b"\1\0\0\0" + bytes(4)
    openings = b"".join(row + bytes(4 * width) for width in shape.opening_widths)
    return MAGIC + bytes(4 * shape.fixed) + openings


@pytest.fixture(scope="module")
def proof() -> bytes:
    return prove_told(set_up(GUEST), tell(GUEST))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "does not start like one"),
        (NO_FINAL, "these bytes are not a segment proof"),
        (encode_final_proof(replace(FINAL, level=96)), "security level 96 does not exist"),
        (encode_final_proof(replace(FINAL, log_size=17)), "size 17 does not exist"),
        (encode_final_proof(replace(FINAL, claims=claims_with(CLAIMS, core=0))), "at least one core"),
        (encode_final_proof(replace(FINAL, proof=MAGIC)), "the proof ends too early"),
        (encode_final_proof(replace(FINAL, proof=blank())), "circuits that this version does not ship"),
        (
            encode_final_proof(replace(FINAL, proof=blank(), program=(1,) * 9)),
            "verified for another program",
        ),
    ],
)
def test_a_final_proof_that_is_none_is_refused_in_no_time(data: bytes, text: str) -> None:
    start = time.process_time()
    with pytest.raises(VerificationError, match=text):
        screen(data)
    assert time.process_time() - start < 1


def test_the_shortest_final_proof_has_348_bytes() -> None:
    assert len(NO_FINAL) == 348


def test_a_composite_proof_of_the_right_form_is_left_to_its_key(proof: bytes) -> None:
    """Also one that is false: all that can be seen is its form."""
    job = decode_job_proof(proof)
    assert screen(proof).claims == job.claims
    false = encode_job_proof(replace(job, program=(5,) * 9, claims=replace(job.claims, exit_code=77)))
    assert (screen(false).program, screen(false).claims.exit_code) == ((5,) * 9, 77)


def test_a_composite_proof_of_another_form_is_refused(proof: bytes) -> None:
    job = decode_job_proof(proof)
    core, edges = job.segments
    for segments, text in (
        ((core,), "1 segments where 2 are claimed"),
        ((edges, core), "."),
        ((core, edges[:-4]), "the proof ends too early"),
        ((core, edges + bytes(4)), "bytes after its end"),
        ((core, edges[:-4] + b"\xff\xff\xff\xff"), "a field element is not canonical"),
        ((core[:4] + b"\x17\0\0\0" + core[8:], edges), "core: heights are not allowed"),
    ):
        with pytest.raises(VerificationError, match=text):
            screen(encode_job_proof(replace(job, segments=segments)))


@pytest.mark.slow
def test_a_final_proof_is_verified_whole(final: bytes) -> None:
    assert screen(final).level == 128
    damaged = bytearray(final)
    damaged[-1_000] ^= 1
    with pytest.raises(VerificationError):
        screen(bytes(damaged))
