"""One proof of a job under the clock, to the core proof or to the final one."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from support.layers import LAYERS, LayerClock
from zisk.kernels.backend import Backend
from zisk.proof_format.statement import GlobalChallenge
from zisk.prover import Aggregation, Program, ProofForm, ProvingSession, global_challenge
from zisk.prover.delivery import Delivery
from zisk.prover.fold_tree import Span
from zisk.prover.folding import FOLDING
from zisk.prover.pieces import Keep, OnRefusal
from zisk.prover.unit_proof import assemble_job, encode_unit_proof


@dataclass(frozen=True, slots=True)
class Proving:
    """One proof of a run.

    Attributes:
        proof: the composite proof, which the core proof comes to.
        final: the final or compressed proof; None where nothing was folded.
        wall, processor: seconds of the core proof.
        times: of the layers beside it.
    """

    proof: bytes
    final: bytes | None
    cycles: int
    steps: int
    segments: int
    wall: float
    processor: float
    times: LayerClock

    @property
    def stages(self) -> dict[str, float]:
        """Processor seconds of the stages of the core proof."""
        return self.times.core.seconds

    @property
    def wall_to_final(self) -> float:
        """Wall seconds of core proof and folding; circuits are set up before."""
        return self.wall + sum(self.times.layer(stage).wall for stage in FOLDING)

    @property
    def processor_to_final(self) -> float:
        """Processor seconds of the same."""
        return self.processor + sum(self.times.layer(stage).processor for stage in FOLDING)


def prove_once(
    program: Program,
    data: bytes,
    backend: Backend,
    form: ProofForm = ProofForm.COMPOSITE,
) -> Proving:
    """Prove everything in one session of one unit, as `zisk.prover.prove` does."""
    times = LayerClock()
    wall, processor = time.perf_counter(), time.process_time()
    session = _KeepingSession(
        program,
        data,
        units=1,
        allocation=[0],
        form=form,
        backend=backend,
        stages=times,
    )
    challenge = global_challenge(program, [session.contributions()], backend)
    aggregation = Aggregation(program, challenge, form=form, backend=backend, stages=times)
    (payload,) = session.prove(challenge)
    aggregation.add(0, payload)
    proof = aggregation.finish()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    apart = [times.layer(stage) for stage in LAYERS]
    execution = session.execution
    assert execution is not None
    kept = session.kept
    ordered = [kept[position] for position in range(challenge.claims.segments)]
    return Proving(
        assemble_job(program.program_key, challenge, {0: encode_unit_proof(0, ordered)}),
        None if form is ProofForm.COMPOSITE else proof,
        execution.cycles,
        execution.steps,
        challenge.claims.segments,
        wall - sum(layer.wall for layer in apart),
        processor - sum(layer.processor for layer in apart),
        times,
    )


class _Keeping:
    """A delivery that also keeps the segment proofs."""

    def __init__(self, delivery: Delivery, kept: dict[int, bytes]) -> None:
        self._delivery, self._kept = delivery, kept

    def restore(
        self, stored: Mapping[Span, bytes], wanted: Collection[int], on_refusal: OnRefusal
    ) -> set[int]:
        return self._delivery.restore(stored, wanted, on_refusal)

    def phase(self, positions: Collection[int]) -> AbstractContextManager[None]:
        return self._delivery.phase(positions)

    def add(self, position: int, proof: bytes) -> None:
        self._kept[position] = proof
        self._delivery.add(position, proof)

    def payloads(self, units: Sequence[int]) -> list[bytes]:
        return self._delivery.payloads(units)


class _KeepingSession(ProvingSession):
    """A session whose segment proofs can be had whatever the form, for counting their operations."""

    kept: dict[int, bytes]

    def _delivery(self, challenge: GlobalChallenge, keep: Keep | None) -> Delivery:
        self.kept = {}
        return _Keeping(super()._delivery(challenge, keep), self.kept)
