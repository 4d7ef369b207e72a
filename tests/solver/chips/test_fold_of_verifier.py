"""The specification of the fold chip, interpolation, is what the verifier computes: `verify_fri.fold_leaves`.

A fold is linear in the leaf, and of degree below 8 in the challenge: it takes c, its square and its fourth
power, each once. So leaves that are 1 in one place and eight challenges tell all of it at a point.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.solver.chips.fold import lagrange
from zisk.field.koalabear import P, coset_shift, inverse
from zisk.field.quintic import from_base
from zisk.recursion.chips.fold import ARITY
from zisk.stark.verify_fri import fold_leaves, points_of_leaves

LOG_LENGTH = 9


@pytest.mark.parametrize("leaf", [0, 1, 11, 63])
def test_a_fold_is_the_interpolating_polynomial_at_the_challenge(leaf: int) -> None:
    shift = coset_shift(8)
    base = int(points_of_leaves(np.array([ARITY * leaf]), shift, LOG_LENGTH)[0])
    for challenge in range(ARITY):
        for place in range(ARITY):
            values = np.zeros((5, 1, ARITY), np.uint64)
            values[0, 0, place] = 1
            folded = fold_leaves(np.array([leaf]), values, from_base(challenge), shift, LOG_LENGTH)
            t = challenge * inverse(base)
            expected = sum(one * pow(t, power, P) for power, one in enumerate(lagrange(place))) % P
            assert folded[:, 0].tolist() == [expected, 0, 0, 0, 0]
