"""Segment proofs of a job, ready to be folded."""

from __future__ import annotations

from dataclasses import dataclass

from zisk.kernels.backend import Backend
from zisk.proof_format.statement import GlobalChallenge
from zisk.prover import Program, ProofForm, ProvingSession, global_challenge
from zisk.prover.folding import Folder
from zisk.prover.unit_proof import decode_unit_proof
from zisk.recursion.circuits import circuit_set
from zisk.stages import NULL_STAGES, Stages


@dataclass(frozen=True, slots=True)
class ProvedSegments:
    """A run's segment proofs under their global challenge, in the order of the job."""

    program: Program
    challenge: GlobalChallenge
    proofs: list[bytes]

    def folder(self, backend: Backend, stages: Stages = NULL_STAGES) -> Folder:
        """A folder that has none of them yet."""
        circuits = circuit_set(self.program.security, backend)
        return Folder(circuits, self.program.program_key, self.challenge, backend, stages=stages)

    def folded(self, backend: Backend) -> Folder:
        """A folder that has all of them."""
        folder = self.folder(backend)
        for position, proof in enumerate(self.proofs):
            folder.add_segment(position, proof)
        return folder


def prove_segments(program: Program, data: bytes, backend: Backend) -> ProvedSegments:
    """Prove a run in one unit, without folding."""
    session = ProvingSession(
        program, data, units=1, allocation=[0], form=ProofForm.COMPOSITE, backend=backend
    )
    challenge = global_challenge(program, [session.contributions()], backend)
    (payload,) = session.prove(challenge)
    _, proofs = decode_unit_proof(payload)
    return ProvedSegments(program, challenge, proofs)
