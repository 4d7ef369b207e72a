"""A prover that proves nothing, quickly and always the same: what the cluster is tested with.

A guest is any bytes; its input decides what happens: `fault`, `slow`, `liar` and `large` do as they say.
A final or compressed proof folds neighbouring units as soon as both are there; a composite one has them all.
A unit is one segment: its position and its place are its number. Sessions keep leaves, aggregations nodes.
"""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zisk.cluster.engines.protocol import (
    NOTHING_COMMITTED,
    NOTHING_STORED,
    Keep,
    OnCommit,
    OnRefusal,
    Span,
    ignore_refusal,
)
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

    @property
    def digest(self) -> bytes:
        """What stands for the key."""
        return b"digest of " + self.key


class FakeChallenge(bytes):
    """A challenge, which knows the number of units."""

    units: int


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
    committed: Mapping[int, bytes] = field(default_factory=dict)
    on_commit: OnCommit | None = None
    execution: Counts = COUNTS

    def contributions(self) -> bytes:
        """Say which units these are."""
        if b"fault" in self.data:
            raise GuestFault.told("guest fault: unimp")
        for unit in self._working([unit for unit in self.allocation if unit not in self.committed]):
            if self.on_commit is not None:
                self.on_commit(unit, _hash(self.program.key, self.data, unit))
        return _contribution(self.program, self.data, self.allocation)

    def prove(
        self,
        challenge: FakeChallenge,
        *,
        stored: Mapping[Span, bytes] = NOTHING_STORED,
        keep: Keep | None = None,
        on_refusal: OnRefusal = ignore_refusal,
    ) -> list[bytes]:
        """A hash for each unit, or more than fits a message."""
        leaves = [(unit, unit + 1) for unit in self.allocation]
        wanted = {span: stored[span] for span in leaves if span in stored}
        proofs = {first: data for (first, _), data in _held(wanted, challenge, self.form, on_refusal).items()}
        for unit in self._working([unit for unit in self.allocation if unit not in proofs]):
            proofs[unit] = b"junk" if self.junk else _payload(self.data, challenge, unit, self.form)
            if keep is not None:
                keep((unit, unit + 1), proofs[unit])
        return [proofs[unit] for unit in self.allocation]

    def _working(self, units: Sequence[int]) -> Iterator[int]:
        """These units, each after its share of the time that all of the session's take."""
        slow = b"slow" in self.data and not self.hasty
        steps = (400 if slow else 2) * len(units) // len(self.allocation)
        with self.progress.phase("work", total=steps) as advance:
            for number, unit in enumerate(units):
                for _ in range(steps * number // len(units), steps * (number + 1) // len(units)):
                    time.sleep(0.025 if slow else 0)
                    advance()
                yield unit


@dataclass
class FakeAggregation:
    """Folds neighbouring runs of units as soon as both are there; `folded` is by first unit and the next."""

    program: FakeProgram
    challenge: FakeChallenge
    form: ProofForm
    progress: Progress
    engine: "FakeEngine"
    keep: Keep | None = None
    folded: dict[Span, bytes] = field(default_factory=dict)
    delivered: set[int] = field(default_factory=set)

    @property
    def missing(self) -> list[int]:
        """Units that are not there."""
        return [unit for unit in range(self.challenge.units) if not self._is_there(unit)]

    def restore(self, stored: Mapping[Span, bytes], on_refusal: OnRefusal) -> None:
        """Take up what holds."""
        held = _held(stored, self.challenge, self.form, on_refusal)
        for span in sorted(held, key=lambda span: span[0] - span[1]):
            if not self._is_there(span[0]):
                self.folded[span] = held[span]
        for span in list(self.folded):
            self._fold_up(span)

    def add(self, unit: int, payload: bytes) -> None:
        """Take a payload in, if it is one that an honest session delivers."""
        if not payload.startswith(_hash(self.challenge, unit, self.form)):
            raise UnitProofError("it is no proof")
        if unit in self.delivered:
            raise UnitProofError("it is there")
        self.delivered.add(unit)
        if not self._is_there(unit):
            self.folded[unit, unit + 1] = payload
            self._fold_up((unit, unit + 1))

    def finish(self) -> bytes:
        """Fold what is left, or put it together."""
        if self.engine.lie:
            return b"a lie"
        if self.missing:
            raise UnitProofError(f"unit {self.missing[0]} is missing")
        parts = [self.folded[span] for span in sorted(self.folded)]
        if self.form is ProofForm.COMPOSITE:
            body = b"".join(parts)
        else:
            self._take_time()
            body = _hash(*parts)
        if self.form is ProofForm.COMPRESSED:
            body = body[:16]
        return b"".join([self.program.key, self.challenge, self.form.encode(), b":", body])

    def _is_there(self, unit: int) -> bool:
        return any(first <= unit < last for first, last in self.folded)

    def _fold_up(self, span: Span) -> None:
        """Fold a run with its neighbour of the same length, and so on."""
        while self.form is not ProofForm.COMPOSITE and span in self.folded:
            first, length = span[0], span[1] - span[0]
            other = (first ^ length, (first ^ length) + length)
            if other not in self.folded:
                return
            self._take_time()
            del self.folded[span], self.folded[other]
            span = (min(span[0], other[0]), max(span[1], other[1]))
            self.folded[span] = _node(self.challenge, span)
            if self.keep is not None:
                self.keep(span, self.folded[span])

    def _take_time(self) -> None:
        steps = 400 if self.engine.slow_fold else 1
        with self.progress.phase("fold", total=steps) as advance:
            for _ in range(steps):
                time.sleep(0.025 if self.engine.slow_fold else 0)
                advance()


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
        committed: Mapping[int, bytes] = NOTHING_COMMITTED,
        on_commit: OnCommit | None = None,
    ) -> FakeSession:
        """Begin."""
        return FakeSession(
            program, data, list(allocation), form, progress, self.junk, self.hasty, committed, on_commit
        )

    def global_challenge(self, program: Any, contributions: Sequence[bytes], units: int) -> FakeChallenge:
        """Hash the units, which must follow each other, and what they agree on."""
        decoded = [json.loads(contribution) for contribution in contributions]
        found = sorted(unit for entry in decoded for unit in entry["units"])
        if found != list(range(units)):
            raise ValueError(f"units {found}")
        if len({entry["claims"] for entry in decoded}) != 1:
            raise ValueError("the claims differ")
        challenge = FakeChallenge(_hash(program.key, units, decoded[0]["claims"].encode()))
        challenge.units = units
        return challenge

    def encode_challenge(self, challenge: FakeChallenge) -> bytes:
        """The challenge is its own encoding."""
        return bytes(challenge)

    def aggregation(
        self,
        program: Any,
        challenge: FakeChallenge,
        *,
        form: ProofForm,
        progress: Progress = NULL_PROGRESS,
        stored: Mapping[Span, bytes] = NOTHING_STORED,
        keep: Keep | None = None,
        on_refusal: OnRefusal = ignore_refusal,
    ) -> FakeAggregation:
        """Begin to fold."""
        aggregation = FakeAggregation(program, challenge, form, progress, self, keep)
        aggregation.restore(stored, on_refusal)
        return aggregation

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


def _held(
    stored: Mapping[Span, bytes], challenge: FakeChallenge, form: ProofForm, on_refusal: OnRefusal
) -> dict[Span, bytes]:
    """The pieces that an honest prover kept under this challenge."""
    found = {}
    for (first, last), data in stored.items():
        leaf, node = _hash(challenge, first, form), _node(challenge, (first, last))
        if data.startswith(leaf) if last - first == 1 else data == node:
            found[first, last] = data
        else:
            on_refusal((first, last), UnitProofError("it does not hold"))
    return found


def _node(challenge: FakeChallenge, span: Span) -> bytes:
    return _hash(challenge, "node", *span)


def _payload(data: bytes, challenge: bytes, unit: int, form: ProofForm) -> bytes:
    size = INLINE_BYTES + 1 if b"large" in data else 32
    return _hash(challenge, unit, form).ljust(size, b".")
