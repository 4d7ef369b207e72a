"""Aggregating a job: what its units deliver becomes its proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from zisk.kernels.backend import Backend
from zisk.kernels.default import default_backend
from zisk.progress import NULL_PROGRESS, Progress
from zisk.proof_format.forms import ProofForm
from zisk.proof_format.statement import GlobalChallenge
from zisk.proof_format.units import segments_of_units
from zisk.prover.errors import UnitProofError
from zisk.prover.fold_tree import Span, fold_tree
from zisk.prover.folded_parts import decode_parts
from zisk.prover.folding import Folder
from zisk.prover.pieces import NO_PIECES, Keep, OnRefusal, held_segments, ignore_refusal
from zisk.prover.program_setup import Program
from zisk.prover.unit_proof import assemble_job, encode_unit_proof, unit_segments
from zisk.recursion.circuits import circuit_set
from zisk.stages import NULL_STAGES, Stages


class Aggregation:
    """Takes the payloads of a job's units in, in any order, and folds as far as they reach.

    What is aggregated changes neither with the order nor with who folded what.

    Args:
        stored: pieces that were kept of this job. They are checked first; one that holds stands for what
            units deliver of the same segments.
        keep: takes each node that is made here.
        on_refusal: told of each stored piece that does not hold and is left out.
    """

    def __init__(
        self,
        program: Program,
        challenge: GlobalChallenge,
        *,
        form: ProofForm = ProofForm.FINAL,
        backend: Backend | None = None,
        progress: Progress = NULL_PROGRESS,
        stages: Stages = NULL_STAGES,
        stored: Mapping[Span, bytes] = NO_PIECES,
        keep: Keep | None = None,
        on_refusal: OnRefusal = ignore_refusal,
    ) -> None:
        self._units = challenge.units
        self._delivered: set[int] = set()
        self._gathering: _Gathering = (
            _Composite(program, challenge, progress, stages)
            if form is ProofForm.COMPOSITE
            else _Folded(program, challenge, form, backend or default_backend(), keep, progress, stages)
        )
        covered = self._gathering.restore(stored, on_refusal)
        shares = segments_of_units(challenge.claims.segments, challenge.units)
        self._covered = {unit for unit, share in enumerate(shares) if covered.issuperset(share)}

    @property
    def missing(self) -> list[int]:
        """The units, ascending, that have not delivered and have segments that no stored piece covers."""
        return sorted(set(range(self._units)) - self._delivered - self._covered)

    def add(self, unit: int, payload: bytes) -> None:
        """Take what a unit delivers; what is covered already is not looked at.

        Raises:
            UnitProofError: it is malformed, of another unit, or does not hold.
        """
        if not 0 <= unit < self._units:
            raise UnitProofError(f"unit {unit} delivers, the job has {self._units} units, from 0")
        if unit in self._delivered:
            raise UnitProofError(f"unit {unit} delivers twice")
        self._gathering.add(unit, payload)
        self._delivered.add(unit)

    def finish(self) -> bytes:
        """The job's proof.

        Raises:
            UnitProofError: a unit is missing.
        """
        if self.missing:
            raise UnitProofError(f"what unit {self.missing[0]} delivers is missing")
        return self._gathering.finish()


class _Gathering(Protocol):
    """What a job's proof is made in."""

    def restore(self, stored: Mapping[Span, bytes], on_refusal: OnRefusal) -> set[int]: ...

    def add(self, unit: int, payload: bytes) -> None: ...

    def finish(self) -> bytes: ...


class _Composite:
    """Puts segment proofs side by side."""

    def __init__(
        self, program: Program, challenge: GlobalChallenge, progress: Progress, stages: Stages
    ) -> None:
        self._key, self._challenge = program.program_key, challenge
        self._progress, self._stages = progress, stages
        self._shares = segments_of_units(challenge.claims.segments, challenge.units)
        self._stored: dict[int, bytes] = {}
        self._payloads: dict[int, bytes] = {}

    def restore(self, stored: Mapping[Span, bytes], on_refusal: OnRefusal) -> set[int]:
        self._stored = held_segments(
            fold_tree(self._challenge.claims.segments, self._challenge.units),
            self._key,
            self._challenge,
            stored,
            on_refusal=on_refusal,
            progress=self._progress,
            stages=self._stages,
        )
        return set(self._stored)

    def add(self, unit: int, payload: bytes) -> None:
        unit_segments(unit, self._shares[unit], payload)
        self._payloads[unit] = payload

    def finish(self) -> bytes:
        restored = {
            unit: encode_unit_proof(unit, [self._stored[position] for position in share])
            for unit, share in enumerate(self._shares)
            if unit not in self._payloads
        }
        return assemble_job(self._key, self._challenge, self._payloads | restored)


class _Folded:
    """Folds parts of the job into one."""

    def __init__(
        self,
        program: Program,
        challenge: GlobalChallenge,
        form: ProofForm,
        backend: Backend,
        keep: Keep | None,
        progress: Progress,
        stages: Stages,
    ) -> None:
        self._compressed = form is ProofForm.COMPRESSED
        circuits = circuit_set(program.security, backend)
        self._inner = circuits.parameters.inner
        self._folder = Folder(
            circuits, program.program_key, challenge, backend, keep=keep, progress=progress, stages=stages
        )

    def restore(self, stored: Mapping[Span, bytes], on_refusal: OnRefusal) -> set[int]:
        covered = self._folder.restore(stored, on_refusal)
        with self._folder.folding_segments(()):
            return covered

    def add(self, unit: int, payload: bytes) -> None:
        labelled, parts = decode_parts(payload, self._inner)
        if labelled != unit:
            raise UnitProofError(f"the parts of unit {unit} are labelled as of unit {labelled}")
        self._folder.add(parts)

    def finish(self) -> bytes:
        return self._folder.finish(compressed=self._compressed)
