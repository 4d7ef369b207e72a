"""The prover's FRI: commit to codewords, fold them by 8, end in a small polynomial."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from zisk.field import quintic
from zisk.field.koalabear import (
    P,
    bit_reversal,
    coset_shift,
    from_montgomery,
    inverse,
    root_of_unity,
    to_montgomery,
)
from zisk.field.quintic import DEGREE, Element
from zisk.hash.merkle import MerkleTree, commit_rows
from zisk.hash.tags import TAG_CODEWORD
from zisk.kernels import workspace
from zisk.kernels.cpu.fri import fold_pairs, square_even
from zisk.kernels.cpu.ntt import interpolate
from zisk.kernels.cpu.opening import powers
from zisk.kernels.pool import Pool
from zisk.stages import NULL_STAGES, Stage, Stages
from zisk.stark.commitment import cap_of
from zisk.stark.errors import TraceError
from zisk.stark.key import Digest
from zisk.stark.parameters import SecurityParameters
from zisk.stark.proof import TreeOpening
from zisk.stark.transcript_order import SegmentTranscript

ROWS_PER_TASK = 1 << 14


@dataclass(frozen=True, slots=True)
class FoldedLayer:
    """One committed codeword: uint32[leaves, 40], Montgomery, eight values to a leaf."""

    leaves: np.ndarray
    tree: MerkleTree

    @property
    def cap(self) -> tuple[Digest, ...]:
        """The Merkle cap, canonical."""
        return cap_of(self.tree)

    def open(self, leaves: list[int]) -> TreeOpening:
        """Open distinct leaves, given in ascending order."""
        rows = from_montgomery(self.leaves[np.array(leaves)]).astype(np.uint32)
        return TreeOpening(rows, self.tree.open(leaves))


def fold_codeword(
    codeword: np.ndarray,
    log_size: int,
    parameters: SecurityParameters,
    transcript: SegmentTranscript,
    pool: Pool,
    stages: Stages = NULL_STAGES,
) -> tuple[list[FoldedLayer], tuple[Element, ...]]:
    """Run the commit phase on a codeword (uint32[B N, 5] in the order of leaves, Montgomery).

    Returns:
        The committed layers, and the final polynomial's coefficients, lowest first, canonical.
    """
    log_length = log_size + parameters.log_blowup
    inverse_points = _inverse_points(log_size, log_length)
    layers: list[FoldedLayer] = []
    for fold in range(parameters.fri_rounds(log_size)):
        leaves = codeword.reshape(-1, DEGREE << parameters.log_folding_arity)
        with stages.stage(Stage.HASH):
            layer = FoldedLayer(leaves, commit_rows(leaves, TAG_CODEWORD, parameters.cap_log, pool))
        layers.append(layer)
        challenge = transcript.fold_challenge(fold, layer.cap)
        for _ in range(parameters.log_folding_arity):
            codeword = _fold_once(codeword, inverse_points, challenge, pool)
            inverse_points = _squared(inverse_points)
            challenge = quintic.mul(challenge, challenge)
    shift = pow(coset_shift(log_size), (1 << log_length) // len(codeword), P)
    return layers, _final_polynomial(codeword, shift, parameters, pool)


@lru_cache(maxsize=4)
def _inverse_points(log_size: int, log_length: int) -> np.ndarray:
    """1 / x of the first of each pair of leaves: uint32[B N / 2], Montgomery."""
    natural = workspace.empty((1 << (log_length - 1),))
    ratio = to_montgomery(np.array([inverse(root_of_unity(log_length)), inverse(coset_shift(log_size))]))
    powers(ratio[0], ratio[1], natural)
    return natural[bit_reversal(log_length - 1)]


def _squared(points: np.ndarray) -> np.ndarray:
    out = np.empty(points.size // 2, dtype=np.uint32)
    square_even(points, out)
    return out


def _fold_once(codeword: np.ndarray, points: np.ndarray, challenge: Element, pool: Pool) -> np.ndarray:
    out = workspace.empty((len(codeword) // 2, DEGREE))
    scalar = to_montgomery(np.array(challenge, dtype=np.uint64))
    half = to_montgomery(np.array([inverse(2)]))[0]

    def task(first: int) -> None:
        fold_pairs(codeword, points, scalar, half, out, first, min(first + ROWS_PER_TASK, len(out)))

    pool.map(task, range(0, len(out), ROWS_PER_TASK))
    return out


def _final_polynomial(
    codeword: np.ndarray, shift: int, parameters: SecurityParameters, pool: Pool
) -> tuple[Element, ...]:
    order = bit_reversal(len(codeword).bit_length() - 1)
    natural = np.ascontiguousarray(codeword[order].T)
    coefficients = from_montgomery(interpolate(natural, shift, pool))[:, order].T
    count = len(codeword) >> parameters.log_blowup
    if coefficients[count:].any():
        raise TraceError("the combined codeword has too high a degree: a constraint does not hold")
    return tuple(quintic.element(int(one) for one in row) for row in coefficients[:count])
