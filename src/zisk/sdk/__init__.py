"""Prove guest programs from Python: in this process, or on a cluster."""

from zisk.prover.forms import ProofForm
from zisk.sdk.client import ProverClient
from zisk.sdk.results import ExecutionReport, GuestProgram, Proof

__all__ = ["ExecutionReport", "GuestProgram", "Proof", "ProofForm", "ProverClient"]
