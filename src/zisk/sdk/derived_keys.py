"""Keys that are derived here from the guest, so that nobody else has to be trusted with them."""

from zisk.progress import NULL_PROGRESS, Progress
from zisk.proof_format.program_key import decode_key
from zisk.sdk import key_cache
from zisk.sdk.requirements import require_proving
from zisk.stark.errors import VerificationError
from zisk.verifier.outcome import KeyOrigin
from zisk.vm.program import load_program

__all__ = ["derived_key", "kept_key", "require_derivable"]


def derived_key(
    elf: bytes, *, log_size: int, security: int, progress: Progress = NULL_PROGRESS
) -> tuple[bytes, KeyOrigin]:
    """The key of a guest for segments of 2^`log_size` steps at `security` bits, and whether it was kept.

    It comes from the user's cache folder, or by set-up, which takes seconds and is then kept there. The first
    set-up on a machine compiles the kernels, which takes up to a minute.

    Raises:
        ImportError: set-up is needed, and Numba or BLAKE3 cannot be imported.
        InvalidGuestError: the bytes are no guest that the machine can run at this size.
        UnknownSecurityLevelError: there is no such level.
    """
    kept = kept_key(elf, log_size=log_size, security=security)
    if kept is not None:
        return kept, KeyOrigin.CACHED
    _require_set_up()
    from zisk import prover

    key = prover.setup(elf, log_size=log_size, security=security, progress=progress).key
    key_cache.store(elf, log_size, security, key)
    return key, KeyOrigin.DERIVED


def require_derivable(elf: bytes, *, log_size: int, security: int) -> None:
    """Check that `derived_key` can answer: before work that is in vain without.

    Raises:
        ImportError: set-up is needed, and Numba or BLAKE3 cannot be imported.
        InvalidGuestError: the bytes are no guest that the machine can run at this size.
    """
    if kept_key(elf, log_size=log_size, security=security) is None:
        _require_set_up()
        load_program(elf, log_size)


def kept_key(elf: bytes, *, log_size: int, security: int) -> bytes | None:
    """The key of a guest that the user's cache folder holds; None where it has none, or a damaged one."""
    key = key_cache.load(elf, log_size, security)
    if key is None:
        return None
    try:
        decoded = decode_key(key)
    except VerificationError:
        return None
    return key if (decoded.log_size, decoded.level) == (log_size, security) else None


def _require_set_up() -> None:
    require_proving("deriving a key from the guest", "give the key itself")
