"""The prover's FRI: commit to codewords, fold them by 8, end in a small polynomial."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zisk.field import quintic
from zisk.field.koalabear import P, coset_shift, from_montgomery, to_montgomery
from zisk.field.quintic import DEGREE, Element
from zisk.hash.merkle import MerkleTree, commit_rows
from zisk.hash.tags import TAG_CODEWORD
from zisk.kernels.backend import Backend
from zisk.kernels.operands import Array
from zisk.stages import NULL_STAGES, Stage, Stages
from zisk.stark.commitment import cap_of
from zisk.stark.errors import TraceError
from zisk.stark.key import Digest
from zisk.stark.parameters import SecurityParameters
from zisk.stark.proof import TreeOpening
from zisk.stark.transcript_order import SegmentTranscript


@dataclass(frozen=True, slots=True)
class FoldedLayer:
    """One committed codeword, on its backend: uint32[leaves, 40], Montgomery, eight values to a leaf."""

    leaves: Array
    tree: MerkleTree
    backend: Backend

    @property
    def cap(self) -> tuple[Digest, ...]:
        """The Merkle cap, canonical."""
        return cap_of(self.tree)

    def open(self, leaves: list[int]) -> TreeOpening:
        """Open distinct leaves, given in ascending order."""
        rows = from_montgomery(self.backend.take(self.leaves, np.array(leaves), axis=0)).astype(np.uint32)
        return TreeOpening(rows, self.tree.open(leaves))


def fold_codeword(
    codeword: Array,
    log_size: int,
    parameters: SecurityParameters,
    transcript: SegmentTranscript,
    backend: Backend,
    stages: Stages = NULL_STAGES,
) -> tuple[list[FoldedLayer], tuple[Element, ...]]:
    """Run the commit phase on a codeword (uint32[B N, 5] in the order of leaves, Montgomery).

    Returns:
        The committed layers, and the final polynomial's coefficients, lowest first, canonical.
    """
    shift = coset_shift(log_size)
    layers: list[FoldedLayer] = []
    for fold in range(parameters.fri_rounds(log_size)):
        with stages.stage(Stage.HASH):
            layers.append(commit_layer(codeword, parameters, backend))
        challenge = transcript.fold_challenge(fold, layers[-1].cap)
        codeword = backend.fold(codeword, shift, halving_challenges(challenge, parameters))
        shift = pow(shift, 1 << parameters.log_folding_arity, P)
    return layers, _final_polynomial(codeword, shift, parameters, backend)


def commit_layer(codeword: Array, parameters: SecurityParameters, backend: Backend) -> FoldedLayer:
    """Commit to a codeword, uint32[n, 5] in the order of leaves, Montgomery."""
    leaves = codeword.reshape(-1, DEGREE << parameters.log_folding_arity)
    return FoldedLayer(leaves, commit_rows(leaves, TAG_CODEWORD, parameters.cap_log, backend), backend)


def halving_challenges(challenge: Element, parameters: SecurityParameters) -> list[np.ndarray]:
    """The challenges of the folds in half that make up one round: squares, each of the one before."""
    found = []
    for _ in range(parameters.log_folding_arity):
        found.append(to_montgomery(challenge))
        challenge = quintic.mul(challenge, challenge)
    return found


def _final_polynomial(
    codeword: Array, shift: int, parameters: SecurityParameters, backend: Backend
) -> tuple[Element, ...]:
    coefficients = from_montgomery(backend.interpolate(codeword, shift))
    count = len(coefficients) >> parameters.log_blowup
    if coefficients[count:].any():
        raise TraceError("the combined codeword has too high a degree: a constraint does not hold")
    return tuple(quintic.element(int(one) for one in row) for row in coefficients[:count])
