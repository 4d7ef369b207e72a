"""The client that proves in its own process, on an example guest."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from zisk import KeyOrigin, ProofForm, ProverClient, VerificationError
from zisk.cluster.errors import UnknownProgramError
from zisk.sdk import GuestProgram
from zisk.vm.errors import GuestFault, NotAnElfError

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def client():
    with ProverClient.embedded() as client:
        yield client


def fibonacci(client: ProverClient) -> tuple[GuestProgram, bytes]:
    folder = EXAMPLES / "fibonacci"
    return client.upload((folder / "fibonacci.elf").read_bytes()), (folder / "inputs" / "90.bin").read_bytes()


@pytest.mark.parametrize("missing", ["numba", "blake3"])
def test_what_is_not_installed_is_named(missing: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError) as caught:
        ProverClient.embedded()
    assert (caught.value.name, str(caught.value)) == (
        missing,
        f"proving in this process takes {missing}, which cannot be imported here; "
        "install pyzisk with all it depends on, or prove on a cluster: ProverClient.remote",
    )


def test_execute(client: ProverClient):
    report = client.execute(*fibonacci(client))
    # The 90th Fibonacci number, 2880067194370816120, in two words.
    assert report.outputs[:2] == (2880067194370816120 % 2**32, 2880067194370816120 >> 32)
    assert report.exit_code == 0


def test_a_guest_that_faults(client: ProverClient):
    program = client.upload((EXAMPLES / "fault" / "fault.elf").read_bytes())
    with pytest.raises(GuestFault):
        client.execute(program)


def test_a_program_that_nobody_uploaded(client: ProverClient):
    with pytest.raises(UnknownProgramError, match="upload it first"):
        client.setup(GuestProgram("00" * 32))


@pytest.mark.slow
@pytest.mark.parametrize("form", [None, ProofForm.COMPOSITE])
def test_prove_and_verify(client: ProverClient, form: ProofForm | None):
    program, data = fibonacci(client)
    proof = client.prove(program, data, log_size=16, form=form, compute_capacity=2)
    assert (proof.key, proof.form) == (client.setup(program, log_size=16), form or ProofForm.FINAL)
    execution = client.execute(program, data)
    assert proof.report == replace(execution, segments=proof.report.segments)
    steps = execution.steps if form is ProofForm.COMPOSITE else None
    assert (proof.outcome.steps, proof.outcome.key_origin) == (steps, KeyOrigin.DERIVED)
    assert client.verify(proof.data, key=proof.key) == replace(proof.outcome, key_origin=KeyOrigin.GIVEN)
    with pytest.raises(VerificationError):
        client.verify(proof.data[:-1], key=proof.key)


@pytest.mark.slow
def test_a_run_is_proved_under_the_key_or_digest_that_is_given(client: ProverClient):
    program, data = fibonacci(client)
    key = client.setup(program, log_size=16, security=100)
    asked = {"log_size": 16, "security": 100, "form": "composite"}
    proof = client.prove(program, data, **asked, key=key)
    assert (proof.outcome.security, proof.outcome.key_origin) == (100, KeyOrigin.GIVEN)
    digest = proof.outcome.digest
    assert client.setup(program, log_size=16, security=100, digest=digest) == key
    with pytest.raises(VerificationError, match=f"the key is of program {digest.hex()}, the one expected is"):
        client.setup(program, log_size=16, security=100, digest=bytes(36))
    with pytest.raises(
        VerificationError, match="of size 16 and 100 bits, a proof of size 16 and 128 bits is"
    ):
        client.prove(program, data, log_size=16, key=key)


def test_what_is_no_guest_is_refused(client: ProverClient):
    with pytest.raises(NotAnElfError, match="not an ELF file"):
        client.upload(b"hello")
    for wrong in ("guest.elf", EXAMPLES, None):
        with pytest.raises(TypeError, match=f"the guest program is to be bytes, not {type(wrong).__name__}"):
            client.upload(wrong)  # pyright: ignore[reportArgumentType]


def test_what_is_no_program_input_or_form_is_refused(client: ProverClient):
    program, data = fibonacci(client)
    with pytest.raises(TypeError, match="a program is what upload returns, not str; upload the guest"):
        client.prove(program.hash_id, data)  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="the input is to be bytes, not str; read a file"):
        client.execute(program, "90.bin")  # pyright: ignore[reportArgumentType]
    text = "there is no form 'groth16' of proof; choose 'final', 'compressed', 'composite'"
    with pytest.raises(ValueError, match=text):
        client.prove(program, data, form="groth16")
