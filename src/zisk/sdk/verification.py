"""Verification for applications: what is trusted is said by the caller, and again in the outcome."""

from collections.abc import Sequence
from dataclasses import replace

from zisk.choices import DEFAULT_SECURITY
from zisk.progress import NULL_PROGRESS, Progress
from zisk.proof_format.containers import decode_proof
from zisk.proof_format.forms import ProofForm
from zisk.proof_format.program_key import decode_key, digest_bytes
from zisk.sdk.arguments import digest_of, exit_code_of, level_of, outputs_of, whole_bytes
from zisk.sdk.derived_keys import derived_key, kept_key
from zisk.sdk.results import Proof
from zisk.stark.errors import Rejection, VerificationError
from zisk.verifier.outcome import KeyOrigin, Outcome
from zisk.verifier.policy import Policy
from zisk.verifier.screening import check_parameters, screen

__all__ = ["check_asked", "check_key", "check_shape", "trusted_key", "verify"]


def verify(
    proof: bytes | Proof,
    *,
    elf: bytes | None = None,
    key: bytes | None = None,
    digest: bytes | str | None = None,
    minimal_security: int = DEFAULT_SECURITY,
    expect_exit: int | None = None,
    expect_outputs: Sequence[int] | bytes | None = None,
    progress: Progress = NULL_PROGRESS,
) -> Outcome:
    """Check a proof against the program that it is to be of, in this process, and say what it proves.

    A proof holds for the program whose key it is verified under, so the key is what has to be right.
    Say where it comes from:

    - `elf`, the guest: its key is derived here, in seconds, and kept in the user's cache folder. Nobody else
      is trusted. This takes Numba and BLAKE3.
    - `key`, from someone you trust to have derived it from the guest. This takes NumPy alone.
    - `digest`, from someone you trust, in 36 bytes or hexadecimal, together with `key` from anyone, or with a
      `Proof`, which brings a key. The digest is a hash of all that is in a key, so no other key passes.
      It cannot do without one: a proof names its program, size and level, but verification also reads the
      entry point and the number of image chunks, which stand in the key and not in the proof.
      With `elf`, it says too that the guest is the one expected.

    A digest is of one guest, one size and one level. `minimal_security` is the lowest level that is taken, in
    bits. It is a bound, and need not be a level that proofs have: 0 takes every level, 101 takes 128 and not
    100, and above 128 no proof is taken. `expect_exit` and `expect_outputs` are the exit code and the public
    words that the run is to have: words that are left out are 0, an exit code below zero is meant as C means
    it.

    Raises:
        VerificationError: the proof does not hold, or is not what is asked for; `reason` and text say why.
        TypeError: an argument is of the wrong kind, or it is not said what is trusted.
        ValueError: a digest, an exit code or outputs are out of range.
        ImportError: `elf` is given, and what derives keys cannot be imported.
        InvalidGuestError: `elf` is no guest that the machine can run.
    """
    policy = Policy(
        level_of(minimal_security),
        digest_of(digest),
        exit_code_of(expect_exit),
        outputs_of(expect_outputs),
    )
    if isinstance(proof, Proof):
        proof, brought = proof.data, proof.key
    else:
        proof, brought = whole_bytes(proof, "the proof"), None
    if elf is not None and key is not None:
        raise TypeError("elf and key are both given; say which of them is trusted")
    if elf is None and key is None:
        if digest is None:
            raise TypeError("say what is trusted: give elf, key or digest")
        if brought is None:
            raise TypeError("a digest says which key is right, and no key is given; add key, from anyone")
        key = brought
    found, origin = trusted_key(proof, policy, elf=elf, key=key, progress=progress)
    from zisk import prover

    return replace(prover.verify(proof, found, policy), key_origin=origin)


def check_key(key: bytes, digest: bytes | str) -> None:
    """Check that a key has the program digest `digest`, so that it is the one that is trusted.

    Raises:
        VerificationError: it has another, or is no key.
        TypeError, ValueError: see `verify`.
    """
    found, expected = digest_bytes(decode_key(key).digest), digest_of(digest)
    if found != expected:
        assert expected is not None
        raise VerificationError(
            Rejection.POLICY, f"the key is of program {found.hex()}, the one expected is {expected.hex()}"
        )


def check_shape(key: bytes, *, log_size: int, security: int) -> None:
    """Check that a key is for segments of 2^`log_size` steps at `security` bits: before a proof is made.

    Raises:
        VerificationError: it is not, or is no key.
    """
    decoded = decode_key(whole_bytes(key, "the key"))
    if (decoded.log_size, decoded.level) != (log_size, security):
        raise VerificationError(
            Rejection.KEY,
            f"the key is of size {decoded.log_size} and {decoded.level} bits, a proof of size {log_size} and "
            f"{security} bits is asked for; ask for the key's, or derive a key for these",
        )


def check_asked(outcome: Outcome, *, form: ProofForm | None, log_size: int | None) -> None:
    """Check that a proof that holds has the form and size that were asked for; None takes any.

    Raises:
        VerificationError: it has another.
    """
    if form not in (None, outcome.form):
        raise VerificationError(
            Rejection.POLICY, f"the proof is {outcome.form}, one that is {form} was asked for"
        )
    if log_size not in (None, outcome.log_size):
        raise VerificationError(
            Rejection.POLICY, f"the proof is of size {outcome.log_size}, one of size {log_size} was asked for"
        )


def trusted_key(
    proof: bytes, policy: Policy, *, elf: bytes | None, key: bytes | None, progress: Progress = NULL_PROGRESS
) -> tuple[bytes, KeyOrigin]:
    """The key to verify a proof under, and where it came from: as given, or derived from the guest.

    Nothing is derived for a proof that the policy does not take, or that no key makes valid.

    Raises:
        VerificationError: the bytes are no proof, or not one that the policy takes.
        ImportError, InvalidGuestError: see `verify`.
    """
    header = decode_proof(memoryview(proof))
    policy.check_header(header)
    if elf is None:
        origin = KeyOrigin.GIVEN if policy.digest is None else KeyOrigin.PINNED
        return whole_bytes(key, "the key"), origin
    check_parameters(header.level, header.log_size)
    elf = whole_bytes(elf, "the guest program")
    kept = kept_key(elf, log_size=header.log_size, security=header.level)
    if kept is not None:
        return kept, KeyOrigin.CACHED
    screen(proof)
    return derived_key(elf, log_size=header.log_size, security=header.level, progress=progress)
