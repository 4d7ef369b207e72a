"""A circuit that is set up: what it takes to prove an execution of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zisk.field import quintic
from zisk.kernels.backend import Backend
from zisk.recursion.chips.horner import CHALLENGES
from zisk.recursion.circuit import Circuit
from zisk.recursion.compiler import CompiledCircuit, compile_circuit
from zisk.recursion.interface import NO_JOB, NO_PROGRAM
from zisk.recursion.segment_hints import SegmentHints
from zisk.recursion.witness import execute, public_values
from zisk.stages import NULL_STAGES, Stage, Stages
from zisk.stark.commitment import FixedTables
from zisk.stark.key import VerifyingKey
from zisk.stark.parameters import SecurityParameters
from zisk.stark.proof import SegmentProof
from zisk.stark.prove import commit_segment, prove_segment


@dataclass(frozen=True, eq=False)
class PreparedCircuit:
    """A circuit with its tables laid out and committed to.

    Attributes:
        name: what progress and errors call it.
    """

    name: str
    compiled: CompiledCircuit
    fixed: FixedTables

    @property
    def key(self) -> VerifyingKey:
        """The verifying key of its proofs."""
        return self.fixed.key

    def prove(
        self,
        interface: Sequence[int],
        hints: Sequence[SegmentHints],
        backend: Backend,
        stages: Stages = NULL_STAGES,
    ) -> SegmentProof:
        """Prove that the circuit holds for these public values; `hints` has those of each proof it verifies.

        Raises:
            WitnessError: it does not hold.
        """
        values = np.concatenate([np.zeros(0, np.uint32), *(one.values for one in hints)])
        challenges = [one.gamma for one in hints]
        challenges += [quintic.ZERO] * (CHALLENGES - len(challenges))
        with stages.stage(Stage.EXECUTE):
            memory = execute(self.compiled.circuit, interface, values, challenges, backend)
        with stages.stage(Stage.FILL):
            traces = self.compiled.traces(memory, backend)
        publics = public_values(interface, challenges)
        committed = commit_segment(self.fixed, traces, publics, NO_PROGRAM, backend, stages)
        return prove_segment(committed, NO_JOB, backend, stages)


def prepare_circuit(
    name: str,
    circuit: Circuit,
    log_size: int,
    parameters: SecurityParameters,
    backend: Backend,
    log_heights: Sequence[int] | None = None,
) -> PreparedCircuit:
    """Lay a circuit out in tables of 2^log_size rows at most, and commit to its wiring.

    `log_heights` pads the tables to heights that several circuits share.

    Raises:
        CircuitError: a table does not fit.
    """
    compiled = compile_circuit(circuit, log_size, log_heights)
    return PreparedCircuit(name, compiled, compiled.fix(parameters, backend))
