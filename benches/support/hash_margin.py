"""What algebraic attacks on our permutation cost by published formulas: `docs/soundness.md`, section 17.

An attack sets up equations for the outputs of a hash and solves them in about d^2 steps, d the degree of
their ideal (`OMEGA` is the least exponent that anyone assumes). By theorem 5.1 of ePrint 2026/306 that degree
is at most alpha^e for a preimage, e = outputs (full rounds - skipped) + (partial rounds - skipped) + degree,
where degree is what the skip itself leaves. That a collision counts partial rounds twice is from its lemma
5.5; the rest of that formula is ours. ePrint 2026/1792 has a cost of its own, of Macaulay matrices.

These are costs of one sort of attack, not bounds on all.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, log2

from zisk.hash.sponge import DIGEST_LENGTH, RATE
from zisk.kernels.parameters import P
from zisk.kernels.poseidon2_constants import HALF_EXTERNAL_ROUNDS, INTERNAL_ROUNDS, WIDTH

OMEGA, ALPHA = 2, 3
CONDITIONS_OF_FULL_ROUND = 4
"""Free conditions that a round skip takes for each full round, by ePrint 2026/306."""
ROUNDS_OF_CONDITION = 2
"""Partial rounds that one free condition takes away, by ePrint 2026/1792; a linear one takes one."""


@dataclass(frozen=True, slots=True)
class Permutation:
    """S-box exponent, rounds, elements of the state, and size of the field."""

    alpha: int
    full: int
    partial: int
    width: int = WIDTH
    field_size: int = P


OURS = Permutation(ALPHA, 2 * HALF_EXTERNAL_ROUNDS, INTERNAL_ROUNDS)


@dataclass(frozen=True, slots=True)
class Attack:
    """A preimage or a collision on a use of the permutation.

    Attributes:
        inputs: elements that an attacker chooses in one input.
        sides: inputs that he searches: one for a preimage, two for a collision.
    """

    name: str
    inputs: int
    sides: int
    outputs: int = DIGEST_LENGTH

    @property
    def conditions(self) -> int:
        """Conditions that he can add to the equations for the outputs and still expect a solution."""
        return self.sides * self.inputs - self.outputs


ATTACKS = (
    Attack("sponge preimage", RATE, 1),
    Attack("node preimage", 2 * DIGEST_LENGTH, 1),
    Attack("sponge collision", RATE, 2),
    Attack("node collision", 2 * DIGEST_LENGTH, 2),
)


def exponent(
    permutation: Permutation,
    outputs: int,
    *,
    sides: int = 1,
    full: int = 0,
    partial: int = 0,
    degree: int = 0,
) -> int:
    """e, where `full` rounds are skipped and `partial` ones, those of all sides together."""
    remaining = max(sides * permutation.partial - partial, 0)
    return outputs * (permutation.full - full) + remaining + degree


def work_bits(permutation: Permutation, power: int) -> float:
    """log2 of alpha^(2 e)."""
    return OMEGA * power * log2(permutation.alpha)


def cheapest(attack: Attack, permutation: Permutation = OURS) -> int:
    """The least e that the free conditions buy at the published prices, the skip itself for nothing."""
    found = []
    for full in range(HALF_EXTERNAL_ROUNDS + 1):
        left = attack.conditions - attack.sides * CONDITIONS_OF_FULL_ROUND * full
        if left >= 0:
            skipped = ROUNDS_OF_CONDITION * left
            found.append(
                exponent(permutation, attack.outputs, sides=attack.sides, full=full, partial=skipped)
            )
    return min(found)


def with_free_rounds(attack: Attack, permutation: Permutation = OURS) -> int:
    """e, were the first external rounds skipped for nothing, and two internal ones for each condition."""
    return exponent(
        permutation,
        attack.outputs,
        sides=attack.sides,
        full=permutation.full // 2,
        partial=ROUNDS_OF_CONDITION * attack.conditions,
    )


def macaulay_bits(permutation: Permutation, inputs: int, outputs: int) -> dict[str, float]:
    """log2 of the work for a preimage by models of ePrint 2026/1792, section 4.1, for three outputs or more.

    Equations in n variables, whose degrees add up to s, take the square of s + 1 over n. The models: outputs
    alone, with a variable for each; nonlinear trails over internal rounds; and these with the state before
    the trail as variables besides, at the best place.
    """
    half, conditions = permutation.full // 2, inputs - outputs
    trail = ROUNDS_OF_CONDITION * conditions

    def degree(rounds: int) -> int:
        return min(permutation.alpha**rounds, permutation.field_size - 2)

    rounds = permutation.full + permutation.partial
    placed = [
        permutation.width * degree(half + before)
        + outputs * degree(rounds - half - before - trail)
        + conditions * permutation.alpha
        for before in range(permutation.partial - trail)
    ]
    matrices = {
        "outputs": comb(1 + outputs * degree(rounds), outputs),
        "trails": comb(1 + outputs * degree(rounds - trail) + conditions * degree(half + 1), inputs),
        "trails and states": comb(1 + min(placed), permutation.width + inputs),
    }
    return {model: OMEGA * log2(size) for model, size in matrices.items()}
