"""Prove guest programs from Python, in this process or on a cluster, and verify proofs."""

from zisk.proof_format.forms import ProofForm
from zisk.sdk.client import ProverClient
from zisk.sdk.results import Counted, ExecutionReport, GuestProgram, Proof
from zisk.sdk.verification import verify

__all__ = ["Counted", "ExecutionReport", "GuestProgram", "Proof", "ProofForm", "ProverClient", "verify"]
