"""A prover that proves nothing, quickly and always the same: what the cluster is tested with.

A guest is any bytes; its input decides what happens: `fault`, `slow`, `liar` and `large` do as they say.
"""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zisk.cluster.engine import EngineError
from zisk.cluster.errors import FailureKind
from zisk.cluster.protocol.limits import INLINE_BYTES
from zisk.cluster.tasks import Execution
from zisk.progress import NULL_PROGRESS, Progress

OUTPUTS = tuple(range(64))
EXECUTION = Execution(steps=1_200, cycles=1_000, segments=3, exit_code=0, outputs=OUTPUTS)


@dataclass(frozen=True)
class FakeProgram:
    """A program; its key is made of everything that set-up depends on."""

    key: bytes


def program_of(elf: bytes, log_size: int = 20, security: int = 128) -> FakeProgram:
    """What set-up makes of an ELF."""
    return FakeProgram(_hash(elf, log_size, security))


def proof_of(elf: bytes, data: bytes, units: int = 10, log_size: int = 20) -> bytes:
    """The proof that any sharing out of the units ends in."""
    program = program_of(elf, log_size)
    contributions = [_contribution(program, data, [unit]) for unit in range(units)]
    challenge = FakeEngine().global_challenge(program, contributions, units)
    proofs = {unit: _unit_proof(data, challenge, unit) for unit in range(units)}
    return FakeEngine().assemble(program, challenge, proofs)


@dataclass
class FakeSession:
    """A part of a job."""

    program: FakeProgram
    data: bytes
    allocation: list[int]
    progress: Progress
    engine: "FakeEngine"

    def contributions(self) -> bytes:
        """Say which units these are."""
        if b"fault" in self.data:
            raise EngineError(FailureKind.GUEST_FAULT, "guest fault: unimp")
        self._take_time()
        return _contribution(self.program, self.data, self.allocation)

    def prove(self, challenge: bytes) -> list[bytes]:
        """A hash for each unit, or more than fits a message."""
        self._take_time()
        return [_unit_proof(self.data, challenge, unit) for unit in self.allocation]

    def _take_time(self) -> None:
        steps = 400 if b"slow" in self.data else 2
        with self.progress.phase("work", total=steps) as advance:
            for _ in range(steps):
                time.sleep(0.025 if b"slow" in self.data else 0)
                advance()


class FakeEngine:
    """The prover; `lie` makes it assemble proofs that do not hold."""

    def __init__(self, lie: bool = False) -> None:
        self.lie = lie

    def is_prepared(self) -> bool:
        """There is nothing to prepare."""
        return True

    def prepare(self) -> None:
        """There is nothing to prepare."""

    def setup(
        self, elf: bytes, *, log_size: int, security: int, progress: Progress = NULL_PROGRESS
    ) -> FakeProgram:
        """Hash the ELF."""
        return program_of(elf, log_size, security)

    def execute(self, elf: bytes, data: bytes, *, progress: Progress = NULL_PROGRESS) -> Execution:
        """Do nothing, or fault."""
        if b"fault" in data:
            raise EngineError(FailureKind.GUEST_FAULT, "guest fault: unimp")
        return EXECUTION

    def session(
        self,
        program: Any,
        data: bytes,
        *,
        units: int,
        allocation: Sequence[int],
        progress: Progress = NULL_PROGRESS,
    ) -> FakeSession:
        """Begin."""
        return FakeSession(program, data, list(allocation), progress, self)

    def global_challenge(self, program: Any, contributions: Sequence[bytes], units: int) -> bytes:
        """Hash the units, which must follow each other, and what they agree on."""
        decoded = [json.loads(contribution) for contribution in contributions]
        found = sorted(unit for entry in decoded for unit in entry["units"])
        if found != list(range(units)):
            raise ValueError(f"units {found}")
        if len({entry["claims"] for entry in decoded}) != 1:
            raise ValueError("the claims differ")
        return _hash(program.key, units, decoded[0]["claims"].encode())

    def encode_challenge(self, challenge: bytes) -> bytes:
        """The challenge is its own encoding."""
        return challenge

    def assemble(self, program: Any, challenge: bytes, proofs: Mapping[int, bytes]) -> bytes:
        """Join the proofs."""
        if self.lie:
            return b"a lie"
        return b"".join([program.key, challenge, *(proofs[unit] for unit in range(len(proofs)))])

    def verify(self, proof: bytes, key: bytes) -> Execution:
        """Look at the first bytes."""
        if not proof.startswith(key):
            raise EngineError(FailureKind.BAD_PROOF, "proof refused (key): another program")
        return Execution(EXECUTION.steps, None, EXECUTION.segments, 0, OUTPUTS)


def _hash(*parts: bytes | int) -> bytes:
    return hashlib.sha256(repr(parts).encode()).digest()


def _contribution(program: FakeProgram, data: bytes, units: Sequence[int]) -> bytes:
    claims = _hash(program.key, data).hex()
    if b"liar" in data:
        claims += repr(list(units))
    return json.dumps({"units": list(units), "claims": claims}).encode()


def _unit_proof(data: bytes, challenge: bytes, unit: int) -> bytes:
    size = INLINE_BYTES + 1 if b"large" in data else 32
    return _hash(challenge, unit).ljust(size, b".")
