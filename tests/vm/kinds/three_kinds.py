"""Proves and verifies a job of all registered kinds, and prints what came of it: see `test_added_kind`.

It runs with few queries, in a process of its own, as the registry is read when it is imported.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch

from tests.claims import claims_with
from zisk.field import quintic
from zisk.prover import ProofForm, ProvingSession, VerificationError, global_challenge, setup, verify
from zisk.prover.inspection import inspect
from zisk.prover.job_proof import JobProof, assemble_job, decode_job_proof, encode_job_proof
from zisk.prover.program_key import ProgramKey, decode_key
from zisk.prover.statement import GlobalChallenge
from zisk.recursion.errors import WitnessError
from zisk.recursion.interface import Interface
from zisk.recursion.leaf import leaf_hints, record_leaf
from zisk.recursion.witness import NO_CHALLENGES, execute
from zisk.stark import parameters
from zisk.stark.parameters import SecurityParameters
from zisk.stark.proof import decode
from zisk.stark.verify import global_sum
from zisk.vm.kinds import CLAIM_NAMES, KINDS

GUEST = Path(__file__).parents[3] / "examples" / "fibonacci"
FEW = SecurityParameters(level=128, queries=4, query_grinding_bits=0)
UNITS = 3


def prove() -> tuple[bytes, bytes, GlobalChallenge]:
    """The key of a program, the proof of a run, and the run's challenge."""
    program = setup((GUEST / "fibonacci.elf").read_bytes(), log_size=16)
    data = (GUEST / "inputs" / "90.bin").read_bytes()
    session = ProvingSession(program, data, units=UNITS, allocation=range(UNITS), form=ProofForm.COMPOSITE)
    challenge = global_challenge(program, [session.contributions()])
    units = dict(enumerate(session.prove(challenge)))
    return program.key, assemble_job(program.program_key, challenge, units), challenge


def verdict(proof: JobProof, key: bytes) -> str:
    """Why a proof is refused; nothing if it is accepted."""
    try:
        verify(encode_job_proof(proof), key)
    except VerificationError as error:
        return error.reason.name
    return ""


def lies(proof: JobProof) -> dict[str, JobProof]:
    """The job with something of the last kind left out, repeated, exchanged or claimed otherwise."""
    name, count, (*others, one, last) = KINDS[-1].name, proof.claims.counts[-1], proof.segments
    fewer, more = (claims_with(proof.claims, **{name: count + change}) for change in (-1, 1))
    value = claims_with(proof.claims, **{CLAIM_NAMES[-1]: proof.claims.kind_claims[-1] + 1})
    changes = {
        "left out": {"claims": fewer, "segments": (*others, one)},
        "repeated": {"claims": more, "segments": (*others, one, last, last)},
        "exchanged": {"segments": (*others, last, one)},
        "another count": {"claims": fewer},
        "another claim": {"claims": value},
        "before the others": {"segments": (one, last, *others)},
    }
    return {lie: dataclasses.replace(proof, **changed) for lie, changed in changes.items()}


def has_leaf(proof: JobProof, key: ProgramKey, challenge: GlobalChallenge, position: int, said: int) -> bool:
    """Whether the leaf circuit of a segment's kind has a witness for a sum of `said` more than it leaves."""
    kind, place = proof.claims.located(position)
    verifying = key.key_of(kind, place)
    segment, job = decode(proof.segments[position], verifying), challenge.job
    interface = Interface(
        program=key.digest,
        binding=job.binding,
        alpha=job.bus.alpha,
        beta=job.bus.beta,
        keys=(0,) * 9,
        digest=challenge.leaves[position],
        count=1,
        weight=verifying.kind.weight(segment.log_heights),
        total=quintic.add(global_sum(segment, verifying.kind, job), (said, 0, 0, 0, 0)),
    )
    hints = leaf_hints(kind, segment, verifying, key.parts, job, key.digest)
    circuit = record_leaf(kind, KINDS, verifying.kind, FEW)
    try:
        execute(circuit, interface.values, hints.values, (hints.gamma, *NO_CHALLENGES[1:]))
    except WitnessError:
        return False
    return True


def main() -> None:
    """Print the report."""
    with patch.dict(parameters._LEVELS, {128: FEW}):
        key, data, challenge = prove()
        proof, known = decode_job_proof(data), decode_key(key)
        report = {
            "kinds": [kind.name for kind in KINDS],
            "claims": CLAIM_NAMES,
            "counts": proof.claims.counts,
            "claimed": proof.claims.kind_claims,
            "segments": [[one.kind, one.number] for one in inspect(data).starks],
            "verdict": verdict(proof, key),
            "key": sha256(key).hexdigest(),
            "proof": sha256(data).hexdigest(),
            "lies": {lie: verdict(told, key) for lie, told in lies(proof).items()},
            "leaves": [has_leaf(proof, known, challenge, place, 0) for place in range(len(proof.segments))],
            "false leaf": has_leaf(proof, known, challenge, len(proof.segments) - 1, 1),
        }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
