"""The containers that a job's proof comes in, told apart by their first four bytes."""

from __future__ import annotations

from zisk.proof_format.final_proof import FINAL_MAGIC, FinalProof, decode_final_proof
from zisk.proof_format.job_proof import JobProof, decode_job_proof
from zisk.proof_format.words import Data

COMMON_MAGIC = b"pz"
"""What every container starts with."""


def decode_proof(data: Data) -> JobProof[Data] | FinalProof[Data]:
    """Read a proof of any form; of a view of bytes, the proofs in it are views too.

    Raises:
        VerificationError: the bytes are not the canonical encoding of a proof of this version.
    """
    if data[: len(FINAL_MAGIC)] == FINAL_MAGIC:
        return decode_final_proof(data)
    return decode_job_proof(data)
