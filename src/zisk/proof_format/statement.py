"""What a job claims, and the global challenge that binds it."""

from __future__ import annotations

from dataclasses import dataclass
from operator import lt

from zisk.choices import MAXIMAL_UNITS, PUBLIC_WORDS
from zisk.field.koalabear import P
from zisk.hash.tags import TAG_JOB
from zisk.hash.transcript import Transcript
from zisk.proof_format.words import Reader, Writer
from zisk.stark.challenges import BusChallenge
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import FORMAT_VERSION, Digest
from zisk.stark.kind import WEIGHT_LIMIT, Term
from zisk.stark.transcript_order import JobChallenge, Work
from zisk.vm.kinds import CLAIM_NAMES, KINDS, LOWEST_KEY, job_terms
from zisk.vm.segment_kind import SegmentKind

WORD_LIMIT = 1 << 32
LIMBS = 4
LIMB_MASK = 0xFFFF
MAXIMAL_SEGMENTS = 1 << 20
"""Segment numbers stay far below p and fit the range checks of the boundary table."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The public values of a run, and the numbers that describe how it was cut.

    Attributes:
        exit_code: a0 at the halt, 64 bits.
        outputs: the 64 public 32-bit words.
        counts: numbers of segments by kind, in the order of `KINDS`, which is their job-wide order.
        kind_claims: what is claimed of them beside, in the order of `CLAIM_NAMES`.
    """

    exit_code: int
    outputs: tuple[int, ...]
    counts: tuple[int, ...]
    kind_claims: tuple[int, ...]

    @property
    def segments(self) -> int:
        """Segments in all."""
        return sum(self.counts)

    def count(self, kind: SegmentKind) -> int:
        """Segments of a kind."""
        return self.counts[KINDS.index(kind)]

    @property
    def counts_by_name(self) -> dict[str, int]:
        """Numbers of segments by the names of their kinds."""
        return {kind.name: count for kind, count in zip(KINDS, self.counts, strict=True)}

    def located(self, position: int) -> tuple[SegmentKind, int]:
        """The kind of the segment at a position of the job-wide order, and its place among that kind's."""
        for kind, count in zip(KINDS, self.counts, strict=True):
            if position < count:
                return kind, position
            position -= count
        raise IndexError(f"the job has {self.segments} segments")

    @property
    def exit_limbs(self) -> tuple[int, ...]:
        """The exit code in limbs of 16 bits, lowest first."""
        return tuple((self.exit_code >> (16 * index)) & LIMB_MASK for index in range(LIMBS))

    def elements(self) -> list[int]:
        """The claims as field elements."""
        limbs = [part for word in self.outputs for part in (word & LIMB_MASK, word >> 16)]
        return [*self.counts, *self.kind_claims, *self.exit_limbs, *limbs]

    def terms(self, entry: int) -> list[Term]:
        """The job's own messages on the global buses."""
        claimed = dict(zip(CLAIM_NAMES, (*self.counts, *self.kind_claims), strict=True))
        return job_terms(entry=entry, exit_code=self.exit_code, outputs=self.outputs, **claimed)


def check_claims(claims: Claims) -> None:
    """Check that claims are numbers that a run can have.

    Raises:
        VerificationError: they are not.
    """
    words_fit = len(claims.outputs) == PUBLIC_WORDS and all(0 <= word < WORD_LIMIT for word in claims.outputs)
    claims_fit = all(0 <= value < P for value in claims.kind_claims)
    if not words_fit or not 0 <= claims.exit_code < 1 << 64 or not claims_fit:
        raise VerificationError(Rejection.STATEMENT, "a public value is out of range")
    least = [int(kind.is_required) for kind in KINDS]
    if any(map(lt, claims.counts, least)) or claims.segments > MAXIMAL_SEGMENTS:
        required = " and ".join(f"one {kind.name}" for kind in KINDS if kind.is_required)
        raise VerificationError(
            Rejection.STATEMENT, f"a job has at least {required} segment, and {MAXIMAL_SEGMENTS} at most"
        )


def write_claims(writer: Writer, claims: Claims) -> None:
    """Append claims."""
    writer.u64(claims.exit_code)
    writer.u32(*claims.outputs, *claims.counts, *claims.kind_claims)


def read_claims(reader: Reader) -> Claims:
    """Take claims; their ranges are checked where they are used."""
    exit_code, outputs = reader.u64(), reader.u32s(PUBLIC_WORDS)
    counts = reader.u32s(len(KINDS))
    return Claims(exit_code, outputs, counts, reader.u32s(len(CLAIM_NAMES) - len(KINDS)))


@dataclass(frozen=True, slots=True)
class GlobalChallenge:
    """The challenge of a job, with what it binds.

    Attributes:
        claims, units: what the job says of itself.
        leaves: the segments' digests in job-wide order.
        nonce: proof-of-work of the global challenge, if the level asks for one.
        job: what every segment's transcript absorbs.
    """

    claims: Claims
    units: int
    leaves: tuple[Digest, ...]
    weight: int
    nonces: tuple[int, ...]
    job: JobChallenge


def derive_challenge(
    *,
    program_digest: Digest,
    level: int,
    log_size: int,
    grinding_bits: int,
    keys: Digest,
    claims: Claims,
    units: int,
    root: Digest,
    count: int,
    weight: int,
    work: Work,
) -> JobChallenge:
    """Bind everything that a job's public terms depend on, and draw the global alpha and beta.

    `keys` is the root of the tree of allowed keys, `root` that of the contribution tree over `count` leaves.

    Raises:
        VerificationError: the claims are impossible, or the job is too large for the bus argument.
    """
    check_claims(claims)
    if not 1 <= units <= MAXIMAL_UNITS:
        raise VerificationError(Rejection.STATEMENT, f"no job has {units} units: it has 1 to {MAXIMAL_UNITS}")
    if count != claims.segments:
        raise VerificationError(Rejection.STATEMENT, f"{count} segments where {claims.segments} are claimed")
    if not 0 <= weight < WEIGHT_LIMIT:
        raise VerificationError(Rejection.STATEMENT, f"weight {weight} is not from 0 to {WEIGHT_LIMIT - 1}")
    transcript = Transcript(TAG_JOB)
    transcript.absorb([FORMAT_VERSION, *root, count, weight])
    transcript.absorb([*program_digest, level, log_size, *keys, units, LOWEST_KEY, *claims.elements()])
    work.passed(transcript, grinding_bits)
    bus = BusChallenge(transcript.sample_extension(), transcript.sample_extension())
    return JobChallenge(transcript.state_digest(), bus)
