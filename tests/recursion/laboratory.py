"""What tests of circuits share: weak parameters, the row-by-row judge, and proofs of small circuits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from zisk.field.koalabear import P, to_montgomery
from zisk.kernels.pool import Pool
from zisk.recursion.circuit import Circuit
from zisk.recursion.compiler import CompiledCircuit, compile_circuit
from zisk.recursion.witness import execute, main_columns
from zisk.stark.challenges import BusChallenge
from zisk.stark.check import TableTrace, Violation, check_tables
from zisk.stark.parameters import SecurityParameters
from zisk.stark.proof import encode
from zisk.stark.prove import commit_segment, prove_segment
from zisk.stark.transcript_order import JobChallenge
from zisk.stark.verify import verify_segment

POOL = Pool(1)
LOG_SIZE = 10
WEAK = SecurityParameters(level=128, queries=8, query_grinding_bits=2)
PROGRAM = tuple(range(1, 10))
JOB = JobChallenge(tuple(range(11, 20)), BusChallenge((3, 1, 4, 1, 5), (9, 2, 6, 5, 3)))


@dataclass(frozen=True, eq=False)
class Trial:
    """A compiled circuit with a trace that satisfies it."""

    compiled: CompiledCircuit
    publics: tuple[int, ...]
    columns: tuple[np.ndarray, ...]

    def violations(
        self, columns: Sequence[np.ndarray] | None = None, publics: Sequence[int] | None = None
    ) -> list[Violation]:
        """What the judge finds wrong with a trace, by default the true one."""
        kind = self.compiled.kind
        values = self.publics if publics is None else publics
        tables = [
            TableTrace(air, to_montgomery(fixed), to_montgomery(main))
            for air, fixed, main in zip(
                kind.airs, self.compiled.preprocessed, columns or self.columns, strict=True
            )
        ]
        return check_tables(tables, kind.terms(kind.public_values(values)), POOL)

    def table(self, name: str) -> int:
        """The id of a table."""
        return [air.name for air in self.compiled.kind.airs].index(name)

    def changed(self, table: str, column: str, row: int, value: int) -> list[np.ndarray]:
        """The true trace with another value in one cell."""
        number = self.table(table)
        place = self.compiled.kind.airs[number].main_names.index(column)
        columns = [one.copy() for one in self.columns]
        columns[number][place, row] = value % P
        return columns


def lay_out(
    circuit: Circuit, publics: Sequence[int] = (), hints: Iterable[int] = (), log_size: int = LOG_SIZE
) -> Trial:
    """Compile and execute a circuit; the judge finds nothing wrong with the result."""
    compiled = compile_circuit(circuit, log_size)
    trial = Trial(compiled, tuple(publics), tuple(main_columns(compiled, execute(circuit, publics, hints))))
    assert trial.violations() == []
    return trial


def surviving_cells(trial: Trial, table: str, rows: Iterable[int]) -> set[str]:
    """Columns of a table that may be changed on some of these rows without the judge noticing."""
    number = trial.table(table)
    survivors = set()
    for row in rows:
        for place, name in enumerate(trial.compiled.kind.airs[number].main_names):
            true = int(trial.columns[number][place, row])
            if any(not trial.violations(trial.changed(table, name, row, true + step)) for step in (1, -1)):
                survivors.add(name)
    return survivors


def prove_and_verify(trial: Trial, publics: Sequence[int] | None = None) -> dict[str, int]:
    """Prove a trial, or a lie about its public values, and verify it; returns the public values shown."""
    fixed = trial.compiled.fix(WEAK, POOL)
    values = trial.publics if publics is None else publics
    traces = [to_montgomery(columns) for columns in trial.columns]
    proof = prove_segment(commit_segment(fixed, traces, values, PROGRAM, POOL), JOB, POOL)
    return verify_segment(encode(proof), fixed.key, PROGRAM, JOB).publics
