"""The transcript of a segment with items left out: what a careless verifier would run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum

from zisk.field.quintic import Element
from zisk.stark.challenges import BusChallenge
from zisk.stark.key import FORMAT_VERSION, Digest, VerifyingKey, flatten
from zisk.stark.transcript_order import JobChallenge, SegmentTranscript, Work


class Item(StrEnum):
    """What a segment's transcript absorbs, in its order; nonces are apart."""

    VERSION = "format version"
    KEY = "key digest"
    PROGRAM = "program digest"
    LEVEL = "security level"
    SIZE = "size"
    HEIGHTS = "heights"
    PUBLICS = "segment publics"
    MAIN = "main cap"
    JOB = "global challenge"
    STAGE2 = "stage-2 cap"
    SUMS = "exposed sums"
    QUOTIENT = "quotient cap"
    OPENINGS = "openings"
    LAYER = "cap of a FRI layer"
    FINAL = "final polynomial"


class LenientTranscript(SegmentTranscript):
    """`SegmentTranscript`, but for the items that it does not absorb."""

    def __init__(self, key: VerifyingKey, work: Work, omitted: Collection[Item] = ()) -> None:
        super().__init__(key, work)
        self._omitted = frozenset(omitted)

    def commit_main(
        self,
        program_digest: Digest,
        log_heights: Sequence[int],
        publics: Sequence[int],
        cap: Sequence[Digest],
    ) -> Digest:
        """The leaf digest, of the items that are left."""
        self._item(Item.VERSION, [FORMAT_VERSION])
        self._item(Item.KEY, self._key.digest)
        self._item(Item.PROGRAM, program_digest)
        self._item(Item.LEVEL, [self._parameters.level])
        self._item(Item.SIZE, [self._key.kind.log_size])
        self._item(Item.HEIGHTS, log_heights)
        self._item(Item.PUBLICS, publics)
        self._item(Item.MAIN, flatten(cap))
        return self._transcript.state_digest()

    def local_challenge(self, job: JobChallenge) -> BusChallenge:
        """Local alpha and beta."""
        self._item(Item.JOB, [*job.binding, *job.bus.alpha, *job.bus.beta])
        self._work.passed(self._transcript, self._parameters.local_grinding_bits)
        return BusChallenge(self._transcript.sample_extension(), self._transcript.sample_extension())

    def constraint_challenge(self, cap: Sequence[Digest], sums: Iterable[Element]) -> Element:
        """The constraints' beta."""
        self._item(Item.STAGE2, flatten(cap))
        self._item(Item.SUMS, flatten(list(sums)))
        self._work.passed(self._transcript, self._parameters.constraint_grinding_bits)
        return self._transcript.sample_extension()

    def point(self, cap: Sequence[Digest]) -> Element:
        """Zeta."""
        self._item(Item.QUOTIENT, flatten(cap))
        self._work.passed(self._transcript, self._parameters.deep_grinding_bits)
        return self._transcript.sample_extension()

    def batching_challenge(self, openings: Iterable[Element]) -> Element:
        """Gamma."""
        self._item(Item.OPENINGS, flatten(list(openings)))
        self._work.passed(self._transcript, self._parameters.batching_grinding_bits)
        return self._transcript.sample_extension()

    def fold_challenge(self, fold: int, cap: Sequence[Digest]) -> Element:
        """The challenge of a fold."""
        self._item(Item.LAYER, flatten(cap))
        self._work.passed(self._transcript, self._parameters.fold_grinding(fold))
        return self._transcript.sample_extension()

    def query_indices(self, final_polynomial: Iterable[Element]) -> list[int]:
        """The queried leaves."""
        self._item(Item.FINAL, flatten(list(final_polynomial)))
        self._work.passed(self._transcript, self._parameters.query_grinding_bits)
        bits = self._key.kind.log_size + self._parameters.log_blowup
        return self._transcript.sample_indices(self._parameters.queries, bits)

    def _item(self, item: Item, elements: Iterable[int]) -> None:
        if item not in self._omitted:
            self._transcript.absorb(elements)
