"""A small job of several segments: the executor is made to cut early, which the verifier must allow.

Each is proved once a process, whoever asks: pytest loads a conftest anew for everyone who imports it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from zisk.progress import Advance
from zisk.prover import (
    GlobalChallenge,
    Program,
    ProofForm,
    ProvingSession,
    global_challenge,
    prove,
    setup,
)
from zisk.prover.folded_parts import FoldedPart, decode_parts
from zisk.prover.unit_proof import assemble_job
from zisk.recursion.circuits import folding_parameters
from zisk.vm import executor

GUEST = Path(__file__).parents[2] / "examples" / "fibonacci"
DATA = (GUEST / "inputs" / "90.bin").read_bytes()
UNITS = 3
STEPS_PER_SEGMENT = 200
INNER = folding_parameters(128).inner


@cache
def program() -> Program:
    """The fibonacci guest, set up at size 16."""
    return setup((GUEST / "fibonacci.elf").read_bytes(), log_size=16)


def cut_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the executor cut after `STEPS_PER_SEGMENT` steps."""
    original = executor._maxima

    def maxima(log_size: int) -> np.ndarray:
        limits = original(log_size)
        limits[-2] = STEPS_PER_SEGMENT
        return limits

    monkeypatch.setattr(executor, "_maxima", maxima)


class Job:
    """A proved job, with the pieces that it was put together from."""

    def __init__(self, program: Program) -> None:
        self.program = program
        session = ProvingSession(
            program, DATA, units=UNITS, allocation=range(UNITS), form=ProofForm.COMPOSITE
        )
        self.contribution = session.contributions()
        self.challenge = global_challenge(program, [self.contribution])
        self.units = dict(enumerate(session.prove(self.challenge)))
        self.proof = assemble_job(program.program_key, self.challenge, self.units)


@cache
def job() -> Job:
    """Three core segments and the edges, over three units."""
    with pytest.MonkeyPatch.context() as patch:
        cut_early(patch)
        return Job(program())


@cache
def final() -> bytes:
    """The final proof of the same run."""
    with pytest.MonkeyPatch.context() as patch:
        cut_early(patch)
        return prove(program(), DATA, units=UNITS).proof


@dataclass(frozen=True)
class Payloads:
    """What the units of the job deliver, each proved alone and folded."""

    challenge: GlobalChallenge
    units: tuple[bytes, ...]

    def parts(self, unit: int) -> list[FoldedPart]:
        """The folded parts of a unit."""
        return decode_parts(self.units[unit], INNER)[1]


@cache
def payloads() -> Payloads:
    """The same run, folded by three sessions."""
    with pytest.MonkeyPatch.context() as patch:
        cut_early(patch)
        sessions = [ProvingSession(program(), DATA, units=UNITS, allocation=[unit]) for unit in range(UNITS)]
        challenge = global_challenge(program(), [session.contributions() for session in sessions])
        return Payloads(challenge, tuple(session.prove(challenge)[0] for session in sessions))


class Phases:
    """Keeps what was told of each phase: its total and the steps that were done."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int | None, int]] = []

    @contextmanager
    def phase(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """Count a phase."""
        done = 0

        def advance(steps: int = 1, /) -> None:
            nonlocal done
            done += steps

        yield advance
        self.told.append((name, total, done))

    def of(self, name: str) -> list[tuple[int | None, int]]:
        """Total and steps of each phase of a name."""
        return [(total, done) for found, total, done in self.told if found == name]
