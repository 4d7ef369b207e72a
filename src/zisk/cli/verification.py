"""What commands that verify have in common: what is trusted, what is expected, and the verification."""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zisk.cli import arguments, files, inputs
from zisk.cli.failures import CommandError
from zisk.cli.progress import command_progress
from zisk.errors import ErrorKind
from zisk.progress import NULL_PROGRESS

if TYPE_CHECKING:
    from zisk.verifier.outcome import Outcome
    from zisk.verifier.policy import Policy

_OUTPUTS_LIMIT = 256
"""Largest file of expected outputs, in bytes: 64 words of 4."""

_TRUST = {
    "given": "the key as given",
    "pinned": "the digest as given, which is that of the key",
    "derived": "the guest alone; its key was derived here now",
    "cached": "the guest alone; its key was derived by this user before and kept",
}
"""Whom a verifier trusts, by where the key came from."""


def add_key_sources(parser: "argparse._ActionsContainer", *, required: bool) -> None:
    """Add `-v/--vk` and `-e/--elf`, of which one says what is trusted."""
    source = parser.add_mutually_exclusive_group(required=required)
    source.add_argument("-v", "--vk", metavar="FILE", help="verifying key, from `zisk program-setup`")
    source.add_argument("-e", "--elf", metavar="FILE", help="guest program; its key is derived once and kept")


def add_expectations(parser: "argparse._ActionsContainer") -> None:
    """Add `--expect-digest`, `--expect-exit` and `--expect-outputs`."""
    parser.add_argument(
        "--expect-digest",
        metavar="HEX",
        help="refuse unless the proof is of the program with this digest; with it, -v may come from anyone",
    )
    arguments.add_expect_exit(parser)
    parser.add_argument(
        "--expect-outputs",
        metavar="WORDS",
        help="refuse unless the public words are these: hexadecimal, with commas or spaces between, zeros at "
        "the end left out, or `none`; @FILE takes the bytes that `zisk execute -o` wrote",
    )


def expects(parsed: argparse.Namespace) -> bool:
    """Whether a command line expects anything of what a proof shows."""
    expected = (parsed.expect_digest, parsed.expect_exit, parsed.expect_outputs)
    return any(one is not None for one in expected)


def policy_of(parsed: argparse.Namespace, minimal_security: int) -> "Policy":
    """What a command line asks of a proof.

    Raises CommandError where it cannot be understood.
    """
    from zisk.sdk.arguments import digest_of, outputs_of
    from zisk.verifier.policy import Policy

    try:
        return Policy(
            minimal_security,
            digest_of(parsed.expect_digest),
            parsed.expect_exit,
            None if parsed.expect_outputs is None else outputs_of(_words(parsed.expect_outputs)),
        )
    except ValueError as error:
        raise CommandError(ErrorKind.USAGE, str(error)) from None


def _words(text: str) -> list[int] | bytes:
    """Public words as they are typed, or the content of the file that holds them.

    Raises CommandError where there are none: that no word is expected is said with `none`.
    """
    if text.strip() == "none":
        return []
    words: list[int] | bytes
    try:
        if text.startswith("@"):
            words = files.read_bounded(text[1:], what="expected outputs", limit=_OUTPUTS_LIMIT)
        else:
            words = [int(word, 16) for word in text.replace(",", " ").split()]
    except ValueError:
        raise CommandError(
            ErrorKind.USAGE,
            f"--expect-outputs {text!r} are no hexadecimal words; write them as a report prints them",
        ) from None
    if not words:
        raise CommandError(
            ErrorKind.USAGE, f"--expect-outputs {text!r} has no word; write none where none is expected"
        )
    return words


@dataclass(frozen=True, slots=True)
class Trusted:
    """What a proof is to be verified against: a key or a guest, and None for the other."""

    key: bytes | None
    elf: bytes | None


def read_trusted(parsed: argparse.Namespace) -> Trusted | None:
    """The file that `-v` or `-e` names; None where there is neither.

    Raises CommandError with INPUT where it cannot be read.
    """
    from zisk.proof_format.program_key import largest_key

    if parsed.vk is not None:
        return Trusted(files.read_bounded(parsed.vk, what="key", limit=largest_key()), None)
    return None if parsed.elf is None else Trusted(None, inputs.read_elf(parsed.elf))


def verify(proof: bytes, trusted: Trusted, policy: "Policy") -> tuple["Outcome", float]:
    """Verify a proof; the outcome, and the seconds that it took without set-up.

    Raises CommandError where a key cannot be derived on this host, VerificationError for a proof that is
    refused.
    """
    from zisk import prover
    from zisk.sdk.verification import trusted_key

    with (
        _on_this_host(),
        command_progress() if trusted.key is None else nullcontext(NULL_PROGRESS) as progress,
    ):
        key, origin = trusted_key(proof, policy, elf=trusted.elf, key=trusted.key, progress=progress)
    start = time.perf_counter()
    outcome = replace(prover.verify(proof, key, policy), key_origin=origin)
    return outcome, time.perf_counter() - start


def check_trusted(trusted: Trusted, policy: "Policy", *, log_size: int, security: int) -> None:
    """Check that a proof of this size and level can be verified: before it is made.

    Raises CommandError where a key cannot be derived on this host, InvalidGuestError for what is no guest,
    VerificationError for a key that is none, or one of another size, level or program.
    """
    from zisk.sdk.derived_keys import require_derivable
    from zisk.sdk.verification import check_key, check_shape

    if trusted.key is not None:
        check_shape(trusted.key, log_size=log_size, security=security)
        if policy.digest is not None:
            check_key(trusted.key, policy.digest)
    elif trusted.elf is not None:
        with _on_this_host():
            require_derivable(trusted.elf, log_size=log_size, security=security)


@contextmanager
def _on_this_host() -> Iterator[None]:
    """Say that a key can be given where what derives one is not installed."""
    try:
        yield
    except ImportError as error:
        raise CommandError(ErrorKind.HOST, f"{error} with -v") from None


def trust_text(outcome: "Outcome") -> str:
    """Who had to be trusted with the key."""
    return _TRUST[outcome.key_origin]
