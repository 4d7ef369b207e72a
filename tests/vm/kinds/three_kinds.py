"""Proves and verifies a job of all registered kinds, and prints what came of it: see `test_added_kind`.

It runs with few queries, in a process of its own, as the registry is read when it is imported.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np

import zisk.prover
from tests.claims import claimed, claims_with
from tests.recursion.attacks.weak import without
from zisk.field import quintic
from zisk.field.koalabear import from_montgomery, to_montgomery
from zisk.hash.sponge import Digest
from zisk.kernels.default import default_backend
from zisk.proof_format.job_proof import JobProof, encode_job_proof
from zisk.proof_format.program_key import ProgramKey, decode_key
from zisk.proof_format.statement import Claims, derive_challenge
from zisk.proof_format.units import contribution_root
from zisk.prover import Program, ProofForm, ProvingSession, VerificationError, setup, verify
from zisk.recursion.errors import WitnessError
from zisk.recursion.interface import Interface
from zisk.recursion.leaf import leaf_hints, record_leaf
from zisk.recursion.shipped import shipped_keys
from zisk.recursion.witness import NO_CHALLENGES, execute
from zisk.stark import parameters
from zisk.stark.commitment import fix_tables
from zisk.stark.key import VerifyingKey
from zisk.stark.parameters import SecurityParameters
from zisk.stark.proof import decode, encode
from zisk.stark.prove import CommittedSegment, commit_segment, prove_segment
from zisk.stark.transcript_order import JobChallenge, SearchedWork
from zisk.stark.verify import global_sum
from zisk.verifier.inspection import inspect
from zisk.vm.kinds import CLAIM_NAMES, KINDS

GUEST = Path(__file__).parents[3] / "examples" / "fibonacci"
FEW = SecurityParameters(level=128, queries=4, query_grinding_bits=0)
UNITS = 3

Job = tuple[Claims, Sequence[CommittedSegment]]
"""What a job claims, and its segments in job-wide order."""


class Proved(NamedTuple):
    """A job's proof, its challenge and the leaf digests of its segments."""

    proof: JobProof
    job: JobChallenge
    leaves: list[Digest]


def prove(program: Program, claims: Claims, segments: Sequence[CommittedSegment]) -> Proved:
    """Prove a job as its segments and claims are, true or false."""
    work, leaves = SearchedWork(default_backend()), [one.leaf for one in segments]
    job = derive_challenge(
        program_digest=program.program_key.digest,
        level=program.security,
        log_size=program.log_size,
        grinding_bits=FEW.global_grinding_bits,
        keys=shipped_keys(program.security).root,
        claims=claims,
        units=UNITS,
        root=contribution_root(leaves, UNITS),
        count=len(leaves),
        weight=sum(one.weight for one in segments),
        work=work,
    )
    digest, proofs = (
        program.program_key.digest,
        [encode(prove_segment(one, job, default_backend())) for one in segments],
    )
    proof = JobProof(
        digest, program.security, program.log_size, UNITS, claims, tuple(work.nonces), tuple(proofs)
    )
    return Proved(proof, job, leaves)


def verdict(proof: JobProof, key: bytes) -> str:
    """Why a proof is refused; nothing if it is accepted."""
    try:
        verify(encode_job_proof(proof), key)
    except VerificationError as error:
        return error.reason.name
    return ""


def lies(claims: Claims, segments: Sequence[CommittedSegment]) -> dict[str, Job]:
    """The job with something of the last kind left out, repeated, exchanged or claimed otherwise."""
    name, count, (*others, one, last) = KINDS[-1].name, claims.counts[-1], segments
    fewer, more = (claims_with(claims, **{name: count + change}) for change in (-1, 1))
    return {
        "left out": (fewer, [*others, one]),
        "repeated": (more, [*others, one, last, last]),
        "exchanged": (claims, [*others, last, one]),
        "another claim": (claims_with(claims, total=claimed(claims, "total") + 1), segments),
        "before the others": (claims, [one, last, *others]),
    }


def under_another_key(program: Program, segments: Sequence[CommittedSegment]) -> list[CommittedSegment]:
    """The last segment with its preprocessed values the other way round, under the key of that table."""
    *others, last = segments
    (given,), (_, before, _) = last.fixed.values, last.publics
    assert given is not None
    values = from_montgomery(given[0, ::-1]).astype(np.uint64)
    fixed = fix_tables(last.fixed.key.kind, FEW, [to_montgomery(values[None])], default_backend())
    totals = to_montgomery((before + np.cumsum(values) - values)[None])
    digest = program.program_key.digest
    return [*others, commit_segment(fixed, [totals], last.publics, digest, default_backend())]


def has_leaf(
    made: Proved, key: ProgramKey, position: int, *, more: int = 0, under: VerifyingKey | None = None
) -> bool:
    """Whether the leaf of a segment's kind has a witness, and says that it leaves `more` than it does.

    `under` is the segment's key where that is not the program's.
    """
    kind, place = made.proof.claims.located(position)
    verifying, job = under or key.key_of(kind, place), made.job
    segment = decode(made.proof.segments[position], verifying)
    interface = Interface(
        program=key.digest,
        binding=job.binding,
        alpha=job.bus.alpha,
        beta=job.bus.beta,
        keys=(0,) * 9,
        digest=made.leaves[position],
        count=1,
        weight=verifying.kind.weight(segment.log_heights),
        total=quintic.add(global_sum(segment, verifying.kind, job), (more, 0, 0, 0, 0)),
    )
    hints = leaf_hints(kind, segment, verifying, key.parts, job, key.digest)
    circuit = record_leaf(kind, KINDS, verifying.kind, FEW)
    try:
        execute(circuit, interface.values, hints.values, (hints.gamma, *NO_CHALLENGES[1:]))
    except WitnessError:
        return False
    return True


def report() -> dict[str, Any]:
    """What comes of an honest job, and of jobs that lie."""
    program = setup((GUEST / "fibonacci.elf").read_bytes(), log_size=16)
    data = (GUEST / "inputs" / "90.bin").read_bytes()
    whole = zisk.prover.prove(program, data, units=UNITS, form=ProofForm.COMPOSITE).proof
    session = ProvingSession(program, data, units=1, allocation=[0])
    segments, claims, key = [one for _, one in session.segments()], session.claims, decode_key(program.key)
    assert claims is not None
    made, other = prove(program, claims, segments), under_another_key(program, segments)
    another_key = partial(
        has_leaf, prove(program, claims, other), key, len(other) - 1, under=other[-1].fixed.key
    )
    under_no_program = without("_state_program")(another_key)
    return {
        "kinds": [kind.name for kind in KINDS],
        "claims": CLAIM_NAMES,
        "counts": claims.counts,
        "claimed": claims.kind_claims,
        "segments": [[one.kind, one.number] for one in inspect(whole).starks],
        "is what the prover makes": encode_job_proof(made.proof) == whole,
        "verdict": verdict(made.proof, program.key),
        "key": sha256(program.key).hexdigest(),
        "proof": sha256(whole).hexdigest(),
        "lies": {
            lie: verdict(prove(program, *told).proof, program.key)
            for lie, told in {**lies(claims, segments), "another key": (claims, other)}.items()
        },
        "leaves": [has_leaf(made, key, place) for place in range(len(segments))],
        "false leaf": has_leaf(made, key, len(segments) - 1, more=1),
        "leaf under another key": another_key(),
        "leaf of no program": under_no_program(),
    }


if __name__ == "__main__":
    with patch.dict(parameters._LEVELS, {128: FEW}):
        json.dump(report(), sys.stdout)
