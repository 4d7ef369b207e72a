"""The client that proves in its own process, on an example guest."""

from dataclasses import replace
from pathlib import Path

import pytest

from zisk import ProverClient
from zisk.prover import VerificationError
from zisk.sdk import GuestProgram, ProofForm
from zisk.vm.errors import GuestFault

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def client():
    with ProverClient.embedded() as client:
        yield client


def fibonacci(client: ProverClient) -> tuple[GuestProgram, bytes]:
    folder = EXAMPLES / "fibonacci"
    return client.upload((folder / "fibonacci.elf").read_bytes()), (folder / "inputs" / "90.bin").read_bytes()


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
    with pytest.raises(KeyError, match="upload it first"):
        client.setup(GuestProgram("00" * 32))


@pytest.mark.slow
@pytest.mark.parametrize("form", [None, *ProofForm])
def test_prove_and_verify(client: ProverClient, form: ProofForm | None):
    program, data = fibonacci(client)
    proof = client.prove(program, data, log_size=16, form=form, compute_capacity=2)
    assert (proof.key, proof.form) == (client.setup(program, log_size=16), form or ProofForm.FINAL)
    execution = client.execute(program, data)
    assert proof.report == replace(execution, segments=proof.report.segments)
    steps = execution.steps if form is ProofForm.COMPOSITE else None
    assert client.verify(proof.data, proof.key) == replace(proof.report, steps=steps, cycles=None)
    with pytest.raises(VerificationError):
        client.verify(proof.data[:-1], proof.key)
