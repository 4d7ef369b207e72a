"""A coordinator that stops answering, answers nothing new, or sends without end: the client comes back."""

# ruff: noqa: N802 - methods bear the names of the calls they answer.

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import pytest

from tests.sdk import pretending
from tests.vm.guest_elf import code_part, write_elf
from zisk import ProverClient
from zisk.cluster.coordinator.client_service import public_bytes
from zisk.cluster.errors import (
    ArtifactError,
    ClusterError,
    CoordinatorUnreachableError,
    JobFailedError,
    WireError,
)
from zisk.cluster.protocol.generated import artifacts_pb2 as artifacts
from zisk.cluster.protocol.generated import coordinator_pb2 as wire
from zisk.cluster.protocol.generated.artifacts_pb2_grpc import (
    ZiskArtifactsServicer,
    add_ZiskArtifactsServicer_to_server,
)
from zisk.cluster.protocol.generated.coordinator_pb2_grpc import (
    ZiskCoordinatorApiServicer,
    add_ZiskCoordinatorApiServicer_to_server,
)
from zisk.cluster.protocol.limits import CHUNK_BYTES, MAX_PROOF_BYTES
from zisk.cluster.protocol.payload import Stored, digest_of
from zisk.errors import ErrorKind
from zisk.sdk import GuestProgram
from zisk.vm.errors import GuestError

PROGRAM = GuestProgram("00" * 32)
DIGEST = bytes(36)
ELF = write_elf([code_part(b"\x13\0\0\0")])


@dataclass
class Coordinator(ZiskCoordinatorApiServicer, ZiskArtifactsServicer):
    """Never answers the calls named in `silent`, and tells of a job what `status` and `result` say.

    `chunks` are what it sends of an artifact, after which it is silent where "Download" is.
    """

    silent: frozenset[str] = frozenset()
    status: wire.JobStatus = field(default_factory=lambda: wire.JobStatus(running=wire.JobStatusRunning()))
    result: wire.JobKindResponse = field(default_factory=wire.JobKindResponse)
    chunks: tuple[bytes, ...] = ()
    asked: list[str] = field(default_factory=list)
    over: Event = field(default_factory=Event)

    def _asked(self, call: str) -> None:
        self.asked.append(call)
        if call in self.silent:
            self.over.wait()

    def RegisterGuestProgram(self, request: Any, context: Any) -> wire.RegisterGuestProgramResponse:
        self._asked("RegisterGuestProgram")
        return wire.RegisterGuestProgramResponse(hash_id=digest_of(request.zisk_elf).hex())

    def JobRequest(self, request: Any, context: Any) -> wire.JobResponse:
        self._asked("JobRequest")
        return wire.JobResponse(job_id="job")

    def WaitJobResult(self, request: Any, context: Any) -> wire.WaitJobResultResponse:
        self._asked("WaitJobResult")
        return wire.WaitJobResultResponse(job_id="job", job_status=self.status, result=self.result)

    def CancelJob(self, request: Any, context: Any) -> wire.CancelJobResponse:
        self._asked("CancelJob")
        return wire.CancelJobResponse(job_id="job", cancelled=True)

    def Upload(self, request_iterator: Any, context: Any) -> artifacts.UploadResponse:
        self._asked("Upload")
        for _ in request_iterator:
            pass
        return artifacts.UploadResponse(written=True)

    def Download(self, request: Any, context: Any) -> Iterator[artifacts.DownloadResponse]:
        for chunk in self.chunks:
            yield artifacts.DownloadResponse(chunk=chunk)
        self._asked("Download")


@contextmanager
def client_of(coordinator: Coordinator) -> Iterator[ProverClient]:
    add = (add_ZiskCoordinatorApiServicer_to_server, add_ZiskArtifactsServicer_to_server)
    with pretending.client_of(coordinator, *add) as client:
        try:
            yield client
        finally:
            coordinator.over.set()


def completed(size: int, *chunks: bytes, silent: frozenset[str] = frozenset()) -> Coordinator:
    """A job is done, its proof is an artifact of that size, and these chunks are sent of it."""
    data = Stored(bytes(32), size).to_field()
    return Coordinator(
        silent,
        wire.JobStatus(completed=wire.JobStatusCompleted()),
        wire.JobKindResponse(prove=wire.ProveResponse(proof=wire.Proof(data=data))),
        chunks,
    )


def running(*silent: str) -> Coordinator:
    return Coordinator(frozenset(silent))


SILENT_DOWNLOAD = completed(CHUNK_BYTES, bytes(10), silent=frozenset({"Download"}))


@pytest.mark.parametrize(
    ("coordinator", "data", "text"),
    [
        (running("Upload"), bytes(4 << 20), "the input of the job had not arrived"),
        (running("JobRequest"), b"", "the job was not accepted"),
        (running("WaitJobResult"), b"", "job job was cancelled"),
        (running("WaitJobResult", "CancelJob"), b"", "job job was cancelled"),
        (running("CancelJob"), b"", "job job was cancelled"),
        (running(), b"", "job job was cancelled"),
        (SILENT_DOWNLOAD, b"", "the proof of the job had not arrived"),
    ],
)
def test_a_timeout_is_kept_whatever_is_not_answered(coordinator: Coordinator, data: bytes, text: str) -> None:
    with client_of(coordinator) as client:
        start = time.monotonic()
        with pytest.raises(JobFailedError) as caught:
            client.prove(PROGRAM, data, digest=DIGEST, timeout=1)
        seconds = time.monotonic() - start
    assert (caught.value.kind, str(caught.value)) == (
        ErrorKind.TIMEOUT,
        f"{text} after the 1 s that it was given; allow it more",
    )
    assert 0.9 < seconds < 3
    assert ("CancelJob" in coordinator.asked) is (text == "job job was cancelled")


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second instead of a minute."""
    for module in ("zisk.sdk.remote", "zisk.sdk.remote_job", "zisk.cluster.artifacts.watch"):
        monkeypatch.setattr(f"{module}.STALL_SECONDS", 0.5)


@pytest.mark.usefixtures("short_patience")
@pytest.mark.parametrize(
    ("coordinator", "data", "error", "text"),
    [
        (running("Upload"), bytes(4 << 20), ArtifactError, "an upload stood still for 0.5 s; look after"),
        (running("JobRequest"), b"", CoordinatorUnreachableError, "no coordinator answers at"),
        (
            completed(CHUNK_BYTES, bytes(10), silent=frozenset({"Download"})),
            b"",
            ArtifactError,
            "a download stood still for 0.5 s; look after",
        ),
    ],
)
def test_without_a_timeout_what_does_not_move_is_ended(
    coordinator: Coordinator, data: bytes, error: type[ClusterError], text: str
) -> None:
    start = time.monotonic()
    with client_of(coordinator) as client, pytest.raises(error, match=text):
        client.prove(PROGRAM, data, digest=DIGEST)
    assert 0.4 < time.monotonic() - start < 3


@pytest.mark.usefixtures("short_patience")
def test_a_program_that_is_not_taken_is_given_up() -> None:
    with (
        client_of(running("RegisterGuestProgram")) as client,
        pytest.raises(CoordinatorUnreachableError, match="no coordinator answers at"),
    ):
        client.upload(ELF)


@pytest.mark.usefixtures("short_patience")
def test_what_moves_is_not_ended() -> None:
    def slowly() -> Iterator[bytes]:
        for _ in range(5):
            time.sleep(0.2)
            yield bytes(10)

    coordinator = completed(50)
    coordinator.chunks = slowly()  # pyright: ignore[reportAttributeAccessIssue]
    with client_of(coordinator) as client, pytest.raises(ArtifactError, match="arrived damaged"):
        client.prove(PROGRAM, digest=DIGEST)


def test_an_empty_chunk_is_refused() -> None:
    coordinator = completed(1, *[b""] * 1_000, silent=frozenset({"Download"}))
    with client_of(coordinator) as client, pytest.raises(ArtifactError, match="with a chunk of no bytes"):
        client.prove(PROGRAM, digest=DIGEST)


def test_nothing_is_fetched_that_is_larger_than_a_proof() -> None:
    coordinator = completed(MAX_PROOF_BYTES + 1, bytes(CHUNK_BYTES))
    text = f"is said to have {MAX_PROOF_BYTES + 1} bytes, at most {MAX_PROOF_BYTES} are taken"
    with client_of(coordinator) as client, pytest.raises(ArtifactError, match=text):
        client.prove(PROGRAM, digest=DIGEST)
    assert coordinator.asked == ["JobRequest", "WaitJobResult"]


@pytest.mark.parametrize("status", [wire.JobStatus(running=wire.JobStatusRunning()), wire.JobStatus()])
def test_a_coordinator_that_answers_at_once_is_asked_at_a_walk(status: wire.JobStatus) -> None:
    coordinator = Coordinator(status=status)
    with client_of(coordinator) as client, pytest.raises(JobFailedError, match="was cancelled after the 1 s"):
        client.prove(PROGRAM, digest=DIGEST, timeout=1)
    assert coordinator.asked.count("WaitJobResult") in range(2, 8)


def test_a_failure_is_told_in_letters() -> None:
    failure = wire.JobFailure(failure_kind="input", message="\x1b[2J\nzisk: proof accepted")
    coordinator = Coordinator(status=wire.JobStatus(failed=wire.JobStatusFailed(failure=failure)))
    with client_of(coordinator) as client, pytest.raises(GuestError) as caught:
        client.execute(PROGRAM)
    assert (caught.value.kind, str(caught.value)) == (
        ErrorKind.INPUT,
        r"job job failed: \x1b[2J\nzisk: proof accepted",
    )


def test_an_output_word_above_32_bits_is_no_answer() -> None:
    response = wire.ExecuteResponse(public_outputs=public_bytes((1, (1 << 64) - 1, *[0] * 62)))
    coordinator = Coordinator(
        status=wire.JobStatus(completed=wire.JobStatusCompleted()),
        result=wire.JobKindResponse(execute=response),
    )
    text = "reports an output word of 18446744073709551615, which no guest has"
    with client_of(coordinator) as client, pytest.raises(WireError, match=text):
        client.execute(PROGRAM)


@pytest.mark.parametrize("timeout", [-1, float("nan")])
def test_a_timeout_is_a_time(timeout: float) -> None:
    with (
        ProverClient.remote("http://127.0.0.1:1") as client,
        pytest.raises(ValueError, match="a timeout is a number of seconds from 0 up"),
    ):
        client.prove(PROGRAM, digest=DIGEST, timeout=timeout)
