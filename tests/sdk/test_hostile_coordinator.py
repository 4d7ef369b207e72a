"""A coordinator that lies: whatever it answers, the client hands out nothing that the proof does not show."""

# ruff: noqa: N802 - methods bear the names of the calls they answer.

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

import pytest
from blake3 import blake3

from tests.sdk import pretending
from tests.sdk.conftest import LOG_SIZE, ProvedJob
from zisk import KeyOrigin, ProofForm, ProverClient, Rejection, VerificationError
from zisk.cluster.coordinator.client_service import public_bytes
from zisk.cluster.errors import ClusterError, JobFailedError, UnknownProgramError, WireError
from zisk.cluster.protocol.generated import coordinator_pb2 as wire
from zisk.cluster.protocol.generated.coordinator_pb2_grpc import (
    ZiskCoordinatorApiServicer,
    add_ZiskCoordinatorApiServicer_to_server,
)
from zisk.errors import ErrorKind
from zisk.sdk import Counted, ExecutionReport, GuestProgram, Proof

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("key_folder")]

Lie = Callable[[wire.ProveResponse], None]


@dataclass
class Coordinator(ZiskCoordinatorApiServicer):
    """Answers every job with what the test made up; `asked` are the calls."""

    result: wire.JobKindResponse = field(default_factory=wire.JobKindResponse)
    status: wire.JobStatus = field(
        default_factory=lambda: wire.JobStatus(completed=wire.JobStatusCompleted())
    )
    name: str | None = None
    asked: list[str] = field(default_factory=list)

    def RegisterGuestProgram(self, request, context):
        self.asked.append("register")
        named = blake3(request.zisk_elf).hexdigest() if self.name is None else self.name
        return wire.RegisterGuestProgramResponse(hash_id=named)

    def JobRequest(self, request, context):
        self.asked.append(request.job_kind.WhichOneof("kind"))
        return wire.JobResponse(job_id="job")

    def WaitJobResult(self, request, context):
        return wire.WaitJobResultResponse(job_id="job", job_status=self.status, result=self.result)

    def CancelJob(self, request, context):
        self.asked.append("cancel")
        return wire.CancelJobResponse(job_id="job", cancelled=True)


@pytest.fixture
def coordinator() -> Coordinator:
    return Coordinator()


def client_of(coordinator: Coordinator) -> AbstractContextManager[ProverClient]:
    return pretending.client_of(coordinator, add_ZiskCoordinatorApiServicer_to_server)


@pytest.fixture
def client(coordinator: Coordinator) -> Iterator[ProverClient]:
    with client_of(coordinator) as client:
        yield client


def honest(job: ProvedJob) -> wire.ProveResponse:
    """What an honest coordinator says of a job."""
    return wire.ProveResponse(
        proof=wire.Proof(
            verification_key=job.key,
            form=ProofForm.COMPOSITE,
            data=job.proof,
            public_inputs=public_bytes(job.outcome.outputs),
        ),
        stats=wire.ExecutionStats(
            steps=job.execution.steps,
            cycles=job.execution.cycles,
            segments=job.outcome.segments,
            exit_code=job.outcome.exit_code,
        ),
    )


def proved(client: ProverClient, coordinator: Coordinator, job: ProvedJob, said: wire.ProveResponse, **asked):
    """What the client hands out for a job that is answered so."""
    coordinator.result = wire.JobKindResponse(prove=said)
    return client.prove(client.upload(job.elf), job.data, **{"log_size": LOG_SIZE, **asked})


def told(job: ProvedJob) -> ExecutionReport:
    shown, run = job.outcome, job.execution
    return ExecutionReport(
        run.steps, run.cycles, shown.segments, shown.exit_code, shown.outputs, Counted.COORDINATOR
    )


def test_the_truth_is_handed_out(client: ProverClient, coordinator: Coordinator, job: ProvedJob) -> None:
    outcome = replace(job.outcome, key_origin=KeyOrigin.DERIVED)
    assert proved(client, coordinator, job, honest(job)) == Proof(job.proof, job.key, told(job), outcome)


def test_a_key_is_derived_once(coordinator: Coordinator, job: ProvedJob) -> None:
    for origins in ([KeyOrigin.DERIVED] * 2, [KeyOrigin.CACHED] * 2):
        with client_of(coordinator) as client:
            found = [proved(client, coordinator, job, honest(job)).outcome.key_origin for _ in range(2)]
            assert found == origins


def other_outputs(said: wire.ProveResponse) -> None:
    said.proof.public_inputs = public_bytes((1,) * 64)


def other_exit_code(said: wire.ProveResponse) -> None:
    said.stats.exit_code = 1


def other_segments(said: wire.ProveResponse) -> None:
    said.stats.segments += 1


def other_steps(said: wire.ProveResponse) -> None:
    said.stats.steps += 1


def other_form(said: wire.ProveResponse) -> None:
    said.proof.form = "final"


def form_that_does_not_exist(said: wire.ProveResponse) -> None:
    said.proof.form = "groth16"


@pytest.mark.parametrize(
    ("lie", "what"),
    [
        (other_outputs, "outputs"),
        (other_exit_code, "exit code"),
        (other_segments, "number of segments"),
        (other_steps, "number of steps"),
        (other_form, "form"),
        (form_that_does_not_exist, "form"),
    ],
)
def test_a_report_that_the_proof_contradicts_is_refused(
    lie: Lie, what: str, client: ProverClient, coordinator: Coordinator, job: ProvedJob
) -> None:
    said = honest(job)
    lie(said)
    with pytest.raises(VerificationError) as caught:
        proved(client, coordinator, job, said)
    text = f"the coordinator does not report the {what} that the proof shows"
    assert (caught.value.reason, caught.value.detail) == (Rejection.POLICY, text)


def test_the_proof_and_key_of_another_program_are_refused(
    client: ProverClient, coordinator: Coordinator, job: ProvedJob, other_job: ProvedJob
) -> None:
    with pytest.raises(VerificationError) as caught:
        proved(client, coordinator, job, honest(other_job))
    text = (
        f"the proof is for program {other_job.outcome.digest.hex()}, the key for {job.outcome.digest.hex()}"
    )
    assert (caught.value.reason, caught.value.detail) == (Rejection.KEY, text)


def test_a_proof_of_100_bits_is_refused_where_128_were_asked_for(
    client: ProverClient, coordinator: Coordinator, job: ProvedJob, weak_job: ProvedJob
) -> None:
    with pytest.raises(VerificationError, match="level of 100 bits, at least 128 are asked for") as caught:
        proved(client, coordinator, job, honest(weak_job))
    assert caught.value.reason is Rejection.POLICY
    outcome = replace(weak_job.outcome, key_origin=KeyOrigin.DERIVED)
    assert proved(client, coordinator, job, honest(weak_job), security=100).outcome == outcome


def test_a_proof_of_another_size_is_refused(
    client: ProverClient, coordinator: Coordinator, job: ProvedJob
) -> None:
    with pytest.raises(VerificationError, match="the proof has size 16 and security 128, the key 18 and 128"):
        proved(client, coordinator, job, honest(job), log_size=18)


def test_a_proof_of_another_form_is_refused(
    client: ProverClient, coordinator: Coordinator, job: ProvedJob
) -> None:
    with pytest.raises(VerificationError, match="the proof is composite, one that is final was asked for"):
        proved(client, coordinator, job, honest(job), form=ProofForm.FINAL)


@pytest.mark.parametrize("place", [400, 10_000, -1])
def test_a_damaged_proof_is_refused(
    place: int, client: ProverClient, coordinator: Coordinator, job: ProvedJob
) -> None:
    said, damaged = honest(job), bytearray(job.proof)
    damaged[place] ^= 1
    said.proof.data = bytes(damaged)
    with pytest.raises(VerificationError, match="proof refused"):
        proved(client, coordinator, job, said)


def test_no_proof_at_all_is_refused(client: ProverClient, coordinator: Coordinator, job: ProvedJob) -> None:
    with pytest.raises(VerificationError) as caught:
        proved(client, coordinator, job, wire.ProveResponse())
    assert caught.value.reason is Rejection.FORMAT


def test_outputs_of_another_length_are_no_answer(
    client: ProverClient, coordinator: Coordinator, job: ProvedJob
) -> None:
    said = honest(job)
    said.proof.public_inputs = b"short"
    with pytest.raises(WireError, match="public outputs of 5 bytes, which no guest has"):
        proved(client, coordinator, job, said)
    coordinator.result = wire.JobKindResponse(execute=wire.ExecuteResponse(public_outputs=b"short"))
    with pytest.raises(ClusterError, match="public outputs of 5 bytes, which no guest has"):
        client.execute(client.upload(job.elf))


def test_a_digest_pins_the_coordinators_key(
    client: ProverClient,
    coordinator: Coordinator,
    job: ProvedJob,
    other_job: ProvedJob,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)  # nothing is derived
    digest = job.outcome.digest.hex()
    proof = proved(client, coordinator, job, honest(job), digest=digest)
    assert proof == Proof(job.proof, job.key, told(job), replace(job.outcome, key_origin=KeyOrigin.PINNED))
    with pytest.raises(VerificationError, match=f"one expected is {digest}"):
        proved(client, coordinator, job, honest(other_job), digest=digest)
    said = honest(job)
    said.proof.verification_key = other_job.key
    with pytest.raises(VerificationError, match=r"the proof is for program .*, the key for"):
        proved(client, coordinator, job, said, digest=digest)


def test_a_trusted_key_stands_in_for_the_guest(
    client: ProverClient,
    coordinator: Coordinator,
    job: ProvedJob,
    other_job: ProvedJob,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)  # nothing is derived
    said = honest(job)
    said.proof.verification_key = other_job.key
    assert proved(client, coordinator, job, said, key=job.key).outcome == job.outcome
    with pytest.raises(VerificationError, match=r"the proof is for program .*, the key for"):
        proved(client, coordinator, job, honest(other_job), key=job.key)


def test_nothing_is_sent_that_could_not_be_verified(
    client: ProverClient, coordinator: Coordinator, job: ProvedJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = client.upload(job.elf)
    text = "has not uploaded program 00.*, so it cannot derive its key"
    with pytest.raises(UnknownProgramError, match=text):
        client.prove(GuestProgram("00" * 32))
    with pytest.raises(
        VerificationError, match="of size 16 and 128 bits, a proof of size 20 and 128 bits is"
    ):
        client.prove(program, key=job.key)
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(ImportError, match=r"takes numba, .* or give the key itself"):
        client.prove(program)
    assert coordinator.asked == ["register"]


def test_a_guest_that_cannot_be_set_up_ends_its_job(
    client: ProverClient, coordinator: Coordinator, job: ProvedJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("zisk.sdk.remote.derived_key", interrupt)
    with pytest.raises(KeyboardInterrupt):
        client.prove(client.upload(job.elf), job.data, log_size=LOG_SIZE)
    assert coordinator.asked == ["register", "prove", "cancel"]


def test_a_job_that_is_over_before_its_key_is_derived_is_not_late(
    client: ProverClient, coordinator: Coordinator, job: ProvedJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    def derived_late(*_: object, **__: object) -> tuple[bytes, KeyOrigin]:
        time.sleep(0.2)
        return job.key, KeyOrigin.DERIVED

    monkeypatch.setattr("zisk.sdk.remote.derived_key", derived_late)
    assert proved(client, coordinator, job, honest(job), timeout=0.1).data == job.proof
    assert coordinator.asked == ["register", "prove"]
    coordinator.status = wire.JobStatus(running=wire.JobStatusRunning())
    with pytest.raises(JobFailedError, match=r"cancelled after the 0\.1 s that it was given") as caught:
        proved(client, coordinator, job, honest(job), timeout=0.1)
    assert caught.value.kind is ErrorKind.TIMEOUT
    assert coordinator.asked == ["register", "prove", "register", "prove", "cancel"]


def test_a_key_from_set_up_is_the_right_one_or_refused(
    client: ProverClient, coordinator: Coordinator, job: ProvedJob, other_job: ProvedJob
) -> None:
    program, digest = client.upload(job.elf), job.outcome.digest
    coordinator.result = wire.JobKindResponse(setup=wire.SetupResponse(vk=job.key))
    assert client.setup(program, log_size=LOG_SIZE) == job.key
    assert client.setup(GuestProgram("00" * 32), log_size=LOG_SIZE, digest=digest) == job.key
    coordinator.result = wire.JobKindResponse(setup=wire.SetupResponse(vk=other_job.key))
    with pytest.raises(VerificationError, match="not the one that is derived here from the ELF") as caught:
        client.setup(program, log_size=LOG_SIZE)
    assert caught.value.reason is Rejection.KEY
    with pytest.raises(VerificationError, match=f"the one expected is {digest.hex()}") as caught:
        client.setup(program, log_size=LOG_SIZE, digest=digest)
    assert caught.value.reason is Rejection.POLICY


def test_a_program_has_the_name_of_its_bytes(coordinator: Coordinator, job: ProvedJob) -> None:
    coordinator.name = "00" * 32
    text = r"the coordinator calls program .* '0000"
    with client_of(coordinator) as client, pytest.raises(WireError, match=text):
        client.upload(job.elf)


def test_a_failure_of_a_kind_that_is_not_known_is_a_failure(
    client: ProverClient, coordinator: Coordinator, job: ProvedJob
) -> None:
    failure = wire.JobFailure(failure_kind="whim", message="no")
    coordinator.status = wire.JobStatus(failed=wire.JobStatusFailed(failure=failure))
    with pytest.raises(JobFailedError, match=r"job failed for .* 'whim': no") as caught:
        client.execute(client.upload(job.elf))
    assert caught.value.kind is ErrorKind.WORKER_ERROR
