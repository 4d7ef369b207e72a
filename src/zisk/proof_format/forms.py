"""The forms that a job's proof has."""

from enum import StrEnum


class ProofForm(StrEnum):
    """What a proof is made of."""

    FINAL = "final"
    """One small proof, whose size does not depend on the run."""
    COMPRESSED = "compressed"
    """The final proof with stronger compression: smaller, and its last step takes longer."""
    COMPOSITE = "composite"
    """The proofs of all segments: it grows with the run, and nothing is folded."""
