"""What scenarios share: a guest that fills several small segments, and the proofs of it."""

from importlib.resources import files

import pytest

from zisk import ProofForm, ProverClient
from zisk.sdk import GuestProgram

LOG_SIZE = 16


class Guest:
    """A guest of seven core segments of the smallest size, its input, and what one process makes of both."""

    def __init__(self) -> None:
        data = files("zisk") / "data"
        self.elf = (data / "sha-hasher.elf").read_bytes()
        self.input = (data / "sha-hasher.input").read_bytes()
        self._proofs: dict[ProofForm, bytes] = {}

    def proof(self, form: ProofForm) -> bytes:
        """The proof, made once."""
        if form not in self._proofs:
            with ProverClient.embedded() as client:
                program: GuestProgram = client.upload(self.elf)
                self._proofs[form] = client.prove(program, self.input, log_size=LOG_SIZE, form=form).data
        return self._proofs[form]


@pytest.fixture(scope="session")
def guest() -> Guest:
    return Guest()
