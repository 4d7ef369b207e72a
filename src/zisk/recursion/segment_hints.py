"""What a segment verifier's circuit is executed with: the parts of a proof in the order in which it asks.

A proof opens a tree at all distinct queries with shared siblings; a circuit follows every path alone. So the
shared openings are written out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zisk.field.quintic import Element
from zisk.hash.opening import missing_siblings
from zisk.hash.rows import compress_pairs, hash_leaves, hash_rows
from zisk.hash.tags import TAG_CODEWORD, TAG_LEAF
from zisk.stark.batching import leaf_parts
from zisk.stark.key import Digest, VerifyingKey, flatten
from zisk.stark.proof import SegmentProof, TreeOpening, committed_trees
from zisk.stark.transcript_order import CheckedWork, JobChallenge, SegmentTranscript


@dataclass(frozen=True, slots=True)
class SegmentHints:
    """What `zisk.recursion.segment_circuit.verify_in_circuit` needs of one proof; all canonical.

    Attributes:
        values: the hints.
        gamma: the challenge of its Horner sums.
    """

    values: Sequence[int] | NDArray[np.integer]
    gamma: Element

    def after(self, *parts: Sequence[int]) -> SegmentHints:
        """These hints behind those of what the circuit takes first."""
        head = [value for part in parts for value in part]
        return SegmentHints(np.concatenate([np.array(head, np.int64), self.values]), self.gamma)


def segment_hints(
    proof: SegmentProof, key: VerifyingKey, program_digest: Digest, job: JobChallenge
) -> SegmentHints:
    """The hints and the challenge of a circuit that verifies this proof.

    Raises:
        VerificationError: a nonce of the proof does not meet its bits.
    """
    parameters, nonces = key.parameters, iter(proof.nonces)

    def work(bits: int) -> list[int]:
        return [next(nonces)] if bits else []

    hints = [*flatten(proof.main_cap), *work(parameters.local_grinding_bits)]
    hints += [*flatten(proof.stage2_cap), *_coefficients(proof.sums)]
    hints += [*work(parameters.constraint_grinding_bits), *flatten(proof.quotient_cap)]
    hints += work(parameters.deep_grinding_bits)
    hints += [*_coefficients(proof.here), *_coefficients(proof.following)]
    hints += work(parameters.batching_grinding_bits)
    for number, cap in enumerate(proof.fold_caps):
        hints += [*flatten(cap), *work(parameters.fold_grinding(number))]
    hints += [*_coefficients(proof.final_polynomial), *work(parameters.query_grinding_bits)]

    gamma, indices = _drawn(proof, key, program_digest, job)
    log_leaves, log_arity = key.kind.log_size + parameters.log_blowup, parameters.log_folding_arity
    openings = [
        (0, hash_leaves(TAG_LEAF, leaf_parts(key.kind, tree), opening.rows), opening)
        for tree, opening in zip(committed_trees(key.kind), proof.trees, strict=True)
    ]
    openings += [
        (log_arity * number, hash_rows(TAG_CODEWORD, layer.rows), layer)
        for number, layer in enumerate(proof.layers, start=1)
    ]
    paths = []
    for shift, digests, opening in openings:
        leaves, queries = np.unique(np.array(indices, np.int64) >> shift, return_inverse=True)
        single = single_openings(digests, log_leaves - shift, parameters.cap_log, leaves, opening)
        paths.append(single[queries])
    values = [np.array(hints, np.uint32), np.concatenate(paths, axis=1).reshape(-1)]
    return SegmentHints(np.concatenate(values), gamma)


def _drawn(
    proof: SegmentProof, key: VerifyingKey, program_digest: Digest, job: JobChallenge
) -> tuple[Element, list[int]]:
    """What a proof's transcript draws: gamma, and the queried leaves in the order of drawing."""
    transcript = SegmentTranscript(key, CheckedWork(proof.nonces))
    transcript.commit_main(program_digest, proof.log_heights, proof.publics, proof.main_cap)
    transcript.local_challenge(job)
    transcript.constraint_challenge(proof.stage2_cap, proof.sums)
    transcript.point(proof.quotient_cap)
    gamma = transcript.batching_challenge((*proof.here, *proof.following))
    for number, cap in enumerate(proof.fold_caps):
        transcript.fold_challenge(number, cap)
    return gamma, transcript.query_indices(proof.final_polynomial)


def single_openings(
    digests: NDArray[np.uint32],
    log_leaves: int,
    cap_log: int,
    leaves: NDArray[np.int64],
    opening: TreeOpening,
) -> NDArray[np.uint32]:
    """For each of some distinct ascending leaves its row, then its siblings from the leaf upwards.

    `digests` are those of the opened rows, uint32[k, 9]. Returns uint32[k, width + 9 * depth].
    """
    given, parts = opening.siblings, [opening.rows]
    for depth, (known, missing) in enumerate(missing_siblings(log_leaves, cap_log, leaves)):
        nodes = np.concatenate((known, missing))
        order = np.argsort(nodes)
        level = np.concatenate((digests, given[: len(missing)]))[order]
        given = given[len(missing) :]
        parts.append(level[np.searchsorted(nodes[order], (leaves >> depth) ^ 1)])
        digests = compress_pairs(level[0::2], level[1::2])
    return np.concatenate(parts, axis=1).astype(np.uint32)


def _coefficients(values: Sequence[Element]) -> list[int]:
    return [coefficient for value in values for coefficient in value]
