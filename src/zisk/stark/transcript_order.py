"""The one order in which prover and verifier absorb items and draw challenges.

Both run the same methods in the same order; they differ only in how a proof-of-work is passed: the
prover searches a nonce, the verifier checks the one it was given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from zisk.field.quintic import Element
from zisk.hash.rows import state_digests
from zisk.hash.tags import TAG_SEGMENT
from zisk.hash.transcript import Transcript
from zisk.kernels.backend import Backend
from zisk.stages import NULL_STAGES, Stage, Stages
from zisk.stark.challenges import BusChallenge
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import FORMAT_VERSION, Digest, VerifyingKey, flatten

LEAVES_AT_ONCE = 256
"""Leaf digests that are computed together: their rows take a megabyte."""


class Work(Protocol):
    """How a side of the protocol passes a proof-of-work."""

    def passed(self, transcript: Transcript, bits: int) -> None:
        """Absorb a nonce that meets `bits`; with 0 bits do nothing."""
        ...


class SearchedWork:
    """The prover's side: searches the smallest nonce and keeps it."""

    def __init__(self, backend: Backend, stages: Stages = NULL_STAGES) -> None:
        self.nonces: list[int] = []
        self._backend, self._stages = backend, stages

    def passed(self, transcript: Transcript, bits: int) -> None:
        """Search a nonce."""
        if bits:
            with self._stages.stage(Stage.PROOF_OF_WORK):
                self.nonces.append(transcript.grind(bits, self._backend))


class CheckedWork:
    """The verifier's side: takes the nonces of a proof in order."""

    def __init__(self, nonces: Iterable[int]) -> None:
        self._nonces: Iterator[int] = iter(nonces)

    def passed(self, transcript: Transcript, bits: int) -> None:
        """Check the next nonce.

        Raises:
            VerificationError: it is missing or does not meet its bits.
        """
        if not bits:
            return
        nonce = next(self._nonces, None)
        if nonce is None or not transcript.check_nonce(nonce, bits):
            raise VerificationError(Rejection.PROOF_OF_WORK, f"a nonce does not show {bits} zero bits")


@dataclass(frozen=True, slots=True)
class JobChallenge:
    """The global challenge as a segment's transcript absorbs it.

    Attributes:
        binding: digest of everything that the challenge binds.
        bus: alpha and beta of the global buses.
    """

    binding: Digest
    bus: BusChallenge


class SegmentTranscript:
    """A segment's transcript, one method a step, to be called in the order of definition."""

    def __init__(self, key: VerifyingKey, work: Work) -> None:
        self._key = key
        self._parameters = key.parameters
        self._work = work
        self._transcript = Transcript(TAG_SEGMENT)

    def commit_main(
        self,
        program_digest: Digest,
        log_heights: Sequence[int],
        publics: Sequence[int],
        cap: Sequence[Digest],
    ) -> Digest:
        """Absorb the segment up to its main cap; returns its leaf digest in the job's contribution tree."""
        self._transcript.absorb(_opening_items(self._key, program_digest))
        self._transcript.absorb([*log_heights, *publics, *flatten(cap)])
        return self._transcript.state_digest()

    def local_challenge(self, job: JobChallenge) -> BusChallenge:
        """Absorb the job's challenge and draw the local buses' alpha and beta."""
        self._transcript.absorb([*job.binding, *job.bus.alpha, *job.bus.beta])
        self._work.passed(self._transcript, self._parameters.local_grinding_bits)
        return BusChallenge(self._transcript.sample_extension(), self._transcript.sample_extension())

    def constraint_challenge(self, cap: Sequence[Digest], sums: Iterable[Element]) -> Element:
        """Absorb the LogUp columns and every exposed sum, and draw the constraints' beta."""
        self._transcript.absorb([*flatten(cap), *flatten(list(sums))])
        self._work.passed(self._transcript, self._parameters.constraint_grinding_bits)
        return self._transcript.sample_extension()

    def point(self, cap: Sequence[Digest]) -> Element:
        """Absorb the quotient and draw zeta."""
        self._transcript.absorb(flatten(cap))
        self._work.passed(self._transcript, self._parameters.deep_grinding_bits)
        return self._transcript.sample_extension()

    def batching_challenge(self, openings: Iterable[Element]) -> Element:
        """Absorb all openings and draw gamma."""
        self._transcript.absorb(flatten(list(openings)))
        self._work.passed(self._transcript, self._parameters.batching_grinding_bits)
        return self._transcript.sample_extension()

    def fold_challenge(self, fold: int, cap: Sequence[Digest]) -> Element:
        """Absorb the codeword of a FRI round and draw its folding challenge."""
        self._transcript.absorb(flatten(cap))
        self._work.passed(self._transcript, self._parameters.fold_grinding(fold))
        return self._transcript.sample_extension()

    def query_indices(self, final_polynomial: Iterable[Element]) -> list[int]:
        """Absorb the final polynomial and draw the queried leaves, below 2^(log_size + log_blowup)."""
        self._transcript.absorb(flatten(list(final_polynomial)))
        self._work.passed(self._transcript, self._parameters.query_grinding_bits)
        bits = self._key.kind.log_size + self._parameters.log_blowup
        return self._transcript.sample_indices(self._parameters.queries, bits)


def leaf_digests(
    keys: Sequence[VerifyingKey], program_digest: Digest, committed: Sequence[np.ndarray]
) -> list[Digest]:
    """What `commit_main` returns for each of many segments of one kind.

    `committed` are, for each, uint32[n], canonical: its log heights, publics and main cap, one after another.
    """
    found: list[Digest] = []
    for start in range(0, len(keys), LEAVES_AT_ONCE):
        some = zip(keys[start : start + LEAVES_AT_ONCE], committed[start:], strict=False)
        rows = [np.concatenate([_opening_items(key, program_digest), words]) for key, words in some]
        found += map(tuple, state_digests(TAG_SEGMENT, np.array(rows, dtype=np.uint32)).tolist())
    return found


def _opening_items(key: VerifyingKey, program_digest: Digest) -> list[int]:
    """What a segment's transcript absorbs before anything that the prover says."""
    return [FORMAT_VERSION, *key.digest, *program_digest, key.parameters.level, key.kind.log_size]
