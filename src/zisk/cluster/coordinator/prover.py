"""What the coordinator works out by itself: the global challenge, and whether a final proof holds."""

import contextlib
import json
import logging
from datetime import UTC, datetime
from pathlib import Path

from zisk.cluster.artifacts.store import ArtifactStore
from zisk.cluster.engines.protocol import EngineProgram, ProverEngine
from zisk.cluster.engines.thread import EngineThread
from zisk.cluster.errors import TaskFailedError, as_zisk_error, failure_of
from zisk.cluster.program_cache import ProgramCache
from zisk.cluster.protocol.limits import MAX_CONTRIBUTION_BYTES
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.jobs import ProofSummary
from zisk.cluster.tasks import JobRequest
from zisk.errors import ErrorKind, ZiskError
from zisk.stark.errors import VerificationError
from zisk.whole_file import replacing

__all__ = ["CoordinatorProver"]

_log = logging.getLogger("zisk.coordinator")

_PROGRAMS_KEPT = 8
"""Programs that stay set up between jobs."""


class CoordinatorProver:
    """Work with the prover, on a thread of its own, for one coordinator.

    `proofs_dir` is where accepted proofs are saved, None for nowhere.
    `unsaved` says in words why the last one could not be; it is empty where it could.
    """

    def __init__(self, engine: ProverEngine, artifacts: ArtifactStore, proofs_dir: Path | None) -> None:
        self._engine = engine
        self._artifacts = artifacts
        self._proofs_dir = proofs_dir
        self.unsaved = ""
        self._thread = EngineThread("coordinator-prover")
        self._programs = ProgramCache(engine, _PROGRAMS_KEPT)

    def stop(self) -> None:
        """End the thread."""
        self._thread.stop()

    async def warm_up(self, log: logging.Logger) -> None:
        """Prepare the machine before the first job."""
        await self._thread.prepare(self._engine, log)

    async def prepare(self, request: JobRequest) -> None:
        """Set a program up, so that it is ready when it is needed; a failure shows itself again then."""
        with contextlib.suppress(ZiskError, MemoryError, OSError):
            await self._thread.run(lambda: self._program(request))

    async def carry_out(self, command: do.DeriveChallenge | do.CheckProof) -> on.Event:
        """Carry a command out; what it came to, well or not, is an event."""
        try:
            if isinstance(command, do.DeriveChallenge):
                return await self._thread.run(lambda: self._derive(command))
            return await self._thread.run(lambda: self._check(command))
        except Exception as error:
            if as_zisk_error(error) is None:
                _log.exception("job %s: the coordinator met a defect", command.job_id)
            kind, text = failure_of(error)
            where = "" if isinstance(error, ZiskError) else "the coordinator: "
            return on.JobWorkFailed(command.job_id, kind, f"{where}{text}")

    def _derive(self, command: do.DeriveChallenge) -> on.ChallengeDerived:
        program = self._program(command.request)
        contributions = [
            self._artifacts.read(payload, most=MAX_CONTRIBUTION_BYTES) for payload in command.contributions
        ]
        try:
            challenge = self._engine.global_challenge(program, contributions, command.request.demand.units)
        except (MemoryError, OSError):
            raise
        except Exception as error:
            text = f"the contributions of the workers do not fit together: {error}"
            raise TaskFailedError(ErrorKind.BAD_CONTRIBUTION, text) from error
        return on.ChallengeDerived(command.job_id, self._engine.encode_challenge(challenge))

    def _check(self, command: do.CheckProof) -> on.ProofAccepted:
        proof = self._artifacts.read(command.proof)
        program = self._program(command.request)
        key = program.key
        try:
            execution = self._engine.verify(proof, key, command.request.form)
        except VerificationError as error:
            text = f"the aggregator's proof does not hold: {error}"
            raise TaskFailedError(ErrorKind.BAD_PROOF, text) from error
        if command.save and self._proofs_dir is not None:
            self._save(command, proof, program.digest, self._proofs_dir)
        return on.ProofAccepted(command.job_id, ProofSummary(execution, key))

    def _save(self, command: do.CheckProof, proof: bytes, digest: bytes, folder: Path) -> None:
        """Save an accepted proof, and beside it what it is of.

        Where that fails the job is as good: its clients can still fetch it.
        """
        job_id = command.job_id
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for suffix, content in (("bin", proof), ("json", _about(command, len(proof), digest))):
                with replacing(folder / f"proof_{job_id}.{suffix}", mode=0o666) as file:
                    file.write(content)
            self.unsaved = ""
        except OSError as error:
            self.unsaved = (
                f"the proof of job {job_id} could not be saved in {folder}: {error.strerror or error}; "
                "fetch it from the coordinator while the job is known, and make room, "
                "or change server.proofs_dir"
            )
            _log.warning("%s", self.unsaved)

    def _program(self, request: JobRequest) -> EngineProgram:
        return self._programs.program(
            request, lambda: self._artifacts.program(bytes.fromhex(request.hash_id))
        )


def _about(command: do.CheckProof, size: int, digest: bytes) -> bytes:
    """What a proof is of, as JSON: its name, its program and the time, which the proof does not show."""
    request = command.request
    about = {
        "job_id": command.job_id,
        "name": request.data_id,
        "program": request.hash_id,
        "digest": digest.hex(),
        "form": request.form,
        "size": request.log_size,
        "security": request.security,
        "compute_units": request.demand.units,
        "proof_bytes": size,
        "accepted_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return json.dumps(about, indent=2).encode() + b"\n"
