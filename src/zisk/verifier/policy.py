"""What a verifier asks of a proof beside that it holds."""

from __future__ import annotations

from dataclasses import dataclass

from zisk.choices import DEFAULT_SECURITY, PUBLIC_WORDS
from zisk.proof_format.job_header import JobHeader
from zisk.proof_format.program_key import digest_bytes
from zisk.stark.errors import Rejection, VerificationError
from zisk.verifier.outcome import Outcome, exit_text


@dataclass(frozen=True, slots=True)
class Policy:
    """What a verifier asks for; None asks for nothing.

    Attributes:
        minimal_security: the lowest level that is taken, in bits.
        digest: the program digest, 36 bytes.
        exit_code: a0 at the halt, 64 bits without sign.
        outputs: the 64 public words.
    """

    minimal_security: int = DEFAULT_SECURITY
    digest: bytes | None = None
    exit_code: int | None = None
    outputs: tuple[int, ...] | None = None

    def check_header(self, header: JobHeader) -> None:
        """Check what a proof says of itself, before anything is computed from it.

        That it is true is what verification shows.

        Raises:
            VerificationError: it is below the minimal level, or for another program.
        """
        if header.level < self.minimal_security:
            raise _refused(
                f"the proof has a security level of {header.level} bits, "
                f"at least {self.minimal_security} are asked for; where fewer are enough, say so with "
                "--min-security, or minimal_security in Python"
            )
        if self.digest is not None and digest_bytes(header.program) != self.digest:
            raise _refused(
                f"the proof is for program {digest_bytes(header.program).hex()}, "
                f"the one expected is {self.digest.hex()}; a digest is of one guest, size and level"
            )

    def check_outcome(self, outcome: Outcome) -> None:
        """Check what a proof that holds shows.

        Raises:
            VerificationError: the exit code or the outputs are not those expected.
        """
        expected = self.exit_code
        if expected is not None and expected != outcome.exit_code:
            raise _refused(
                f"the guest's exit code is {exit_text(outcome.exit_code)}, "
                f"the one expected is {exit_text(expected)}; "
                "guests of unmodified ZisK leave it undefined: expect none of those"
            )
        if self.outputs is None or self.outputs == outcome.outputs:
            return
        place = next(place for place in range(PUBLIC_WORDS) if self.outputs[place] != outcome.outputs[place])
        raise _refused(
            f"public word {place} is {outcome.outputs[place]:08x}, "
            f"the one expected is {self.outputs[place]:08x}; compare the guest's input and version"
        )


DEFAULT_POLICY = Policy()
"""128 bits at least, and nothing else."""

ANY_LEVEL = Policy(minimal_security=0)
"""Whatever level the key is of: for who derived it and so knows."""


def _refused(why: str) -> VerificationError:
    return VerificationError(Rejection.POLICY, why)
