"""Folded jobs to attack: final proofs, the proofs of circuits that they are made of, and false ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.vm.jobs import BACKEND
from zisk.field import quintic
from zisk.hash.sponge import RATE
from zisk.proof_format.final_proof import FinalProof, decode_final_proof, encode_final_proof
from zisk.proof_format.statement import Claims, derive_challenge
from zisk.prover import (
    GlobalChallenge,
    Outcome,
    Program,
    ProvingSession,
    VerificationError,
    global_challenge,
    setup,
    verify,
)
from zisk.prover.contribution import decode_contribution, encode_contribution
from zisk.prover.folded_parts import FoldedPart, decode_parts
from zisk.prover.folding import Folder
from zisk.recursion.circuit import Circuit
from zisk.recursion.circuits import CircuitSet, circuit_set
from zisk.recursion.interface import INTERFACE_LENGTH, Interface
from zisk.recursion.node import final_hints, shrink_hints
from zisk.recursion.prepared import prepare_circuit
from zisk.recursion.shapes import INNER_LOG_HEIGHTS, INNER_LOG_SIZE
from zisk.recursion.shipped import ShippedKeys, shipped_keys
from zisk.stark.errors import Rejection
from zisk.stark.expression import Scope
from zisk.stark.key import Digest
from zisk.stark.parameters import parameters_for
from zisk.stark.proof import SegmentProof, decode, encode
from zisk.stark.transcript_order import JobChallenge, SearchedWork
from zisk.stark.verify import term_value
from zisk.verifier.policy import ANY_LEVEL

EXAMPLES = Path(__file__).parents[2] / "examples"
UNITS = 2
LOG_SIZE = 16

WRONG_TRANSCRIPT = (
    Rejection.PROOF_OF_WORK,
    Rejection.BUS,
    Rejection.CONSTRAINTS,
    Rejection.DEGREE,
    Rejection.OPENING,
)
"""What a proof fails at first when its transcript is not the one that it was made with."""


@dataclass(frozen=True, eq=False)
class FoldedJob:
    """A job of one core and one edges segment, folded.

    Attributes:
        leaves: the proofs of its leaf circuits.
        node: that of the node over both.
        final: its final proof.
    """

    program: Program
    challenge: GlobalChallenge
    leaves: tuple[FoldedPart, ...]
    node: FoldedPart
    final: FinalProof

    @property
    def circuits(self) -> CircuitSet:
        """The circuits of its level."""
        return circuit_set(self.program.security, BACKEND)

    @property
    def data(self) -> bytes:
        """The final proof's bytes."""
        return encode_final_proof(self.final)


def framed(number: int) -> bytes:
    """Input of a guest that reads one number: the length of a frame, then the frame."""
    return (8).to_bytes(8, "little") + number.to_bytes(8, "little")


@cache
def folded_job(number: int = 90, security: int = 128) -> FoldedJob:
    """Prove and fold a run of the fibonacci guest on a number."""
    return folded_run((number, number), security=security)


def folded_run(numbers: tuple[int, int], claims: Claims | None = None, *, security: int = 128) -> FoldedJob:
    """Fold the core segment of the run on one number and the edges segment of that on another.

    The challenge binds the claims that are given, or those of the first run.
    """
    elf = (EXAMPLES / "fibonacci" / "fibonacci.elf").read_bytes()
    program = setup(elf, log_size=LOG_SIZE, security=security, backend=BACKEND)
    sessions = [
        ProvingSession(program, framed(number), units=UNITS, allocation=[unit], backend=BACKEND)
        for unit, number in enumerate(numbers)
    ]
    told = [decode_contribution(session.contributions()) for session in sessions]
    bound = told[0].claims if claims is None else claims
    for session in sessions:
        session.claims = bound
    contributions = [encode_contribution(replace(one, claims=bound)) for one in told]
    challenge = global_challenge(program, contributions, BACKEND)
    circuits = circuit_set(security, BACKEND)
    leaves = [
        part
        for session in sessions
        for part in decode_parts(session.prove(challenge)[0], circuits.parameters.inner)[1]
    ]
    folder = Folder(circuits, program.program_key, challenge, BACKEND)
    folder.add(leaves)
    (node,) = folder.parts
    final = decode_final_proof(folder.finish())
    return FoldedJob(program, challenge, tuple(leaves), node, final)


@cache
def compressed_proof() -> FinalProof:
    """The compressed form of `folded_job()`'s proof."""
    job = folded_job()
    folder = Folder(job.circuits, job.program.program_key, job.challenge, BACKEND)
    folder.add([job.node])
    return decode_final_proof(folder.finish(compressed=True))


def shrunk(part: FoldedPart, shipped: ShippedKeys, circuits: CircuitSet) -> SegmentProof:
    """The shrink circuit's proof of a leaf or node that stands in a tree of allowed keys."""
    hints = shrink_hints(part.proof, part.key, shipped.tree)
    return circuits.shrink().prove(part.interface.values, [hints], BACKEND)


def finished(shrunk_proof: SegmentProof, circuits: CircuitSet) -> SegmentProof:
    """The final circuit's proof of a shrunk root."""
    hints = final_hints(shrunk_proof, circuits.shrink().key)
    interface = Interface.of_publics(shrunk_proof.publics)
    return circuits.final().prove(interface.values, [hints], BACKEND)


def rebound(final: FinalProof, job: FoldedJob, **said: Any) -> FinalProof:
    """A final proof with a nonce for what it claims; `said` is what the circuit says otherwise."""
    interface = replace(job.node.interface, **said)
    work = SearchedWork(BACKEND)
    _challenge(final.claims, final.units, interface, job, interface.keys, work)
    return replace(final, nonces=tuple(work.nonces))


def without_circuit(job: FoldedJob, claims: Claims, keys: Digest | None = None) -> FinalProof:
    """A final proof of any claims in which all holds but the circuit's proof, with a root of allowed keys."""
    key, true = job.program.program_key, job.node.interface
    root, work = true.keys if keys is None else keys, SearchedWork(BACKEND)
    challenge = _challenge(claims, job.final.units, true, job, root, work)
    total = quintic.ZERO
    for term in claims.terms(key.entry):
        total = quintic.sub(total, term_value(term, {Scope.GLOBAL: challenge.bus}))
    interface = replace(
        true,
        binding=challenge.binding,
        alpha=challenge.bus.alpha,
        beta=challenge.bus.beta,
        keys=root,
        total=total,
    )
    proof = decode(job.final.proof, shipped_keys(key.level).final)
    publics = (*proof.publics[: -len(interface.values)], *interface.values)
    changed = encode(replace(proof, publics=publics))
    return replace(job.final, claims=claims, nonces=tuple(work.nonces), proof=changed)


def false_leaf(job: FoldedJob, claims: Claims) -> tuple[FoldedPart, ShippedKeys]:
    """The proof of a circuit that states nothing, saying that claims hold; and keys that allow it."""
    circuit = Circuit(INTERFACE_LENGTH)
    for start in range(0, INTERFACE_LENGTH, RATE):
        circuit.elements(wires=circuit.publics[start : start + RATE])
    inner = job.circuits.parameters.inner
    prepared = prepare_circuit("false leaf", circuit, INNER_LOG_SIZE, inner, BACKEND, INNER_LOG_HEIGHTS)
    shipped = shipped_keys(job.program.security)
    keys = replace(shipped, allowed={**shipped.allowed, "false leaf": prepared.key.digest})
    said = decode(without_circuit(job, claims, keys.root).proof, shipped.final).publics
    proof = prepared.prove(Interface.of_publics(said).values, [], BACKEND)
    return FoldedPart((0, claims.segments), prepared.key, proof), keys


def accepted(final: FinalProof, job: FoldedJob) -> Outcome:
    """The verifier's outcome under the job's own key."""
    return verify(encode_final_proof(final), job.program.key, ANY_LEVEL)


def refused(final: FinalProof, job: FoldedJob, *reasons: Rejection, text: str = ".") -> None:
    """The verifier refuses under the job's own key, for one of these reasons, in words that match."""
    refused_under(job.program.key, encode_final_proof(final), *reasons, text=text)


def refused_under(key: bytes, data: bytes, *reasons: Rejection, text: str = ".") -> None:
    """The verifier refuses bytes under a key, likewise."""
    with pytest.raises(VerificationError, match=text) as caught:
        verify(data, key, ANY_LEVEL)
    assert caught.value.reason in reasons, caught.value


def _challenge(
    claims: Claims, units: int, said: Interface[int], job: FoldedJob, keys: Digest, work: SearchedWork
) -> JobChallenge:
    key = job.program.program_key
    return derive_challenge(
        program_digest=key.digest,
        level=key.level,
        log_size=key.log_size,
        grinding_bits=parameters_for(key.level).global_grinding_bits,
        keys=keys,
        claims=claims,
        units=units,
        root=said.digest,
        count=claims.segments,
        weight=said.weight,
        work=work,
    )
