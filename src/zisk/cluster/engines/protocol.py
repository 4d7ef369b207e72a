"""What the cluster asks of a prover; it never touches one but through `ProverEngine`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from zisk.cluster.tasks import Execution
from zisk.errors import ZiskError
from zisk.progress import NULL_PROGRESS, Progress
from zisk.proof_format.forms import ProofForm

__all__ = [
    "NOTHING_COMMITTED",
    "NOTHING_STORED",
    "EngineAggregation",
    "EngineProgram",
    "EngineRun",
    "EngineSession",
    "Keep",
    "OnCommit",
    "OnRefusal",
    "ProverEngine",
    "Span",
    "ignore_refusal",
]

Span = tuple[int, int]
"""A subtree of the job's segments: the place of its first one in the tree, and that after its last one."""

OnCommit = Callable[[int, bytes], None]
"""Told of each segment that is committed, by its position in the job."""

Keep = Callable[[Span, bytes], None]
"""Takes each piece of the proof as it is made: it stands for all pieces inside its span."""

OnRefusal = Callable[[Span, ZiskError], None]
"""Told of each stored piece that does not hold and is left out."""

NOTHING_COMMITTED: Mapping[int, bytes] = {}
NOTHING_STORED: Mapping[Span, bytes] = {}


def ignore_refusal(_span: Span, _error: ZiskError) -> None:
    """Let what is left out be made again, and say nothing."""


class EngineProgram(Protocol):
    """A guest program that is set up."""

    @property
    def key(self) -> bytes:
        """The serialised verifying key."""
        ...

    @property
    def digest(self) -> bytes:
        """The digest of the key, which names the program, its size and its level."""
        ...


class EngineRun(Protocol):
    """A run of a guest program."""

    @property
    def steps(self) -> int:
        """Steps that were executed."""
        ...

    @property
    def cycles(self) -> int:
        """RISC-V instructions that were executed."""
        ...


class EngineSession(Protocol):
    """One worker's part of one job."""

    def contributions(self) -> bytes:
        """Phase 1 of all its units."""
        ...

    @property
    def execution(self) -> EngineRun | None:
        """The run, once phase 1 is over."""
        ...

    def prove(
        self,
        challenge: Any,
        *,
        stored: Mapping[Span, bytes] = NOTHING_STORED,
        keep: Keep | None = None,
        on_refusal: OnRefusal = ignore_refusal,
    ) -> list[bytes]:
        """Phase 2: what each unit delivers, in order of units.

        `stored` is what sessions of this job kept under this challenge. It is checked, and not made again.
        """
        ...


class EngineAggregation(Protocol):
    """A job's proof in the making."""

    @property
    def missing(self) -> list[int]:
        """The units that have not delivered and have segments that nothing stored covers, ascending."""
        ...

    def add(self, unit: int, payload: bytes) -> None:
        """Take in what a unit delivers, and fold as far as it reaches; what does not hold is refused."""
        ...

    def finish(self) -> bytes:
        """The job's proof, once every unit is in."""
        ...


class ProverEngine(Protocol):
    """The prover as the cluster sees it. Calls block, take long, and are made from one thread at a time."""

    def is_prepared(self) -> bool:
        """Whether there is nothing left that is done once on a machine."""
        ...

    def prepare(self) -> None:
        """Do what is done once on a machine."""
        ...

    def setup(
        self, elf: bytes, *, log_size: int, security: int, progress: Progress = NULL_PROGRESS
    ) -> EngineProgram:
        """Set a guest program up for proofs with segments of 2^`log_size` steps at `security` bits."""
        ...

    def execute(self, elf: bytes, data: bytes, *, progress: Progress = NULL_PROGRESS) -> Execution:
        """Run a guest program on the input `data`."""
        ...

    def session(
        self,
        program: Any,
        data: bytes,
        *,
        units: int,
        allocation: Sequence[int],
        form: ProofForm,
        progress: Progress = NULL_PROGRESS,
        committed: Mapping[int, bytes] = NOTHING_COMMITTED,
        on_commit: OnCommit | None = None,
    ) -> EngineSession:
        """Begin the part `allocation` of a job of `units` units whose proof has that form.

        Segments that are in `committed`, as sessions of this job told them, are not committed to again.
        """
        ...

    def global_challenge(self, program: Any, contributions: Sequence[bytes], units: int) -> Any:
        """Derive the global challenge from the contributions of all `units` units, or refuse them."""
        ...

    def encode_challenge(self, challenge: Any) -> bytes:
        """The bytes of a global challenge, equal for equal challenges."""
        ...

    def aggregation(
        self,
        program: Any,
        challenge: Any,
        *,
        form: ProofForm,
        progress: Progress = NULL_PROGRESS,
        stored: Mapping[Span, bytes] = NOTHING_STORED,
        keep: Keep | None = None,
        on_refusal: OnRefusal = ignore_refusal,
    ) -> EngineAggregation:
        """Begin to make the proof of a job from what its units deliver, and from pieces that were kept of it.

        These are checked and folded first.
        """
        ...

    def verify(self, proof: bytes, key: bytes, form: ProofForm) -> Execution:
        """Check a job's proof; one that does not hold, or is of another form, is refused.

        The key is one that this engine derived, at the level that the job asked for.
        """
        ...
