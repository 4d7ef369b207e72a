"""Aggregating a job: what its units deliver becomes its proof."""

from __future__ import annotations

from typing import Protocol

from zisk.kernels.backend import Backend
from zisk.kernels.default import default_backend
from zisk.progress import NULL_PROGRESS, Progress
from zisk.proof_format.forms import ProofForm
from zisk.proof_format.statement import GlobalChallenge
from zisk.proof_format.units import segments_of_units
from zisk.prover.errors import UnitProofError
from zisk.prover.folded_parts import decode_parts
from zisk.prover.folding import Folder
from zisk.prover.program_setup import Program
from zisk.prover.unit_proof import assemble_job, unit_segments
from zisk.recursion.circuits import circuit_set
from zisk.stages import NULL_STAGES, Stages


class Aggregation:
    """Takes the payloads of a job's units in, in any order, and folds as far as they reach.

    What is aggregated changes neither with the order nor with who folded what.
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
    ) -> None:
        self._units = challenge.units
        self._delivered: set[int] = set()
        self._gathering: _Gathering = (
            _Composite(program, challenge)
            if form is ProofForm.COMPOSITE
            else _Folded(program, challenge, form, backend or default_backend(), progress, stages)
        )

    def add(self, unit: int, payload: bytes) -> None:
        """Take what a unit delivers.

        Raises:
            UnitProofError: it is malformed, of another unit, covers what is there already, or does not hold.
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
        missing = set(range(self._units)) - self._delivered
        if missing:
            raise UnitProofError(f"what unit {min(missing)} delivers is missing")
        return self._gathering.finish()


class _Gathering(Protocol):
    """What a job's proof is made in."""

    def add(self, unit: int, payload: bytes) -> None: ...

    def finish(self) -> bytes: ...


class _Composite:
    """Puts segment proofs side by side."""

    def __init__(self, program: Program, challenge: GlobalChallenge) -> None:
        self._key, self._challenge = program.program_key, challenge
        self._shares = segments_of_units(challenge.claims.segments, challenge.units)
        self._payloads: dict[int, bytes] = {}

    def add(self, unit: int, payload: bytes) -> None:
        unit_segments(unit, self._shares[unit], payload)
        self._payloads[unit] = payload

    def finish(self) -> bytes:
        return assemble_job(self._key, self._challenge, self._payloads)


class _Folded:
    """Folds parts of the job into one."""

    def __init__(
        self,
        program: Program,
        challenge: GlobalChallenge,
        form: ProofForm,
        backend: Backend,
        progress: Progress,
        stages: Stages,
    ) -> None:
        self._compressed = form is ProofForm.COMPRESSED
        circuits = circuit_set(program.security, backend)
        self._inner = circuits.parameters.inner
        self._folder = Folder(
            circuits, program.program_key, challenge, backend, progress=progress, stages=stages
        )

    def add(self, unit: int, payload: bytes) -> None:
        labelled, parts = decode_parts(payload, self._inner)
        if labelled != unit:
            raise UnitProofError(f"the parts of unit {unit} are labelled as of unit {labelled}")
        self._folder.add(parts)

    def finish(self) -> bytes:
        return self._folder.finish(compressed=self._compressed)
