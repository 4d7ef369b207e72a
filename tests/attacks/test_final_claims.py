"""A final proof whose claims, or whose job, are not those that were proved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.attacks.folded import (
    EXAMPLES,
    FoldedJob,
    accepted,
    folded_job,
    folded_run,
    rebound,
    refused,
    refused_under,
)
from tests.claims import claims_with
from zisk.field.koalabear import P
from zisk.proof_format.final_proof import encode_final_proof
from zisk.proof_format.program_key import decode_key
from zisk.prover import setup
from zisk.stark.errors import Rejection
from zisk.verifier import verify_final as verifier

pytestmark = pytest.mark.slow

KEY, STATEMENT, CHALLENGE = Rejection.KEY, Rejection.STATEMENT, Rejection.CHALLENGE
UNBOUND = (Rejection.PROOF_OF_WORK, CHALLENGE)
"""A nonce of another challenge shows its bits by chance; then the challenge is another one."""


@pytest.fixture(scope="module")
def job() -> FoldedJob:
    return folded_job()


def test_every_output_word_is_bound(job: FoldedJob) -> None:
    claims = job.final.claims
    for place in range(64):
        outputs = list(claims.outputs)
        outputs[place] ^= 1 << (place % 32)
        changed = replace(job.final, claims=replace(claims, outputs=tuple(outputs)))
        refused(changed, job, *UNBOUND)
        if place in (0, 63):
            refused(rebound(changed, job), job, CHALLENGE)


@pytest.mark.parametrize(
    "change",
    [{"exit_code": 1}, {"exit_code": 1 << 63}, {"last_key": 0}, {"last_key": P - 1}],
    ids=str,
)
def test_another_claim(job: FoldedJob, change: dict[str, Any]) -> None:
    """With the old nonce, and with one found for the new claims."""
    changed = replace(job.final, claims=claims_with(job.final.claims, **change))
    refused(changed, job, *UNBOUND)
    refused(rebound(changed, job), job, CHALLENGE, text="another global challenge")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"core": 0, "edges": 2}, "at least one core and one edges segment"),
        ({"core": 2, "edges": 0}, "at least one core and one edges segment"),
        ({"core": 1 << 20}, "at least one core and one edges segment"),
        ({"core": 2}, "2 segments where 3 are claimed"),
        ({"edges": 2}, "2 segments where 3 are claimed"),
        ({"last_key": (1 << 32) - 1}, "out of range"),
    ],
)
def test_numbers_of_no_job_or_of_another(job: FoldedJob, change: dict[str, int], text: str) -> None:
    refused(replace(job.final, claims=claims_with(job.final.claims, **change)), job, STATEMENT, text=text)


def test_another_number_of_units(job: FoldedJob) -> None:
    for units in (1, 3, 1 << 12):
        changed = replace(job.final, units=units)
        refused(changed, job, *UNBOUND)
        refused(rebound(changed, job), job, CHALLENGE)
    for units in (0, (1 << 12) + 1):
        refused(replace(job.final, units=units), job, Rejection.FORMAT, text="numbers of nonces or units")


def test_another_nonce_or_none(job: FoldedJob) -> None:
    (nonce,) = job.final.nonces
    refused(replace(job.final, nonces=(nonce + 1,)), job, *UNBOUND)
    refused(replace(job.final, nonces=()), job, Rejection.PROOF_OF_WORK, text="another number of nonces")
    refused(
        replace(job.final, nonces=(nonce, nonce)), job, Rejection.FORMAT, text="numbers of nonces or units"
    )


def test_the_proof_of_another_job(job: FoldedJob) -> None:
    """Of the same program for another input, with its claims or without."""
    other = folded_job(number=20)
    assert other.final.claims != job.final.claims
    refused(replace(job.final, proof=other.final.proof), job, *UNBOUND)
    refused(replace(job.final, claims=other.final.claims), job, *UNBOUND)
    refused(replace(job.final, claims=other.final.claims, nonces=other.final.nonces), job, *UNBOUND)


@pytest.mark.parametrize("change", [{"exit_code": 77}, {"last_key": 7}], ids=str)
def test_a_false_claim_from_the_start(job: FoldedJob, change: dict[str, int]) -> None:
    """Bound by the challenge and folded as it should be: the segments do not say so."""
    false = folded_run((90, 90), claims_with(job.final.claims, **change))
    refused(false.final, job, Rejection.BUS, text="do not join up to one run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verifier, "check_total", lambda *_: None)
        assert accepted(false.final, job).exit_code == false.challenge.claims.exit_code


def test_segments_of_two_runs(job: FoldedJob) -> None:
    """The steps of one input, with the memory of another."""
    false = folded_run((90, 20))
    refused(false.final, job, Rejection.BUS, text="do not join up to one run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verifier, "check_total", lambda *_: None)
        assert accepted(false.final, job).outputs == job.final.claims.outputs


def test_a_skipped_chunk(job: FoldedJob) -> None:
    """Under a key with one chunk more, that names this program all the same."""
    known = decode_key(job.program.key)
    core, edges = known.fixed
    longer = replace(known, chunks=2, fixed=(core, replace(edges, chunks=(*edges.chunks, edges.rest))))
    refused_under(longer.encode(), job.data, KEY, text="the proof is for program")
    renamed = replace(job.final, program=longer.digest)
    refused_under(longer.encode(), encode_final_proof(renamed), STATEMENT, text="initial words is skipped")


def test_another_program(job: FoldedJob) -> None:
    """Under the key of another guest, by its own name and by that guest's."""
    elf = (EXAMPLES / "sort" / "sort.elf").read_bytes()
    other = setup(elf, log_size=16)
    refused_under(other.key, job.data, KEY, text="the proof is for program")
    renamed = replace(job.final, program=other.program_key.digest)
    refused_under(other.key, encode_final_proof(renamed), KEY, text="verified for another program")


@pytest.mark.parametrize("change", [{"log_size": 18}, {"log_size": 0}, {"level": 100}, {"level": 0}])
def test_another_size_or_level_in_the_header(job: FoldedJob, change: dict[str, int]) -> None:
    refused(replace(job.final, **change), job, KEY, text="the key 16 and 128")


def test_a_proof_of_100_bits_under_a_key_of_128(job: FoldedJob) -> None:
    """By its own label, and by that of 128 bits."""
    weak = folded_job(security=100)
    refused_under(job.program.key, weak.data, KEY, text="size 16 and security 100, the key 16 and 128")
    relabelled = replace(weak.final, level=128)
    refused(relabelled, job, KEY, text="the proof is for program")
    renamed = replace(relabelled, program=job.program.program_key.digest, nonces=job.final.nonces)
    refused(renamed, job, Rejection.FORMAT)


def test_another_size_under_its_own_key(job: FoldedJob) -> None:
    """A key of another size has another digest, which the segments were not verified for."""
    elf = (EXAMPLES / "fibonacci" / "fibonacci.elf").read_bytes()
    larger = setup(elf, log_size=18)
    renamed = replace(job.final, log_size=18, program=larger.program_key.digest)
    refused_under(larger.key, encode_final_proof(renamed), KEY, text="verified for another program")
