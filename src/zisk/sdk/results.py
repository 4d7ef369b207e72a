"""What clients give back."""

from dataclasses import dataclass

from zisk.prover.forms import ProofForm

__all__ = ["ExecutionReport", "GuestProgram", "Proof"]


@dataclass(frozen=True, slots=True)
class GuestProgram:
    """A guest program that a client knows.

    `hash_id` is BLAKE3 of its ELF, in hexadecimal: the same everywhere.
    """

    hash_id: str


@dataclass(frozen=True, slots=True)
class ExecutionReport:
    """A run of a guest.

    `steps` are micro-operations, `cycles` RISC-V instructions, as whoever executed the guest counted them.
    They are None where a proof alone says what happened: a composite one shows no cycles, any other neither.
    `outputs` are the 64 output words, each below 2^32; `exit_code` is a0 at the halt.
    """

    steps: int | None
    cycles: int | None
    segments: int
    exit_code: int
    outputs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof of a run.

    `data` are the bytes that `verify` takes, `key` the serialised key that they were made for.
    A verifier that trusts nobody derives the key from the ELF instead. `form` says what the proof is made of.
    """

    data: bytes
    key: bytes
    report: ExecutionReport
    form: ProofForm
