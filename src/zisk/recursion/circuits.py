"""The circuits that fold a job of one security level, each set up when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import RLock

from zisk.hash.sponge import Digest
from zisk.kernels.backend import Backend
from zisk.progress import NULL_PROGRESS, Progress
from zisk.recursion.circuit import Circuit
from zisk.recursion.leaf import record_leaf
from zisk.recursion.node import record_final, record_node, record_shrink
from zisk.recursion.prepared import PreparedCircuit, prepare_circuit
from zisk.recursion.shapes import (
    FINAL_LOG_SIZE,
    INNER_LOG_HEIGHTS,
    INNER_LOG_SIZE,
    SHRINK_LOG_SIZE,
    inner_kind,
)
from zisk.recursion.shipped import ShippedKeys
from zisk.stark.parameters import CircuitRole, SecurityParameters, circuit_parameters, parameters_for
from zisk.vm.kinds import KINDS
from zisk.vm.segment_kind import SegmentKind


@dataclass(frozen=True, slots=True)
class FoldingParameters:
    """The security parameters of every proof that folding a job takes."""

    segment: SecurityParameters
    inner: SecurityParameters
    shrink: SecurityParameters
    final: SecurityParameters
    compressed: SecurityParameters


def folding_parameters(level: int) -> FoldingParameters:
    """Those of a security level.

    Raises:
        UnknownSecurityLevelError: there is no such level.
    """
    roles = (CircuitRole.INNER, CircuitRole.SHRINK, CircuitRole.FINAL, CircuitRole.COMPRESSED)
    return FoldingParameters(parameters_for(level), *(circuit_parameters(level, role) for role in roles))


class CircuitSet:
    """The circuits of one security level; safe to use from several threads.

    Every method sets its circuit up when it is first called, on `backend`, and tells `progress` so.
    """

    def __init__(self, parameters: FoldingParameters, backend: Backend) -> None:
        self.parameters = parameters
        self._backend = backend
        self._prepared: dict[str, PreparedCircuit] = {}
        self._lock = RLock()

    def leaf(self, kind: SegmentKind, log_size: int, progress: Progress = NULL_PROGRESS) -> PreparedCircuit:
        """The circuit that verifies a segment of a kind, in a job with core segments of 2^log_size steps."""
        shape, segment = kind.of_job(log_size), self.parameters.segment
        return self._inner(kind.leaf_of(log_size), lambda: record_leaf(kind, KINDS, shape, segment), progress)

    def node(self, progress: Progress = NULL_PROGRESS) -> PreparedCircuit:
        """The circuit that verifies two leaves or nodes."""
        inner = self.parameters.inner
        return self._inner("node", lambda: record_node(inner_kind(), inner, INNER_LOG_HEIGHTS), progress)

    def shrink(self, progress: Progress = NULL_PROGRESS) -> PreparedCircuit:
        """The circuit that verifies the root of a job, proved at a low rate."""
        return self._prepare(
            "shrink",
            lambda: record_shrink(inner_kind(), self.parameters.inner, INNER_LOG_HEIGHTS),
            SHRINK_LOG_SIZE,
            self.parameters.shrink,
            progress,
        )

    def final(self, progress: Progress = NULL_PROGRESS) -> PreparedCircuit:
        """The circuit that verifies the shrunk root: its proof is the job's."""
        return self._last("final", self.parameters.final, progress)

    def compressed(self, progress: Progress = NULL_PROGRESS) -> PreparedCircuit:
        """The final circuit, proved at a lower rate still."""
        return self._last("compressed", self.parameters.compressed, progress)

    def allowed(self, progress: Progress = NULL_PROGRESS) -> dict[str, Digest]:
        """Digests of the keys of leaves and nodes by name, in the order of the tree of allowed keys."""
        leaves = [self.leaf(kind, log_size, progress) for kind in KINDS for log_size in kind.sizes]
        return {one.name: one.key.digest for one in (*leaves, self.node(progress))}

    def keys(self, progress: Progress = NULL_PROGRESS) -> ShippedKeys:
        """The keys of all circuits: those to ship."""
        return ShippedKeys(self.allowed(progress), self.final(progress).key, self.compressed(progress).key)

    def _inner(self, name: str, record: Callable[[], Circuit], progress: Progress) -> PreparedCircuit:
        inner = self.parameters.inner
        return self._prepare(name, record, INNER_LOG_SIZE, inner, progress, INNER_LOG_HEIGHTS)

    def _last(self, name: str, parameters: SecurityParameters, progress: Progress) -> PreparedCircuit:
        shrink = self.shrink(progress).key
        return self._prepare(name, lambda: record_final(shrink), FINAL_LOG_SIZE, parameters, progress)

    def _prepare(
        self,
        name: str,
        record: Callable[[], Circuit],
        log_size: int,
        parameters: SecurityParameters,
        progress: Progress,
        log_heights: Sequence[int] | None = None,
    ) -> PreparedCircuit:
        with self._lock:
            if name not in self._prepared:
                with progress.phase(f"set up circuit: {name}"):
                    self._prepared[name] = prepare_circuit(
                        name, record(), log_size, parameters, self._backend, log_heights
                    )
            return self._prepared[name]


_SETS: dict[tuple[int, str], CircuitSet] = {}
"""The set of each level and device in use."""


def circuit_set(level: int, backend: Backend) -> CircuitSet:
    """The circuits of a security level, kept for the life of the process: a gigabyte, if all are used.

    There is one set for a level and device: what sets circuits up is the first caller's backend.

    Raises:
        UnknownSecurityLevelError: there is no such level.
    """
    place = level, backend.device
    if place not in _SETS:
        _SETS[place] = CircuitSet(folding_parameters(level), backend)
    return _SETS[place]
