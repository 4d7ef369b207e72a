"""The client of a coordinator, against a real one with a prover that pretends."""

import struct
import sys
from pathlib import Path

import pytest

from tests.cluster.background import background_cluster
from tests.cluster.fake_engine import COUNTS, EXECUTION, OUTPUTS, FakeEngine, program_of, proof_of
from tests.vm.guest_elf import code_part, write_elf
from zisk import KeyOrigin, Outcome, ProofForm, ProverClient
from zisk.cluster.errors import (
    ConfigurationError,
    CoordinatorUnreachableError,
    JobFailedError,
    SubmissionRefusedError,
    UnknownProgramError,
)
from zisk.errors import ErrorKind
from zisk.exit_codes import ExitCode
from zisk.sdk import Counted, ExecutionReport, GuestProgram, Proof
from zisk.vm.errors import GuestFault

NOP = struct.pack("<I", 0x13)
ELF = write_elf([code_part(NOP)])
REPORT = ExecutionReport(COUNTS.steps, COUNTS.cycles, EXECUTION.segments, 0, OUTPUTS, Counted.COORDINATOR)


SIZES: dict[bytes, int] = {}
"""The size of each key that was derived."""


def derived_key(elf: bytes, *, log_size: int, security: int) -> tuple[bytes, KeyOrigin]:
    """The key that the pretending prover gives a guest."""
    key = program_of(elf, log_size, security).key
    SIZES[key] = log_size
    return key, KeyOrigin.DERIVED


def outcome_of(form: ProofForm, log_size: int = 20) -> Outcome:
    """What a proof of the pretending prover shows."""
    return Outcome(
        form=form,
        digest=bytes(36),
        exit_code=0,
        outputs=OUTPUTS,
        segments=EXECUTION.segments,
        steps=None,
        security=128,
        log_size=log_size,
        key_origin=KeyOrigin.DERIVED,
    )


def verify(proof: bytes, *, key: bytes, digest: object, minimal_security: int) -> Outcome:
    """Take what the pretending prover makes."""
    form = ProofForm(proof[64:].partition(b":")[0].decode())
    FakeEngine().verify(proof, key, form)
    return outcome_of(form, SIZES[key])


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("zisk.sdk.remote.derived_key", derived_key)
    monkeypatch.setattr("zisk.sdk.remote_job.verify", verify)
    with (
        background_cluster(tmp_path, "ab") as cluster,
        ProverClient.remote(f"http://127.0.0.1:{cluster.endpoints.api_port}") as client,
    ):
        yield client


def expected(data: bytes, key: bytes, form: ProofForm = ProofForm.FINAL) -> Proof:
    """What the client hands out."""
    return Proof(data, key, REPORT, outcome_of(form))


def test_upload_setup_execute_prove(client: ProverClient):
    program = client.upload(ELF)
    key = program_of(ELF).key
    assert client.setup(program) == key
    assert client.execute(program, b"input") == REPORT
    assert client.prove(program, b"input") == expected(proof_of(ELF, b"input"), key)


def test_a_proof_is_saved_whole_and_through_what_is_no_file(tmp_path: Path):
    proof = expected(b"the proof", b"key")
    for place in (tmp_path / "proof", str(tmp_path / "proof")):
        proof.save(place)
        assert (tmp_path / "proof").read_bytes() == b"the proof"
    (tmp_path / "link").symlink_to(tmp_path / "proof")
    proof.save(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    proof.save("/dev/null")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(FileNotFoundError):
        proof.save(tmp_path / "nowhere" / "proof")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "proof"]


@pytest.mark.parametrize("form", ProofForm)
def test_every_form_can_be_asked_for(client: ProverClient, form: ProofForm):
    proof = client.prove(client.upload(ELF), b"input", form=form)
    key = program_of(ELF).key
    assert proof == expected(proof_of(ELF, b"input", form=form), key, form)


def test_options_reach_the_prover(client: ProverClient):
    program = client.upload(ELF)
    proof = client.prove(program, b"input", log_size=16, compute_capacity=7)
    assert proof.data == proof_of(ELF, b"input", units=7, log_size=16)


def test_large_things_travel_both_ways(client: ProverClient):
    elf, data = write_elf([code_part(NOP * (1 << 19))]), b"large" + b"d" * (2 << 20)
    proof = client.prove(client.upload(elf), data, form=ProofForm.COMPOSITE)
    assert len(proof.data) > 1 << 20
    assert proof.data == proof_of(elf, data, form=ProofForm.COMPOSITE)


def test_a_program_that_nobody_uploaded(client: ProverClient):
    with pytest.raises(UnknownProgramError, match="is not registered; upload it") as caught:
        client.prove(GuestProgram("00" * 32), digest=bytes(36))
    assert caught.value.kind is ErrorKind.UNKNOWN_PROGRAM


def test_more_capacity_than_there_is(client: ProverClient):
    with pytest.raises(SubmissionRefusedError, match="9 units asked for, 8 connected") as caught:
        client.prove(client.upload(ELF), compute_capacity=9)
    assert caught.value.kind.exit_code is ExitCode.NO_CAPACITY


def test_a_guest_that_faults(client: ProverClient):
    with pytest.raises(GuestFault, match="guest fault: unimp") as caught:
        client.execute(client.upload(ELF), b"fault")
    assert caught.value.kind is ErrorKind.GUEST_FAULT


def test_a_job_that_takes_too_long_is_cancelled(client: ProverClient):
    with pytest.raises(JobFailedError, match="was cancelled after the 1 s that it was given") as caught:
        client.prove(client.upload(ELF), b"slow", timeout=1)
    assert caught.value.kind is ErrorKind.TIMEOUT
    assert client.prove(client.upload(ELF), b"quick").data == proof_of(ELF, b"quick")


def test_no_worker(tmp_path: Path):
    with (
        background_cluster(tmp_path) as cluster,
        ProverClient.remote(f"http://127.0.0.1:{cluster.endpoints.api_port}") as client,
        pytest.raises(SubmissionRefusedError, match="no worker is connected; start one") as caught,
    ):
        client.prove(client.upload(ELF))
    assert caught.value.kind.exit_code is ExitCode.NO_CAPACITY


def test_nobody_there():
    with (
        ProverClient.remote("http://127.0.0.1:1") as client,
        pytest.raises(CoordinatorUnreachableError, match="no coordinator answers at") as caught,
    ):
        client.upload(ELF)
    assert caught.value.kind.exit_code is ExitCode.NO_CAPACITY


@pytest.mark.parametrize(
    "url",
    [
        *("https://host:7000", "http://host", "ftp://host:1", "http://host:port"),
        *("http://[::1", "http://\udcff:1"),
    ],
)
def test_an_address_that_is_none(url: str):
    with pytest.raises(ConfigurationError, match="write it as http://HOST:PORT"):
        ProverClient.remote(url)


@pytest.mark.parametrize("missing", ["grpc", "google.protobuf"])
def test_what_is_not_installed_is_named(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError) as caught:
        ProverClient.remote("http://127.0.0.1:1")
    assert (caught.value.name, str(caught.value)) == (
        missing,
        f"proving on a cluster takes {missing}, which cannot be imported here; "
        "install pyzisk with all it depends on, or prove in this process: ProverClient.embedded",
    )
