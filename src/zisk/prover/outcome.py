"""What a verified proof shows."""

from __future__ import annotations

from dataclasses import dataclass

from zisk.prover.forms import ProofForm


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
    """

    form: ProofForm
    digest: bytes
    exit_code: int
    outputs: tuple[int, ...]
    segments: int
    steps: int | None
    security: int
    log_size: int
