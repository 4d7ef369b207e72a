"""Prove guest programs from Python, in this process or on a cluster, and verify proofs."""

from zisk.proof_format.forms import ProofForm
from zisk.sdk.asynchronous import AsyncProofJob, AsyncProverClient
from zisk.sdk.client import ProverClient
from zisk.sdk.jobs import JobDescription, JobEvent, JobState, ProofJob
from zisk.sdk.results import Counted, ExecutionReport, GuestProgram, Proof
from zisk.sdk.verification import verify

__all__ = [
    "AsyncProofJob",
    "AsyncProverClient",
    "Counted",
    "ExecutionReport",
    "GuestProgram",
    "JobDescription",
    "JobEvent",
    "JobState",
    "Proof",
    "ProofForm",
    "ProofJob",
    "ProverClient",
    "verify",
]
