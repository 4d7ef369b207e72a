"""What a job, a key and a circuit need to know of a kind of segments, and what fills its tables.

`zisk.vm.kinds` has a folder for each kind and the registry of all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

from zisk.stark.errors import AirError
from zisk.stark.expression import Scope
from zisk.stark.kind import GLOBAL_TERMS, Kind
from zisk.stark.public_values import Term

if TYPE_CHECKING:
    import numpy as np

    from zisk.kernels.backend import Backend
    from zisk.kernels.operands import Array
    from zisk.vm.executor import Execution
    from zisk.vm.program import Program


class KeyPlan(Enum):
    """Which keys a program has for the segments of a kind."""

    ONE = "one"
    """One for all of them."""
    BY_CHUNK = "by chunk"
    """One for each chunk of the program's initial words, by the segment's number, and one beyond them."""


@dataclass(frozen=True, slots=True)
class JobValues:
    """What a job says in public, as one kind of its segments sees it.

    Attributes:
        entry: pc index where the program starts.
        exit_code: a0 at the halt, 64 bits.
        outputs: the 64 public 32-bit words.
        count: the job's segments of the kind.
        claims: what the job claims of them beside, in the order of the kind's `claims`.
    """

    entry: int
    exit_code: int
    outputs: Sequence[int]
    count: int
    claims: tuple[int, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Filling:
    """How segments of a kind are made of a run. A *part* is what the tables of one segment are filled from.

    Matrices are uint32[columns, height] in Montgomery form, one for each table of the kind in its order.

    Attributes:
        fixed: the preprocessed columns for a segment of a program by its number, None where a table has none.
        parts: those of an ended run, in the order of their segments, but none that the executor cuts itself.
        publics: the public values of a part's segment.
        matrices: the main columns of a part's segment, given its preprocessed ones, both on a backend.
        rows: the rows of each table that a part asks for.
        claims: what the job claims of all parts beside their number, in the order of the kind's `claims`.
    """

    fixed: Callable[[Kind, Program, int], list[np.ndarray | None]]
    parts: Callable[[Program, Execution], Sequence[Any]]
    publics: Callable[[Any], tuple[int, ...]]
    matrices: Callable[[Kind, Sequence[Array | None], Program, Any, Backend], list[Array]]
    rows: Callable[[Kind, Program, Any], Sequence[int]]
    claims: Callable[[Sequence[Any]], tuple[int, ...]] = lambda _: ()


@dataclass(frozen=True, eq=False)
class SegmentKind:
    """A kind of segments.

    Attributes:
        name, number: what messages call it, and what keys and transcripts do. Numbers order a job's segments.
        sizes: log2 of the rows that its segments may have: all sizes of a job, or one that is every job's.
        shape: its tables, public values and their terms, by size.
        keys: which keys a program has for it.
        job_terms: the job's own messages on the global buses that answer those of its segments.
        filling: what fills its tables. It is asked for when something is proved, and imported then.
        claims: names of what a job claims of its segments, beside their number.
        is_required: whether every job has one.
        steps: the steps that a segment executed, by its public values; None where it executes none.
    """

    name: str
    number: int
    sizes: tuple[int, ...]
    shape: Callable[[int], Kind]
    keys: KeyPlan
    job_terms: Callable[[JobValues], list[Term]]
    filling: Callable[[], Filling]
    claims: tuple[str, ...] = ()
    is_required: bool = True
    steps: Callable[[Mapping[str, int]], int] | None = None

    @property
    def has_job_size(self) -> bool:
        """Whether its size is the job's."""
        return len(self.sizes) > 1

    @property
    def count_name(self) -> str:
        """What the number of its segments is called among the claims."""
        return f"{self.name}_segments"

    @property
    def leaf(self) -> str:
        """The name of the layer of recursion that verifies its segments."""
        return f"{self.name} leaf"

    def leaf_of(self, log_size: int) -> str:
        """The name of the circuit that verifies its segments in a job of this size."""
        return f"{self.leaf} {log_size}" if self.has_job_size else self.leaf

    def of_job(self, log_size: int) -> Kind:
        """Its shape in a job whose core segments have 2^log_size steps.

        Raises:
            AirError: it is no shape that a job's segments can have.
        """
        return _checked_shape(self, log_size if self.has_job_size else self.sizes[0])


@cache
def _checked_shape(kind: SegmentKind, log_size: int) -> Kind:
    """A kind's shape, once it is what keys, circuits and the bounds of soundness take it for."""
    shape = kind.shape(log_size)
    if (shape.name, shape.number, shape.log_size) != (kind.name, kind.number, log_size):
        raise AirError(f"{kind.name}: its shape is {shape.name}, {shape.number}, of size {shape.log_size}")
    if shape.public_names[:1] != ("index",):
        raise AirError(f"{kind.name}: the first public value of a segment is its index")
    if not shape.is_preprocessed:
        raise AirError(f"{kind.name}: without a preprocessed column its key is no data for a leaf circuit")
    if not any(shape.row_weights):
        raise AirError(f"{kind.name}: a segment without a message on a global bus would weigh nothing")
    if sum(term.bus.scope is Scope.GLOBAL for term in shape.terms) > GLOBAL_TERMS:
        raise AirError(f"{kind.name}: a segment has more than {GLOBAL_TERMS} terms on global buses")
    return shape
