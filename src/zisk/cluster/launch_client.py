"""The client of the admin API: launch a proof, follow it, fetch it."""

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass

import grpc

from zisk.cluster.artifacts.transfer import ArtifactClient
from zisk.cluster.errors import JobFailedError, WireError, failure_told
from zisk.cluster.protocol.address import target_of
from zisk.cluster.protocol.generated import distributed_pb2 as wire
from zisk.cluster.protocol.generated.distributed_pb2_grpc import ZiskDistributedApiStub
from zisk.cluster.protocol.limits import CHANNEL_OPTIONS, STALL_SECONDS
from zisk.cluster.protocol.payload import from_field
from zisk.cluster.protocol.ports import answered_by
from zisk.errors import ErrorKind
from zisk.printable import SHOWN_LETTERS, printable
from zisk.proof_format.forms import ProofForm

__all__ = ["Launch", "LaunchClient", "Standing"]

_PORT = "the port of a coordinator's workers (50051 unless it is set)"
"""Where the admin API is."""

_JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""Names of jobs: they become parts of names of files."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What to prove: an input, by path at the workers or as bytes, at what size, on how much capacity.

    `capacity` None leaves the number of compute units to the coordinator, `form` None that of the proof.
    """

    input_path: str | None = None
    input_data: bytes | None = None
    capacity: int | None = None
    minimal_capacity: int | None = None
    data_id: str = ""
    log_size: int = 0
    security: int = 0
    form: ProofForm | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a launched job stands; `share` of the phase is done, from 0 to 1.

    `activities` has what each of the workers is at, in words, empty where it has not said or is done.
    `revision` is another number whenever there is news.
    """

    state: str
    phase: str
    form: ProofForm
    workers: tuple[str, ...]
    activities: tuple[str, ...]
    share: float
    over: bool
    revision: int


class LaunchClient:
    """A connection to the admin API; close it when done."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._channel = grpc.insecure_channel(target_of(url), options=CHANNEL_OPTIONS)
        self._stub = ZiskDistributedApiStub(self._channel)
        self._artifacts = ArtifactClient(self._channel)

    def __enter__(self) -> "LaunchClient":
        return self

    def __exit__(self, *error: object) -> None:
        self._channel.close()

    def launch(self, launch: Launch) -> str:
        """Launch a proof of the program that the workers were started with; the id of the job.

        Raises:
            CoordinatorUnreachableError: nobody answers.
            SubmissionRefusedError: the coordinator does not take the job.
            WireError: it gives the job a name that is none.

        """
        request = wire.LaunchProofRequest(
            data_id=launch.data_id,
            compute_capacity=launch.capacity or 0,
            default_capacity=launch.capacity is None,
            minimal_compute_capacity=launch.minimal_capacity or 0,
            options=wire.ProofOptions(
                log_size=launch.log_size, security=launch.security, form=launch.form or ""
            ),
        )
        if launch.input_data is not None:
            request.inputs_mode = wire.INPUT_MODE_DATA
            with self._answered():
                request.input_data = self._artifacts.send(launch.input_data).to_field()
        elif launch.input_path is not None:
            request.inputs_mode = wire.INPUT_MODE_PATH
            request.inputs_uri = launch.input_path
        with self._answered():
            job_id = self._stub.LaunchProof(request, timeout=STALL_SECONDS).job_id
        if not _JOB_ID.fullmatch(job_id):
            raise WireError(
                f"the coordinator calls the job '{printable(job_id, SHOWN_LETTERS)}': "
                "no job of this version is called so"
            )
        return job_id

    def standing(self, job_id: str, *, seen: int = 0, wait_seconds: int = 0) -> Standing:
        """Where a job stands: at once, or when there is news since revision `seen`, or after these seconds.

        Raises:
            CoordinatorUnreachableError: nobody answers any more.
            WireError: the coordinator says what cannot be.

        """
        job = self._job(job_id, seen, wait_seconds)
        if len(job.activities) != len(job.assigned_workers):
            raise WireError(
                f"the coordinator names {len(job.assigned_workers)} workers of the job, "
                f"and says what {len(job.activities)} are at"
            )
        return Standing(
            job.state,
            job.phase,
            _form_of(job.form),
            tuple(job.assigned_workers),
            tuple(job.activities),
            job.progress_permille / 1000,
            job.state in ("Completed", "Failed", "Cancelled"),
            job.revision,
        )

    def proof(self, job_id: str) -> bytes:
        """The proof of a job that is over.

        Raises:
            JobFailedError: there is none; the text says why.
            ArtifactError, WireError: what arrives is none.

        """
        job = self._job(job_id)
        if job.state == "Cancelled":
            raise JobFailedError(ErrorKind.CANCELLED, f"job {job_id} was cancelled by a client")
        if job.state != "Completed":
            raise failure_told(job_id, job.failure_kind, job.failure_message)
        with self._answered():
            return self._artifacts.fetch(from_field(job.proof))

    def _answered(self) -> AbstractContextManager[None]:
        return answered_by("zisk.distributed.api.v1", self._url, _PORT)

    def _job(self, job_id: str, seen: int = 0, wait_seconds: int = 0) -> wire.JobStatus:
        request = wire.JobStatusRequest(job_id=job_id, seen_revision=seen, wait_seconds=wait_seconds)
        with self._answered():
            return self._stub.JobStatus(request, timeout=STALL_SECONDS + wait_seconds).job


def _form_of(name: str) -> ProofForm:
    """A form by the name that a coordinator gives it."""
    try:
        return ProofForm(name)
    except ValueError:
        raise WireError(
            f"the coordinator makes proofs of form '{printable(name, SHOWN_LETTERS)}', "
            "which this version does not know; "
            "ask a coordinator of the same version"
        ) from None
