"""The verdict on a job's segment proofs as a final proof would bring it, without proving a circuit.

What a circuit refuses has no witness, so executing it says as much as proving it. The leaf circuits are those
that the version ships; the root of what they say is handed to the real verifier of final proofs.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from types import SimpleNamespace
from unittest.mock import patch

from tests.recursion.attacks.children import joined
from tests.recursion.attacks.weak import accepted as has_witness
from tests.vm.jobs import BACKEND
from zisk.proof_format.final_proof import FinalProof
from zisk.proof_format.job_proof import JobProof
from zisk.proof_format.program_key import ProgramKey
from zisk.proof_format.statement import derive_challenge
from zisk.proof_format.units import contribution_root
from zisk.prover import Outcome
from zisk.prover.fold_tree import Span, fold_tree
from zisk.recursion.chips.horner import challenge_names
from zisk.recursion.circuits import circuit_set
from zisk.recursion.errors import WitnessError
from zisk.recursion.interface import Interface
from zisk.recursion.leaf import leaf_hints
from zisk.recursion.shipped import shipped_keys
from zisk.stark.errors import VerificationError
from zisk.stark.key import Digest, VerifyingKey
from zisk.stark.parameters import parameters_for
from zisk.stark.proof import SegmentProof, decode
from zisk.stark.transcript_order import CheckedWork, JobChallenge, SegmentTranscript
from zisk.stark.verify import global_sum
from zisk.verifier.job_checks import check_statement, checked_work
from zisk.verifier.verify_final import verify_final
from zisk.vm.kinds import KINDS

_verifier = import_module("zisk.verifier.verify_final")


class NoLeafError(Exception):
    """A segment proof has no leaf: the circuit has no witness, or its hints cannot be made of the bytes."""


def judged(
    proof: JobProof,
    key: ProgramKey,
    *,
    keys: Sequence[VerifyingKey] | None = None,
    made_under: Sequence[JobChallenge] = (),
    said: JobChallenge | None = None,
) -> Outcome:
    """The real verifier's outcome of the final proof that folds these segment proofs.

    Args:
        proof: the segment proofs, and what the job claims.
        key: of its program.
        keys: of each segment, where it was not made with the key of its place.
        made_under: the challenge that each segment was proved under; `said` if it is not given.
        said: the challenge that the leaves say; the one that the job's own parts give if it is not given.

    Raises:
        NoLeafError: a segment has no leaf, so there is no final proof.
        VerificationError: the final proof is refused.
    """
    check_statement(proof, key)
    root = root_of(proof, key, keys=keys, made_under=made_under, said=said)
    final = FinalProof(
        proof.program, proof.level, proof.log_size, proof.units, proof.claims, proof.nonces, False, b""
    )
    publics = (*[0] * len(challenge_names()), *root.values)
    with (
        patch.object(_verifier, "decode", lambda *_: SimpleNamespace(publics=publics)),
        patch.object(_verifier, "check_segment", lambda *_: None),
    ):
        return verify_final(final, key)


def root_of(
    proof: JobProof,
    key: ProgramKey,
    *,
    keys: Sequence[VerifyingKey] | None = None,
    made_under: Sequence[JobChallenge] = (),
    said: JobChallenge | None = None,
) -> Interface[int]:
    """What the root over the leaves of these segment proofs says; see `judged`.

    Nodes are not executed: what they do beside verifying their children is done here with numbers.
    """
    if not proof.segments:
        raise NoLeafError("there is nothing to fold")
    known = [_key_at(key, proof, place) for place in range(len(proof.segments))] if keys is None else keys
    segments = [_decoded(data, one) for data, one in zip(proof.segments, known, strict=True)]
    digests = [_digest(segment, one, key) for segment, one in zip(segments, known, strict=True)]
    job = _challenge(proof, key, known, segments, digests) if said is None else said
    true = made_under or [job] * len(segments)
    tree = fold_tree(len(segments), proof.units)
    parts: dict[Span, Interface[int]] = {}
    for place, position in enumerate(tree.positions):
        segment, one = segments[position], known[position]
        interface = Interface(
            program=key.digest,
            binding=job.binding,
            alpha=job.bus.alpha,
            beta=job.bus.beta,
            keys=shipped_keys(key.level).root,
            digest=digests[position],
            count=1,
            weight=one.kind.weight(segment.log_heights),
            total=global_sum(segment, one.kind, job),
        )
        _check_leaf(segment, one, key, interface, true[position])
        parts[place, place + 1] = interface
    for whole, (left, right) in tree.halves.items():  # children come before their parents
        parts[whole] = joined(parts[left], parts[right])
    return parts[tree.root]


def _key_at(key: ProgramKey, proof: JobProof, place: int) -> VerifyingKey:
    """The key of a place of a proof; past what it claims, as of segments of the last kind."""
    claims = proof.claims
    if place < claims.segments:
        return key.key_of(*claims.located(place))
    return key.key_of(KINDS[-1], place - sum(claims.counts[:-1]))


def _decoded(data: bytes, key: VerifyingKey) -> SegmentProof:
    try:
        proof = decode(data, key)
    except VerificationError as error:
        raise NoLeafError(str(error)) from error
    tables = zip(proof.log_heights, key.kind.tables, strict=True)
    if any(height > table.max_log_height for height, table in tables):
        raise NoLeafError("no flag stands for a height beyond a table's maximum")
    return proof


def _digest(proof: SegmentProof, key: VerifyingKey, program: ProgramKey) -> Digest:
    transcript = SegmentTranscript(key, CheckedWork(()))
    return transcript.commit_main(program.digest, proof.log_heights, proof.publics, proof.main_cap)


def _challenge(
    proof: JobProof,
    key: ProgramKey,
    keys: Sequence[VerifyingKey],
    segments: Sequence[SegmentProof],
    digests: Sequence[Digest],
) -> JobChallenge:
    """The challenge that the verifier of the final proof derives."""
    return derive_challenge(
        program_digest=key.digest,
        level=key.level,
        log_size=key.log_size,
        grinding_bits=parameters_for(key.level).global_grinding_bits,
        keys=shipped_keys(key.level).root,
        claims=proof.claims,
        units=proof.units,
        root=contribution_root(digests, proof.units),
        count=len(digests),
        weight=sum(one.kind.weight(segment.log_heights) for segment, one in zip(segments, keys, strict=True)),
        work=checked_work(proof),
    )


def _check_leaf(
    proof: SegmentProof, key: VerifyingKey, program: ProgramKey, said: Interface[int], job: JobChallenge
) -> None:
    """Execute a shipped leaf circuit for a segment proof that was made under a challenge."""
    circuits = circuit_set(program.level, BACKEND)
    (kind,) = (one for one in KINDS if one.number == key.kind.number)
    circuit = circuits.leaf(kind, program.log_size)
    assert circuit.key.digest == shipped_keys(program.level).allowed[circuit.name]
    try:
        hints = leaf_hints(kind, proof, key, program.parts, job, program.digest)
        has_witness(circuit.compiled.circuit, said.values, hints)
    except (VerificationError, WitnessError) as error:
        raise NoLeafError(str(error)) from error
