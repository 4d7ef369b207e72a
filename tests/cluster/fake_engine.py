"""A prover that proves nothing, quickly and always the same: what the cluster is tested with.

A guest is any bytes; its input decides what happens: `fault`, `slow`, `liar` and `large` do as they say.
A final or compressed proof folds neighbouring units as soon as both are there; a composite one has them all.
"""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from zisk.cluster.protocol.limits import INLINE_BYTES
from zisk.cluster.tasks import Counts, Execution
from zisk.progress import NULL_PROGRESS, Progress
from zisk.proof_format.forms import ProofForm
from zisk.prover.errors import UnitProofError
from zisk.stark.errors import Rejection, VerificationError
from zisk.vm.errors import GuestFault

OUTPUTS = tuple(range(64))
COUNTS = Counts(steps=1_200, cycles=1_000)
EXECUTION = Execution(COUNTS.steps, COUNTS.cycles, segments=3, exit_code=0, outputs=OUTPUTS)


@dataclass(frozen=True)
class FakeProgram:
    """A program; its key is made of everything that set-up depends on."""

    key: bytes


def program_of(elf: bytes, log_size: int = 20, security: int = 128) -> FakeProgram:
    """What set-up makes of an ELF."""
    return FakeProgram(_hash(elf, log_size, security))


def proof_of(
    elf: bytes, data: bytes, units: int = 10, log_size: int = 20, form: ProofForm = ProofForm.FINAL
) -> bytes:
    """The proof that any sharing out of the units ends in."""
    program = program_of(elf, log_size)
    contributions = [_contribution(program, data, [unit]) for unit in range(units)]
    challenge = FakeEngine().global_challenge(program, contributions, units)
    aggregation = FakeEngine().aggregation(program, challenge, form=form)
    for unit in range(units):
        aggregation.add(unit, _payload(data, challenge, unit, form))
    return aggregation.finish()


@dataclass
class FakeSession:
    """A part of a job."""

    program: FakeProgram
    data: bytes
    allocation: list[int]
    form: ProofForm
    progress: Progress
    junk: bool
    hasty: bool
    execution: Counts = COUNTS

    def contributions(self) -> bytes:
        """Say which units these are."""
        if b"fault" in self.data:
            raise GuestFault.told("guest fault: unimp")
        self._take_time()
        return _contribution(self.program, self.data, self.allocation)

    def prove(self, challenge: bytes) -> list[bytes]:
        """A hash for each unit, or more than fits a message."""
        self._take_time()
        if self.junk:
            return [b"junk"] * len(self.allocation)
        return [_payload(self.data, challenge, unit, self.form) for unit in self.allocation]

    def _take_time(self) -> None:
        slow = b"slow" in self.data and not self.hasty
        steps = 400 if slow else 2
        with self.progress.phase("work", total=steps) as advance:
            for _ in range(steps):
                time.sleep(0.025 if slow else 0)
                advance()


@dataclass
class FakeAggregation:
    """Folds neighbouring runs of units as soon as both are there; `folded` is by first unit and length."""

    program: FakeProgram
    challenge: bytes
    form: ProofForm
    progress: Progress
    engine: "FakeEngine"
    folded: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def add(self, unit: int, payload: bytes) -> None:
        """Take a payload in, if it is one that an honest session delivers."""
        if not payload.startswith(_hash(self.challenge, unit, self.form)):
            raise UnitProofError("it is no proof")
        if (unit, 1) in self.folded:
            raise UnitProofError("it is there")
        self.folded[unit, 1] = payload
        run = (unit, 1)
        while self.form is not ProofForm.COMPOSITE and (other := (run[0] ^ run[1], run[1])) in self.folded:
            pair = sorted([run, other])
            run = (pair[0][0], 2 * run[1])
            self.folded[run] = self._fold([self.folded.pop(half) for half in pair])

    def finish(self) -> bytes:
        """Fold what is left, or put it together."""
        if self.engine.lie:
            return b"a lie"
        parts = [self.folded[run] for run in sorted(self.folded)]
        body = b"".join(parts) if self.form is ProofForm.COMPOSITE else self._fold(parts)
        if self.form is ProofForm.COMPRESSED:
            body = body[:16]
        return b"".join([self.program.key, self.challenge, self.form.encode(), b":", body])

    def _fold(self, parts: Sequence[bytes]) -> bytes:
        steps = 400 if self.engine.slow_fold else 1
        with self.progress.phase("fold", total=steps) as advance:
            for _ in range(steps):
                time.sleep(0.025 if self.engine.slow_fold else 0)
                advance()
        return _hash(*parts)


class FakeEngine:
    """The prover.

    `lie` makes it aggregate to proofs that do not hold, `junk` deliver what is no proof of a unit,
    `slow_fold` take long over every fold, and `hasty` take no time over `slow` inputs.
    """

    def __init__(
        self, *, lie: bool = False, junk: bool = False, slow_fold: bool = False, hasty: bool = False
    ) -> None:
        self.lie, self.junk, self.slow_fold, self.hasty = lie, junk, slow_fold, hasty

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
            raise GuestFault.told("guest fault: unimp")
        return EXECUTION

    def session(
        self,
        program: Any,
        data: bytes,
        *,
        units: int,
        allocation: Sequence[int],
        form: ProofForm,
        progress: Progress = NULL_PROGRESS,
    ) -> FakeSession:
        """Begin."""
        return FakeSession(program, data, list(allocation), form, progress, self.junk, self.hasty)

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

    def aggregation(
        self, program: Any, challenge: bytes, *, form: ProofForm, progress: Progress = NULL_PROGRESS
    ) -> FakeAggregation:
        """Begin to fold."""
        return FakeAggregation(program, challenge, form, progress, self)

    def verify(self, proof: bytes, key: bytes, form: ProofForm) -> Execution:
        """Look at the first bytes, and at the form after them."""
        if not proof.startswith(key):
            raise VerificationError(Rejection.KEY, "another program")
        if proof[64:].partition(b":")[0] != form.encode():
            raise VerificationError(Rejection.POLICY, "the proof is of another form")
        steps = COUNTS.steps if form is ProofForm.COMPOSITE else None
        return Execution(steps, None, EXECUTION.segments, 0, OUTPUTS)


def _hash(*parts: bytes | int | str) -> bytes:
    return hashlib.sha256(repr(parts).encode()).digest()


def _contribution(program: FakeProgram, data: bytes, units: Sequence[int]) -> bytes:
    claims = _hash(program.key, data).hex()
    if b"liar" in data:
        claims += repr(list(units))
    return json.dumps({"units": list(units), "claims": claims}).encode()


def _payload(data: bytes, challenge: bytes, unit: int, form: ProofForm) -> bytes:
    size = INLINE_BYTES + 1 if b"large" in data else 32
    return _hash(challenge, unit, form).ljust(size, b".")
