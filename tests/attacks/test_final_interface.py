"""What the last circuit says of the segments, changed; and circuits that the version does not ship."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.attacks.folded import (
    WRONG_TRANSCRIPT,
    FoldedJob,
    accepted,
    false_leaf,
    finished,
    folded_job,
    rebound,
    refused,
    shrunk,
    without_circuit,
)
from zisk.field import quintic
from zisk.field.koalabear import P
from zisk.proof_format.final_proof import FinalProof
from zisk.recursion.interface import Interface
from zisk.recursion.shipped import shipped_keys
from zisk.stark.errors import Rejection
from zisk.stark.kind import WEIGHT_LIMIT
from zisk.stark.proof import decode, encode
from zisk.verifier import verify_final as verifier

pytestmark = pytest.mark.slow

KEY, STATEMENT, CHALLENGE, BUS = Rejection.KEY, Rejection.STATEMENT, Rejection.CHALLENGE, Rejection.BUS
UNBOUND = (Rejection.PROOF_OF_WORK, CHALLENGE)


@pytest.fixture(scope="module")
def job() -> FoldedJob:
    return folded_job()


def saying(job: FoldedJob, **changes: object) -> FinalProof:
    """The final proof with other public values."""
    proof = decode(job.final.proof, shipped_keys(128).final)
    interface = replace(Interface.of_publics(proof.publics), **changes)
    head = proof.publics[: -len(interface.values)]
    return replace(job.final, proof=encode(replace(proof, publics=(*head, *interface.values))))


def said(job: FoldedJob) -> Interface[int]:
    """What the final proof says."""
    return Interface.of_publics(decode(job.final.proof, shipped_keys(128).final).publics)


def bumped(values: tuple[int, ...]) -> tuple[int, ...]:
    """The same values but the last."""
    return (*values[:-1], (values[-1] + 1) % P)


def test_every_part_is_checked(job: FoldedJob) -> None:
    """Each by a check of its own, before the circuit's proof is looked at."""
    true = said(job)
    refused(saying(job, program=bumped(true.program)), job, KEY, text="for another program")
    refused(saying(job, keys=bumped(true.keys)), job, KEY, text="does not ship")
    for name in ("binding", "alpha", "beta"):
        changed = saying(job, **{name: bumped(getattr(true, name))})
        refused(changed, job, CHALLENGE, text="another global challenge")
    refused(saying(job, digest=bumped(true.digest)), job, *UNBOUND)
    refused(rebound(saying(job, digest=bumped(true.digest)), job, digest=bumped(true.digest)), job, CHALLENGE)
    refused(saying(job, weight=true.weight + 1), job, *UNBOUND)
    refused(rebound(saying(job, weight=true.weight + 1), job, weight=true.weight + 1), job, CHALLENGE)
    refused(saying(job, weight=WEIGHT_LIMIT), job, STATEMENT, text="weight")
    refused(saying(job, count=3), job, STATEMENT, text="3 segments where 2 are claimed")
    refused(saying(job, total=bumped(true.total)), job, BUS, text="do not join up to one run")


def test_only_the_circuit_binds_the_claims_to_a_run(job: FoldedJob) -> None:
    """Without the check of the circuit's proof any claims pass, with a challenge and a total of their own."""
    claims = replace(job.final.claims, exit_code=77)
    false = without_circuit(job, claims)
    refused(false, job, *(reason for reason in Rejection if reason not in (KEY, STATEMENT)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verifier, "check_segment", lambda *_: None)
        assert accepted(false, job).exit_code == 77


def test_circuits_of_an_attacker_prove_anything_under_another_root(job: FoldedJob) -> None:
    """A leaf that verifies nothing, shrunk and finished by the real circuits: the root of keys gives it away.

    A verifier that takes the attacker's root for its own accepts.
    """
    claims = replace(job.final.claims, exit_code=77)
    leaf, keys = false_leaf(job, claims)
    proof = encode(finished(shrunk(leaf, keys, job.circuits), job.circuits))
    false = replace(without_circuit(job, claims, keys.root), proof=proof)
    refused(false, job, KEY, text="circuits that this version does not ship")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verifier, "shipped_keys", lambda _: keys)
        assert accepted(false, job).exit_code == 77


def test_the_root_of_the_attacker_cannot_be_called_the_shipped_one(job: FoldedJob) -> None:
    """The same proof with the shipped root in its public values, and a challenge that binds it."""
    claims = replace(job.final.claims, exit_code=77)
    leaf, keys = false_leaf(job, claims)
    true = finished(shrunk(leaf, keys, job.circuits), job.circuits)
    relabelled = without_circuit(job, claims)
    wanted = decode(relabelled.proof, shipped_keys(128).final).publics
    refused(replace(relabelled, proof=encode(replace(true, publics=wanted))), job, *WRONG_TRANSCRIPT)


def test_a_key_with_other_heights(job: FoldedJob) -> None:
    """The shipped key's heights are part of it: a verifier with another one refuses the true proof."""
    shipped = shipped_keys(128)
    for table, height in enumerate(shipped.final.fixed_log_heights):
        heights = list(shipped.final.fixed_log_heights)
        heights[table] = height - 1
        other = replace(shipped.final, fixed_log_heights=tuple(heights))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(verifier, "shipped_keys", lambda _, key=other: replace(shipped, final=key))
            refused(job.final, job, Rejection.SHAPE)


def test_claimed_heights_of_another_circuit(job: FoldedJob) -> None:
    proof = decode(job.final.proof, shipped_keys(128).final)
    for table, height in enumerate(proof.log_heights):
        heights = list(proof.log_heights)
        heights[table] = height - 1
        changed = replace(proof, log_heights=tuple(heights))
        refused(replace(job.final, proof=encode(changed)), job, Rejection.SHAPE)


def test_a_total_of_zero_is_no_total(job: FoldedJob) -> None:
    """The claims' own messages are never nothing."""
    refused(saying(job, total=quintic.ZERO), job, BUS)
