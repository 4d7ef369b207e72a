"""What each circuit of recursion takes: its tables, and proofs of it under the clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from support.clock import processor_seconds
from support.guests import input_for, read_guest
from support.layers import Layer, LayerClock
from support.operations import count_operations
from support.segments import ProvedSegments, prove_segments
from zisk.field.quintic import DEGREE
from zisk.kernels.backend import Backend
from zisk.progress import NULL_PROGRESS, Advance, Progress
from zisk.prover import setup
from zisk.prover.fold_tree import Span
from zisk.prover.folded_parts import FoldedPart
from zisk.recursion.circuits import CircuitSet, circuit_set, folding_parameters
from zisk.recursion.interface import NO_JOB, NO_PROGRAM
from zisk.recursion.node import final_hints, shrink_hints
from zisk.recursion.prepared import PreparedCircuit
from zisk.recursion.shipped import shipped_keys
from zisk.stages import Stage
from zisk.stark.batching import batching_order
from zisk.stark.proof import SegmentProof, decode, encode
from zisk.stark.verify import check_segment
from zisk.vm.kinds.core import KIND as CORE
from zisk.vm.kinds.edges import KIND as EDGES

GUEST, LEVEL = "fibonacci", 128
"""What a circuit takes does not depend on what ran: the shortest run will do."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One circuit and the proof of median processor time.

    Attributes:
        set_up: processor seconds of recording, compiling and committing.
        layer: seconds of making hints and proving.
        per_query: rows of each table that one more query of one verified proof takes.
    """

    circuit: PreparedCircuit
    set_up: float
    layer: Layer
    proof: SegmentProof
    per_query: tuple[float, ...]

    def as_dict(self, backend: Backend) -> dict[str, Any]:
        """The report on it; verification and commitment are timed here."""
        compiled, key, layer = self.circuit.compiled, self.circuit.key, self.layer
        data, order = encode(self.proof), batching_order(key.kind)
        tables = [
            {
                "table": air.name,
                "rows": len(rows),
                "height": height,
                "rows_per_query": rate,
                "width": air.main_width + DEGREE * air.stage2_width,
            }
            for air, rows, height, rate in zip(
                key.kind.airs, compiled.rows, compiled.heights, self.per_query, strict=True
            )
        ]
        execute, fill = layer.processor_of(Stage.EXECUTE), layer.processor_of(Stage.FILL)
        return {
            "circuit": self.circuit.name,
            "tables": tables,
            "used_cells": sum(table["rows"] * table["width"] for table in tables),
            "committed_cells": sum(table["height"] * table["width"] for table in tables),
            "opened_columns": len(order.places),
            "opened_at_two_points": len(order.following),
            "permutations": count_operations(key, self.proof.log_heights, self.proof.nonces).permutations,
            "nonces": sum(nonce + 1 for nonce in self.proof.nonces),
            "set_up_seconds": self.set_up,
            "commit_seconds": processor_seconds(lambda: compiled.fix(key.parameters, backend), 1),
            "execute_seconds": execute,
            "fill_seconds": fill,
            "prove_seconds": layer.processor - execute - fill,
            "processor_seconds": layer.processor,
            "wall_seconds": layer.wall,
            "proof_bytes": len(data),
            "verify_seconds": processor_seconds(
                lambda: check_segment(decode(data, key), key, NO_PROGRAM, NO_JOB)
            ),
        }


def measure_circuits(sizes: Sequence[int], repeat: int, backend: Backend) -> list[Measured]:
    """Set up and prove every circuit: core leaves of these sizes, edges leaf, node, shrink and final ones."""
    bench, data = _Bench(repeat, backend), input_for(GUEST, 1)[0]
    jobs = [
        prove_segments(setup(read_guest(GUEST), log_size=size, backend=backend), data, backend)
        for size in sizes
    ]
    cores = [
        bench.measure(
            partial(CircuitSet.leaf, kind=CORE, log_size=size), "segment", CORE.leaf, _leaf(job, 0, backend)
        )
        for size, job in zip(sizes, jobs, strict=True)
    ]
    job, core = jobs[-1], cores[-1]
    edges_leaf = partial(CircuitSet.leaf, kind=EDGES, log_size=sizes[-1])
    edges = bench.measure(edges_leaf, "segment", EDGES.leaf, _leaf(job, 1, backend))
    parts = [_part((0, 1), core), _part((1, 2), edges)]

    def fold(stages: LayerClock) -> SegmentProof:
        folder = job.folder(backend, stages)
        folder.add(parts)
        return folder.parts[0].proof

    node = bench.measure(CircuitSet.node, "inner", Stage.NODE, fold, children=2)
    root, tree = _part((0, 2), node), shipped_keys(LEVEL).tree

    def shrink(stages: LayerClock) -> SegmentProof:
        circuit = bench.circuits.shrink()
        with stages.stage(Stage.SHRINK):
            hints = shrink_hints(root.proof, root.key, tree)
            return circuit.prove(root.interface.values, [hints], backend, stages)

    shrunk = bench.measure(CircuitSet.shrink, "inner", Stage.SHRINK, shrink)

    def last(of: _Of) -> Callable[[LayerClock], SegmentProof]:
        def prove(stages: LayerClock) -> SegmentProof:
            circuit = of(bench.circuits)
            with stages.stage(Stage.FINAL):
                hints = final_hints(shrunk.proof, shrunk.circuit.key)
                return circuit.prove(root.interface.values, [hints], backend, stages)

        return prove

    ends = [
        bench.measure(of, "shrink", Stage.FINAL, last(of)) for of in (CircuitSet.final, CircuitSet.compressed)
    ]
    return [*cores, edges, node, shrunk, *ends]


class _Of(Protocol):
    """Gets a circuit from a set, like the methods of one."""

    def __call__(self, circuits: CircuitSet, /, *, progress: Progress = NULL_PROGRESS) -> PreparedCircuit: ...


class _Bench:
    """Sets circuits up and has them proved, under the clock.

    Attributes:
        circuits: as jobs use them.
    """

    def __init__(self, repeat: int, backend: Backend) -> None:
        self.circuits = circuit_set(LEVEL, backend)
        self._repeat, self._backend, self._clock = repeat, backend, _SetUpClock()
        self._whole = folding_parameters(LEVEL)
        self._fewer: dict[str, CircuitSet] = {}

    def measure(
        self,
        of: _Of,
        verifies: str,
        stage: str,
        prove: Callable[[LayerClock], SegmentProof],
        children: int = 1,
    ) -> Measured:
        """Measure the circuit that verifies so many proofs with the named parameters."""
        circuit = of(self.circuits, progress=self._clock)
        runs: list[tuple[Layer, SegmentProof]] = []
        for _ in range(self._repeat):
            times = LayerClock()
            proof = prove(times)
            runs.append((times.layer(stage), proof))
        layer, proof = sorted(runs, key=lambda run: run[0].processor)[self._repeat // 2]
        per_query = self._rows_per_query(circuit, of, verifies, children)
        return Measured(circuit, self._clock.seconds[circuit.name], layer, proof, per_query)

    def _rows_per_query(
        self, circuit: PreparedCircuit, of: _Of, verifies: str, children: int
    ) -> tuple[float, ...]:
        """For each table the difference to the same circuit for half the queries, for one query."""
        parameters = getattr(self._whole, verifies)
        halved = replace(parameters, queries=parameters.queries // 2)
        if verifies not in self._fewer:
            self._fewer[verifies] = CircuitSet(replace(self._whole, **{verifies: halved}), self._backend)
        queries = children * (parameters.queries - halved.queries)
        fewer = of(self._fewer[verifies]).compiled
        return tuple(
            (len(rows) - len(of_fewer)) / queries
            for rows, of_fewer in zip(circuit.compiled.rows, fewer.rows, strict=True)
        )


def _leaf(job: ProvedSegments, position: int, backend: Backend) -> Callable[[LayerClock], SegmentProof]:
    def prove(stages: LayerClock) -> SegmentProof:
        folder = job.folder(backend, stages)
        folder.add_segment(position, job.proofs[position])
        return folder.parts[0].proof

    return prove


def _part(span: Span, measured: Measured) -> FoldedPart:
    return FoldedPart(span, measured.circuit.key, measured.proof)


class _SetUpClock:
    """Processor seconds of setting each circuit up, by its name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """Time a set-up."""
        del total
        start = time.process_time()
        yield lambda _steps=1, /: None
        self.seconds[name.removeprefix("set up circuit: ")] = time.process_time() - start
