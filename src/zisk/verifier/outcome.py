"""What a verified proof shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from zisk.proof_format.forms import ProofForm


class KeyOrigin(StrEnum):
    """Where the key came from that a proof was verified under, and so who has to be trusted with it."""

    GIVEN = "given"
    """From the caller, who trusts whoever derived it."""
    PINNED = "pinned"
    """From anyone; its digest is the one that the caller trusts."""
    DERIVED = "derived"
    """Derived here and now from the guest: nobody else is trusted."""
    CACHED = "cached"
    """Derived from the guest by this user before, with this code, and kept in the user's cache folder."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a valid proof shows.

    Attributes:
        form: what the proof is made of.
        digest: the program digest, 36 bytes.
        exit_code: a0 at the halt, 64 bits; guests that do not set it leave anything there.
        outputs: the 64 public 32-bit words.
        segments: core segments of the run.
        steps: micro-operations executed, over all segments; None where the proof does not show it.
        security: the level of the proof, in bits.
        log_size: log2 of the steps of a core segment.
        key_origin: where the key came from.
    """

    form: ProofForm
    digest: bytes
    exit_code: int
    outputs: tuple[int, ...]
    segments: int
    steps: int | None
    security: int
    log_size: int
    key_origin: KeyOrigin = KeyOrigin.GIVEN


def exit_text(exit_code: int) -> str:
    """An exit code for people: one that C would call negative as C writes it, and without sign as well."""
    return f"{exit_code - (1 << 64)} ({exit_code})" if exit_code >> 63 else str(exit_code)
