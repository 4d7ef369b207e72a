"""What clients give back."""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from zisk.proof_format.forms import ProofForm
from zisk.verifier.outcome import Outcome
from zisk.whole_file import write_file

__all__ = ["Counted", "ExecutionReport", "GuestProgram", "Proof"]


@dataclass(frozen=True, slots=True)
class GuestProgram:
    """A guest program that a client knows.

    `hash_id` is BLAKE3 of its ELF, in hexadecimal: the same everywhere.
    """

    hash_id: str


class Counted(StrEnum):
    """Who counted the steps and cycles of a run."""

    HERE = "here"
    """This process, which executed the guest."""
    COORDINATOR = "coordinator"
    """A cluster: it is the coordinator's word, which no proof bears out."""


@dataclass(frozen=True, slots=True)
class ExecutionReport:
    """A run of a guest.

    `outputs` are the 64 output words, each below 2^32; `exit_code` is a0 at the halt, `segments` counts core
    segments. Beside a proof these are what the proof shows.
    `steps` are micro-operations, `cycles` RISC-V instructions, as `counted_by` counted them; `cycles` is None
    where it did not say. A composite proof shows the steps, any other neither.
    """

    steps: int
    cycles: int | None
    segments: int
    exit_code: int
    outputs: tuple[int, ...]
    counted_by: Counted


@dataclass(frozen=True, slots=True, repr=False)
class Proof:
    """A proof of a run, verified before it is handed out.

    `data` are the bytes that `zisk.verify` takes, `key` the key that they were verified under.
    `outcome` is what the proof shows, of which program, and where the key came from; `report` is about the
    run, `form` says what the proof is made of.

    Whoever gets a proof from you has to trust you with the key, or derive it from the guest.
    """

    data: bytes
    key: bytes
    report: ExecutionReport
    outcome: Outcome

    @property
    def form(self) -> ProofForm:
        """What the proof is made of."""
        return self.outcome.form

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write `data` to a file, whole or not at all: what `zisk verify -p` reads.

        Raises:
            OSError: it cannot be written.
        """
        write_file(Path(path), self.data)

    def __repr__(self) -> str:
        shown = self.outcome
        return (
            f"<{shown.form} proof of {len(self.data):,} bytes, {shown.security} bits, "
            f"exit code {shown.exit_code}, of program {shown.digest.hex()}>"
        )
