"""The small job that a worker in quarantine is tried with: a real guest, a real proof, in a few seconds."""

import struct
from importlib.resources import files

from zisk.choices import DEFAULT_SECURITY, LOG_SIZES
from zisk.cluster.protocol.payload import Inline, digest_of
from zisk.cluster.tasks import Demand, JobKind, JobRequest
from zisk.proof_format.forms import ProofForm

__all__ = ["canary_elf", "canary_request"]

_INPUT = struct.pack("<QQ", 8, 2)
"""One record of 8 bytes: the guest hashes twice, which fills one core segment of the smallest size."""


def canary_elf() -> bytes:
    """The guest."""
    return (files("zisk") / "data" / "sha-hasher.elf").read_bytes()


def canary_request() -> JobRequest:
    """The job."""
    return JobRequest(
        JobKind.PROVE,
        digest_of(canary_elf()).hex(),
        Inline(_INPUT),
        Demand(1, 1),
        LOG_SIZES[0],
        DEFAULT_SECURITY,
        form=ProofForm.COMPOSITE,
    )
