"""What every leaf, node, shrink and final circuit says in public: one set of values for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from zisk.field.quintic import DEGREE, ZERO
from zisk.hash.sponge import DIGEST_LENGTH, Digest
from zisk.recursion.chips.horner import challenge_names
from zisk.stark.challenges import BusChallenge
from zisk.stark.transcript_order import JobChallenge

Part = TypeVar("Part")
"""An element of F, or a wire in F."""

NO_PROGRAM: Digest = (0,) * DIGEST_LENGTH
NO_JOB = JobChallenge((0,) * DIGEST_LENGTH, BusChallenge(ZERO, ZERO))
"""What the transcripts of circuits absorb where segments have a program and a job: they have neither."""


@dataclass(frozen=True, slots=True)
class Interface(Generic[Part]):
    """A subtree of a job's segments, proved.

    Attributes:
        program: the program digest.
        binding: digest of what the job's global challenge binds.
        alpha, beta: the coefficients of the global challenge.
        keys: root of the tree of allowed keys.
        digest: of the subtree in the job's contribution tree.
        count: its segments.
        weight: the sum of their weights.
        total: coefficients of the sum that they leave on the global buses.
    """

    program: tuple[Part, ...]
    binding: tuple[Part, ...]
    alpha: tuple[Part, ...]
    beta: tuple[Part, ...]
    keys: tuple[Part, ...]
    digest: tuple[Part, ...]
    count: Part
    weight: Part
    total: tuple[Part, ...]

    @classmethod
    def split(cls, values: Sequence[Part]) -> Self:
        """From the values in order.

        Raises:
            ValueError: their number is not `INTERFACE_LENGTH`.
        """
        if len(values) != INTERFACE_LENGTH:
            raise ValueError(f"an interface has {INTERFACE_LENGTH} values, not {len(values)}")
        parts, start = [], 0
        for length in _LENGTHS:
            parts.append(tuple(values[start : start + length]))
            start += length
        *digests, (count,), (weight,), total = parts
        return cls(*digests, count=count, weight=weight, total=total)

    @classmethod
    def of_publics(cls, publics: Sequence[Part]) -> Self:
        """From all public values of a circuit, which begin with its challenges.

        Raises:
            ValueError: there are more or fewer than a circuit has.
        """
        return cls.split(publics[len(challenge_names()) :])

    @property
    def values(self) -> tuple[Part, ...]:
        """All values in order."""
        return (*self.job, *self.digest, self.count, self.weight, *self.total)

    @property
    def job(self) -> tuple[Part, ...]:
        """What all subtrees of one job have in common."""
        return (*self.program, *self.binding, *self.alpha, *self.beta, *self.keys)


_LENGTHS = (DIGEST_LENGTH, DIGEST_LENGTH, DEGREE, DEGREE, DIGEST_LENGTH, DIGEST_LENGTH, 1, 1, DEGREE)

INTERFACE_LENGTH = sum(_LENGTHS)
"""Public values of a circuit, beside its challenges."""
