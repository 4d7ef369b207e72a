"""What a job claims, and the global challenge that binds it."""

from __future__ import annotations

from dataclasses import dataclass

from zisk.field.koalabear import P
from zisk.hash.tags import TAG_JOB
from zisk.hash.transcript import Transcript
from zisk.prover.words import Reader, Writer
from zisk.stark.challenges import BusChallenge
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import FORMAT_VERSION, Digest
from zisk.stark.kind import WEIGHT_LIMIT, Term
from zisk.stark.transcript_order import JobChallenge, Work
from zisk.vm.kinds import LOWEST_KEY, job_terms

OUTPUT_WORDS = 64
WORD_LIMIT = 1 << 32
LIMBS = 4
LIMB_MASK = 0xFFFF
MAXIMAL_SEGMENTS = 1 << 20
"""Segment numbers stay far below p and fit the range checks of the boundary table."""
MAXIMAL_UNITS = 1 << 16


@dataclass(frozen=True, slots=True)
class Claims:
    """The public values of a run, and the numbers that describe how it was cut.

    Attributes:
        exit_code: a0 at the halt, 64 bits.
        outputs: the 64 public 32-bit words.
        core, edges: numbers of segments.
        last_key: the highest word of the edges chain.
    """

    exit_code: int
    outputs: tuple[int, ...]
    core: int
    edges: int
    last_key: int

    @property
    def segments(self) -> int:
        """Segments in all; their job-wide order is core, then edges."""
        return self.core + self.edges

    @property
    def exit_limbs(self) -> tuple[int, ...]:
        """The exit code in limbs of 16 bits, lowest first."""
        return tuple((self.exit_code >> (16 * index)) & LIMB_MASK for index in range(LIMBS))

    def elements(self) -> list[int]:
        """The claims as field elements."""
        limbs = [part for word in self.outputs for part in (word & LIMB_MASK, word >> 16)]
        return [self.core, self.edges, self.last_key, *self.exit_limbs, *limbs]

    def terms(self, entry: int) -> list[Term]:
        """The job's own messages on the global buses."""
        return job_terms(
            entry=entry,
            core_segments=self.core,
            edges_segments=self.edges,
            last_key=self.last_key,
            exit_code=self.exit_code,
            outputs=self.outputs,
        )


def check_claims(claims: Claims) -> None:
    """Check that claims are numbers that a run can have.

    Raises:
        VerificationError: they are not.
    """
    words_fit = len(claims.outputs) == OUTPUT_WORDS and all(0 <= word < WORD_LIMIT for word in claims.outputs)
    if not words_fit or not 0 <= claims.exit_code < 1 << 64 or not 0 <= claims.last_key < P:
        raise VerificationError(Rejection.STATEMENT, "a public value is out of range")
    if claims.core < 1 or claims.edges < 1 or claims.segments > MAXIMAL_SEGMENTS:
        raise VerificationError(Rejection.STATEMENT, "a job has at least one core and one edges segment")


def write_claims(writer: Writer, claims: Claims) -> None:
    """Append claims."""
    writer.u64(claims.exit_code)
    writer.u32(*claims.outputs, claims.core, claims.edges, claims.last_key)


def read_claims(reader: Reader) -> Claims:
    """Take claims; their ranges are checked where they are used."""
    exit_code, outputs = reader.u64(), reader.u32s(OUTPUT_WORDS)
    return Claims(exit_code, outputs, *reader.u32s(3))


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
    if count != claims.segments or not 1 <= units <= MAXIMAL_UNITS:
        raise VerificationError(Rejection.STATEMENT, f"{count} segments where {claims.segments} are claimed")
    if not 0 <= weight < WEIGHT_LIMIT:
        raise VerificationError(Rejection.STATEMENT, f"weight {weight} is not below {WEIGHT_LIMIT}")
    transcript = Transcript(TAG_JOB)
    transcript.absorb([FORMAT_VERSION, *root, count, weight])
    transcript.absorb([*program_digest, level, log_size, *keys, units, LOWEST_KEY, *claims.elements()])
    work.passed(transcript, grinding_bits)
    bus = BusChallenge(transcript.sample_extension(), transcript.sample_extension())
    return JobChallenge(transcript.state_digest(), bus)
