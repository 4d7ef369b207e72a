"""What tests of circuits share: weak parameters, the row-by-row judge, and proofs of small circuits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from zisk.field.koalabear import P, from_montgomery, to_montgomery
from zisk.field.quintic import Element
from zisk.kernels.cpu.backend import CpuBackend
from zisk.kernels.pool import Pool
from zisk.recursion.chips.horner import challenge_names
from zisk.recursion.circuit import Circuit
from zisk.recursion.compiler import CompiledCircuit, compile_circuit
from zisk.recursion.segment_hints import SegmentHints
from zisk.recursion.witness import NO_CHALLENGES, Numbers, execute, public_values
from zisk.stark.air import Air
from zisk.stark.challenges import BusChallenge
from zisk.stark.check import TableTrace, Violation, check_tables
from zisk.stark.evaluation import bind
from zisk.stark.parameters import SecurityParameters
from zisk.stark.proof import encode
from zisk.stark.prove import commit_segment, prove_segment
from zisk.stark.scalars import Challenges
from zisk.stark.tape import Tape, compile_outputs
from zisk.stark.transcript_order import JobChallenge
from zisk.stark.verify import verify_segment

BACKEND = CpuBackend(Pool(1))
LOG_SIZE = 10
WEAK = SecurityParameters(level=128, queries=8, query_grinding_bits=2)
PROGRAM = tuple(range(1, 10))
JOB = JobChallenge(tuple(range(11, 20)), BusChallenge((3, 1, 4, 1, 5), (9, 2, 6, 5, 3)))


def listed(hints: SegmentHints) -> SegmentHints:
    """Hints as a list, for tests that compare and change some of them."""
    return SegmentHints([int(value) for value in hints.values], hints.gamma)


@dataclass(frozen=True, eq=False)
class Trial:
    """A compiled circuit with a trace that satisfies it."""

    compiled: CompiledCircuit
    publics: tuple[int, ...]
    """All of them: the challenges' coefficients come first."""
    columns: tuple[np.ndarray, ...]

    def claims(self, publics: Sequence[int]) -> tuple[int, ...]:
        """All public values, with these after the true challenges."""
        return (*self.publics[: len(challenge_names())], *publics)

    def violations(
        self, columns: Sequence[np.ndarray] | None = None, publics: Sequence[int] | None = None
    ) -> list[Violation]:
        """What the judge finds wrong with a trace, by default the true one; `publics` are all of them."""
        kind = self.compiled.kind
        values = self.publics if publics is None else publics
        tables = [
            TableTrace(air, to_montgomery(fixed), to_montgomery(main), tuple(values[one] for one in places))
            for air, fixed, main, places in zip(
                kind.airs,
                self.compiled.preprocessed,
                columns or self.columns,
                kind.public_places,
                strict=True,
            )
        ]
        return check_tables(tables, kind.public_terms(values), BACKEND)

    def table(self, name: str) -> int:
        """The id of a table."""
        return [air.name for air in self.compiled.kind.airs].index(name)

    def rows(self, name: str) -> int:
        """Rows of a table without padding."""
        return len(self.compiled.rows[self.table(name)])

    def changed(self, table: str, column: str, row: int, value: int) -> list[np.ndarray]:
        """The true trace with another value in one cell."""
        number = self.table(table)
        place = self.compiled.kind.airs[number].main_names.index(column)
        columns = [one.copy() for one in self.columns]
        columns[number][place, row] = value % P
        return columns


def lay_out(
    circuit: Circuit,
    publics: Numbers = (),
    hints: Numbers = (),
    challenges: Sequence[Element] = NO_CHALLENGES,
    *,
    log_size: int = LOG_SIZE,
) -> Trial:
    """Compile and execute a circuit; the judge finds nothing wrong with the result."""
    compiled = compile_circuit(circuit, log_size)
    memory = execute(circuit, publics, hints, challenges)
    values = tuple(public_values(publics, challenges))
    trial = Trial(
        compiled, values, tuple(from_montgomery(trace) for trace in compiled.traces(memory, BACKEND))
    )
    assert trial.violations() == []
    return trial


def surviving_cells(trial: Trial, table: str, rows: Iterable[int]) -> set[str]:
    """Columns of a table that may be changed on some of these rows without anybody noticing.

    A change is noticed by a constraint, or by a bus: it changes what the row says there.
    """
    number, survivors = trial.table(table), set()
    air, fixed = trial.compiled.kind.airs[number], trial.compiled.preprocessed[number]
    true, rows = trial.columns[number], tuple(rows)
    publics = tuple(trial.publics[place] for place in trial.compiled.kind.public_places[number])
    said = statements(air, fixed, true[None], publics)[0]
    for place, name in enumerate(air.main_names):
        mutants = np.repeat(true[None], 2 * len(rows), axis=0)
        for copy, (row, step) in enumerate((row, step) for row in rows for step in (1, P - 1)):
            mutants[copy, place, row] = (int(true[place, row]) + step) % P
        if any(np.array_equal(mutant, said) for mutant in statements(air, fixed, mutants, publics)):
            survivors.add(name)
    return survivors


def statements(air: Air, fixed: np.ndarray, traces: np.ndarray, publics: tuple[int, ...]) -> np.ndarray:
    """Everything that traces of one table, [k, width, n], say: constraints, and messages that count."""
    count, _, rows = traces.shape
    selectors = np.zeros((3, count, rows), np.uint64)
    selectors[0, :, 0] = selectors[1, :, -1] = 1
    selectors[2, :, :-1] = 1
    values = BACKEND.evaluate(
        bind(
            _tape(air),
            preprocessed=to_montgomery(np.tile(fixed, (1, count))),
            main=to_montgomery(traces.transpose(1, 0, 2).reshape(-1, count * rows)),
            stage2=np.zeros((0, count * rows), np.uint32),
            selectors=to_montgomery(selectors.reshape(3, -1)),
            publics=publics,
            challenges=Challenges(),
        )
    )
    start = len(air.own_constraints)
    for one in air.interactions:
        end = start + len(one.message)
        values[start:end, values[end] == 0] = 0
        start = end + 1
    return values.reshape(-1, count, rows).transpose(1, 0, 2)


@cache
def _tape(air: Air) -> Tape:
    outputs = [one.expression for one in air.own_constraints]
    for one in air.interactions:
        outputs += [*one.message, one.multiplicity]
    return compile_outputs(outputs)


def prove_and_verify(
    trial: Trial, publics: Sequence[int] | None = None, *, parameters: SecurityParameters = WEAK
) -> list[int]:
    """Prove a trial, or a lie about all its public values, and verify it; returns the public values shown.

    The challenges' coefficients are left out of those.
    """
    fixed = trial.compiled.fix(parameters, BACKEND)
    values = trial.publics if publics is None else publics
    traces = [to_montgomery(columns) for columns in trial.columns]
    proof = prove_segment(commit_segment(fixed, traces, values, PROGRAM, BACKEND), JOB, BACKEND)
    shown = verify_segment(encode(proof), fixed.key, PROGRAM, JOB).publics
    return [value for name, value in shown.items() if name.startswith("public")]
