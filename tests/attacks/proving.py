"""Proofs of forged jobs, the verdict on them in either form, and verifiers with one check taken out."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from enum import Enum
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from tests.attacks.forging import LOG_SIZE
from tests.attacks.witnessed import NoLeafError, judged
from tests.vm.jobs import BACKEND, Job, SegmentMatrices
from zisk.field import quintic
from zisk.field.koalabear import P, to_montgomery
from zisk.proof_format.job_proof import JobProof, decode_job_proof, encode_job_proof
from zisk.proof_format.program_key import ProgramKey, decode_key
from zisk.proof_format.statement import Claims, derive_challenge
from zisk.proof_format.units import contribution_root
from zisk.prover import GlobalChallenge, Outcome, Program, ProofForm, setup, verify
from zisk.recursion.shipped import shipped_keys
from zisk.stark import verify as stark_verify
from zisk.stark.check import TableTrace, is_lookup_table_side, messages
from zisk.stark.commitment import FixedTables
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.expression import Scope
from zisk.stark.key import VerifyingKey
from zisk.stark.parameters import parameters_for
from zisk.stark.proof import encode
from zisk.stark.prove import CommittedSegment, commit_segment, prove_segment
from zisk.stark.transcript_order import JobChallenge, SearchedWork
from zisk.verifier.policy import ANY_LEVEL
from zisk.vm import multiplicities
from zisk.vm.kinds import KINDS
from zisk.vm.program import Program as Guest

_setup_module = importlib.import_module("zisk.prover.program_setup")
verify_module = importlib.import_module("zisk.verifier.verify")

DO_NOT_JOIN = "do not join up to one run"
"""What either verifier says of segments that hold, each for itself."""


def set_up(guest: Guest, security: int = 128) -> Program:
    """Set up a guest that a test wrote down, not an ELF."""
    with patch.object(_setup_module, "load_program", lambda _elf, _log_size: guest):
        return setup(b"", log_size=LOG_SIZE, security=security, backend=BACKEND)


def claims_of(job: Job) -> Claims:
    """What a told run claims."""
    return Claims(
        job.execution.exit_code,
        job.execution.outputs,
        (len(job.core), len(job.edges)),
        (job.edges[-1].publics[2],),
    )


Alter = Callable[[SegmentMatrices, list[np.ndarray]], None]
"""Changes the matrices of a segment, Montgomery, once its lookups are counted."""


def commit_job(program: Program, job: Job, alter: Alter | None = None) -> list[CommittedSegment]:
    """Commit to every segment of a told run, in job-wide order."""
    return [
        _commit(program, program.fixed_of(kind, place), segment, alter)
        for kind, segments in zip(KINDS, (job.core, job.edges), strict=True)
        for place, segment in enumerate(segments)
    ]


def challenge_of(
    program: Program,
    claims: Claims,
    segments: Sequence[CommittedSegment],
    units: int = 1,
    weight: int | None = None,
) -> GlobalChallenge:
    """The challenge of committed segments, made as the prover makes it, but for a weight that is given."""
    work = SearchedWork(BACKEND)
    leaves = tuple(one.leaf for one in segments)
    weight = sum(one.weight for one in segments) if weight is None else weight
    job = derive_challenge(
        program_digest=program.program_key.digest,
        level=program.security,
        log_size=program.log_size,
        grinding_bits=parameters_for(program.security).global_grinding_bits,
        keys=shipped_keys(program.security).root,
        claims=claims,
        units=units,
        root=contribution_root(leaves, units),
        count=len(leaves),
        weight=weight,
        work=work,
    )
    return GlobalChallenge(claims, units, leaves, weight, tuple(work.nonces), job)


def proof_under(
    program: Program, challenge: GlobalChallenge, segments: Sequence[CommittedSegment]
) -> JobProof:
    """Prove committed segments under a challenge, whatever it binds."""
    proofs = tuple(encode(prove_segment(one, challenge.job, BACKEND)) for one in segments)
    return JobProof(
        program.program_key.digest,
        program.security,
        program.log_size,
        challenge.units,
        challenge.claims,
        challenge.nonces,
        proofs,
    )


def prove_told(program: Program, job: Job, claims: Claims | None = None, alter: Alter | None = None) -> bytes:
    """The proof of a told run: everything after its traces is done as it should be."""
    segments = commit_job(program, job, alter)
    return encode_job_proof(
        proof_under(program, challenge_of(program, claims or claims_of(job), segments), segments)
    )


def assert_refused(
    proof: bytes | JobProof,
    key: bytes,
    *reasons: Rejection,
    text: str = ".",
    made_under: Sequence[JobChallenge] = (),
) -> None:
    """The verifier refuses, for one of these reasons, in words that match the text; once folded it does too.

    The final proof is refused in the same words, or there is none since a segment has no leaf. Segments that
    only fail to join up have leaves. Whichever of the challenges that they were made under the leaves say, no
    final proof is accepted. Bytes that are no job, or a key that is none, leave nothing to fold.
    """
    refusal = assert_composite_refused(proof, key, *reasons, text=text)
    data = proof if isinstance(proof, bytes) else encode_job_proof(proof)
    decoded = _decoded(data, key)
    if decoded is None:
        return
    job, program = decoded
    with pytest.raises((NoLeafError, VerificationError)) as caught:
        judged(job, program, made_under=made_under)
    if isinstance(caught.value, VerificationError):
        assert str(caught.value) == str(refusal)
    else:
        assert DO_NOT_JOIN not in str(refusal), caught.value
    for said in set(made_under):
        with pytest.raises((NoLeafError, VerificationError)):
            judged(job, program, made_under=made_under, said=said)


def assert_composite_refused(
    proof: bytes | JobProof, key: bytes, *reasons: Rejection, text: str = "."
) -> VerificationError:
    """The verifier refuses the proof as it is, likewise; returns the refusal."""
    data = proof if isinstance(proof, bytes) else encode_job_proof(proof)
    with pytest.raises(VerificationError, match=text) as caught:
        verify(data, key, ANY_LEVEL)
    assert caught.value.reason in reasons, caught.value
    return caught.value


def assert_unprovable(job: Job) -> None:
    """The proof of a told run is refused in both forms."""
    program = set_up(job.program)
    reasons = Rejection.BUS, Rejection.CONSTRAINTS, Rejection.STATEMENT
    assert_refused(prove_told(program, job), program.key, *reasons)


def assert_not_joined(
    proof: bytes | JobProof, key: bytes, *, keys: Sequence[VerifyingKey] | None = None
) -> None:
    """All segments have leaves, but the final proof is refused for their sum; `keys` as in `judged`."""
    job = decode_job_proof(proof) if isinstance(proof, bytes) else proof
    with pytest.raises(VerificationError, match=DO_NOT_JOIN):
        judged(job, decode_key(key), keys=keys)


def accepted_in_both_forms(proof: bytes | JobProof, key: bytes) -> Outcome:
    """The verifier's outcome; the same, but for the steps that no final proof tells, once folded."""
    outcome = accepted(proof, key)
    assert folded_outcome(proof, key) == replace(outcome, form=ProofForm.FINAL, steps=None)
    return outcome


def folded_outcome(proof: bytes | JobProof, key: bytes) -> Outcome:
    """The verifier's outcome once folded."""
    job = decode_job_proof(proof) if isinstance(proof, bytes) else proof
    return judged(job, decode_key(key))


class Check(Enum):
    """Checks of the verifier that `without` can take out."""

    GLOBAL_SUM = "messages between segments cancel"
    PLACE = "segments stand where their number says"
    LOCAL_SUM = "messages inside a segment cancel"
    CONSTRAINTS = "constraints hold at the random point"
    CORE_PUBLICS = "a core segment's public values belong to a segment of a run"


def without(*checks: Check, challenge: GlobalChallenge | None = None) -> Any:
    """Inside, the verifier lacks these checks; it takes a given challenge for the job's own."""
    return _without(checks, challenge)


@contextmanager
def _without(checks: Sequence[Check], challenge: GlobalChallenge | None) -> Iterator[None]:
    with ExitStack() as stack:
        for check in checks:
            owner, name, weak = _WEAK[check]
            stack.enter_context(patch.object(owner, name, weak))
        if challenge is not None:
            known = challenge.job
            stack.enter_context(patch.object(verify_module, "_challenge", lambda *_: known))
        yield


def accepted(proof: bytes | JobProof, key: bytes) -> Outcome:
    """The verifier's outcome."""
    return verify(proof if isinstance(proof, bytes) else encode_job_proof(proof), key, ANY_LEVEL)


def _decoded(data: bytes, key: bytes) -> tuple[JobProof, ProgramKey] | None:
    """A job and a key, if these are the bytes of any."""
    with suppress(VerificationError):
        return decode_job_proof(data), decode_key(key)
    return None


def _commit(
    program: Program, fixed: FixedTables, segment: SegmentMatrices, alter: Alter | None
) -> CommittedSegment:
    traces = [to_montgomery(trace % P) for trace in segment.traces]
    _count_lookups(segment, traces)
    if alter is not None:
        alter(segment, traces)
    return commit_segment(fixed, traces, segment.publics, program.program_key.digest, BACKEND)


def _count_lookups(segment: SegmentMatrices, traces: list[np.ndarray]) -> None:
    """Fill multiplicities for every query that has an answer; the others stay unanswered."""
    kind = segment.kind
    fixed = segments_fixed(segment)
    answers = {one.bus.number: one for one in multiplicities._all_answers(kind, fixed, traces, BACKEND)}
    counts = {number: np.zeros(one.messages[0].size, dtype=np.int64) for number, one in answers.items()}
    asked: Counter[tuple[int, ...]] = Counter()
    for table, air in enumerate(kind.airs):
        publics = tuple(segment.publics[place] for place in kind.public_places[table])
        for one in air.interactions:
            if one.bus.number in answers and not is_lookup_table_side(one):
                found = messages(TableTrace(air, fixed[table], traces[table], publics), one, BACKEND)
                asked.update(message for _, message, _ in found)
    for (number, *elements), times in asked.items():
        answer = answers[number]
        place = int(answer.locate([np.array([element], dtype=np.int64) for element in elements])[0])
        if all(
            int(column[place]) == element for column, element in zip(answer.messages, elements, strict=True)
        ):
            counts[number][place] += times
    for number, one in answers.items():
        shaped = counts[number].reshape(len(one.columns), one.height)
        for column, count in zip(one.columns, shaped, strict=True):
            traces[one.table][column] = to_montgomery(count)


def segments_fixed(segment: SegmentMatrices) -> list[np.ndarray]:
    """Preprocessed columns of every table, without columns where there are none."""
    return [
        np.zeros((0, trace.shape[1]), dtype=np.uint32) if matrix is None or not matrix.shape[0] else matrix
        for matrix, trace in zip(segment.fixed, segment.traces, strict=True)
    ]


_bus_total = stark_verify._bus_total


def _cancelled(proof: Any, kind: Any, scope: Scope, bus: Any) -> quintic.Element:
    return quintic.ZERO if scope is Scope.LOCAL else _bus_total(proof, kind, scope, bus)


def _nothing(*_: object) -> None:
    pass


_WEAK: dict[Check, tuple[Any, str, Callable[..., Any]]] = {
    Check.GLOBAL_SUM: (verify_module, "check_total", _nothing),
    Check.PLACE: (verify_module, "_check_place", lambda *_: 0),
    Check.LOCAL_SUM: (stark_verify, "_bus_total", _cancelled),
    Check.CONSTRAINTS: (stark_verify, "_check_constraints", _nothing),
    Check.CORE_PUBLICS: (stark_verify, "_check_requirements", _nothing),
}
