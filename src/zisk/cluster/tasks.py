"""What workers are asked to do and what they answer: the vocabulary that coordinator and worker share."""

from dataclasses import dataclass
from enum import StrEnum

from zisk.cluster.protocol.payload import Payload
from zisk.errors import ErrorKind
from zisk.proof_format.forms import ProofForm

__all__ = [
    "AggregateTask",
    "AggregationResult",
    "Binding",
    "Committed",
    "ContributeTask",
    "ContributionResult",
    "Counts",
    "Demand",
    "ExecuteTask",
    "Execution",
    "ExecutionResult",
    "FailureResult",
    "InputPath",
    "JobKind",
    "JobRequest",
    "Kept",
    "Piece",
    "ProofsResult",
    "ProveTask",
    "Result",
    "SetupResult",
    "SetupTask",
    "Task",
]


class JobKind(StrEnum):
    """What a job produces."""

    PROVE = "prove"
    EXECUTE = "execute"
    SETUP = "setup"


@dataclass(frozen=True, slots=True)
class Demand:
    """How much capacity a job wants.

    `units` is U, the number of compute units that the job is cut into.
    `minimum` is the least capacity it may start with; None lets it start with all there is, up to `units`.
    """

    units: int
    minimum: int | None

    def required(self, connected: int) -> int:
        """Idle capacity that it waits for, while `connected` units are connected in all."""
        return min(self.units, connected) if self.minimum is None else self.minimum


@dataclass(frozen=True, slots=True)
class InputPath:
    """An input that every worker reads from below its own `--inputs-folder`."""

    path: str


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What was asked for.

    `hash_id` names the program: BLAKE3 of its ELF in hexadecimal.
    `log_size` is the binary logarithm of the steps of a segment, `security` the level in bits.
    `data_id` is the client's own name for the job, `form` what a proof of it is made of.
    """

    kind: JobKind
    hash_id: str
    input: Payload | InputPath
    demand: Demand
    log_size: int
    security: int
    data_id: str = ""
    form: ProofForm = ProofForm.FINAL


@dataclass(frozen=True, slots=True)
class Counts:
    """How long a run was, as a worker that executed it counted: micro-operations and RISC-V instructions."""

    steps: int
    cycles: int


@dataclass(frozen=True, slots=True)
class Execution:
    """What an execution, or the execution inside a proof, came to.

    `steps` are micro-operations, `cycles` RISC-V instructions; None where a proof alone says what happened: a
    composite one shows no cycles, any other neither. `outputs` are the 64 output words, each below 2^32.
    `seconds` is wall time.
    """

    steps: int | None
    cycles: int | None
    segments: int
    exit_code: int
    outputs: tuple[int, ...]
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Committed:
    """A segment that was committed to: its position in the job, and what goes on from it needs to know."""

    position: int
    commitment: bytes


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a job's proof: the first of the segments that it stands for, that after the last, itself."""

    start: int
    end: int
    proof: Payload

    def covers(self, other: "Piece") -> bool:
        """Whether it stands for all that another one does."""
        return self.start <= other.start and other.end <= self.end


Kept = Committed | Piece
"""What is kept of a task as it is done, for whoever goes on from there."""


@dataclass(frozen=True, slots=True)
class ContributeTask:
    """Phase 1: commit the traces of `units`, the share of the job with number `rank` of `workers`.

    Segments that others have committed to are only executed.
    """

    request: JobRequest
    rank: int
    workers: int
    units: range
    committed: tuple[Committed, ...] = ()


@dataclass(frozen=True, slots=True)
class Binding:
    """The challenge of a job, and the contributions that it follows from, in order of rank."""

    contributions: tuple[Payload, ...]
    challenge: bytes


@dataclass(frozen=True, slots=True)
class ProveTask:
    """Phase 2: prove units that this worker has committed to, from the pieces that are there."""

    units: range
    binding: Binding
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class AggregateTask:
    """Phase 3: take in what units deliver; with `last`, put the job's proof together.

    With `first`, nothing has been taken in yet but `pieces`: what the worker has of an earlier attempt is
    void.
    The input of `request` is left out.
    """

    request: JobRequest
    binding: Binding
    proofs: tuple[tuple[int, Payload], ...]
    first: bool
    last: bool
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class ExecuteTask:
    """Run the program without proving."""

    request: JobRequest


@dataclass(frozen=True, slots=True)
class SetupTask:
    """Derive the verifying key."""

    request: JobRequest


Task = ContributeTask | ProveTask | AggregateTask | ExecuteTask | SetupTask


@dataclass(frozen=True, slots=True)
class ContributionResult:
    """Phase 1 is done: the contribution of all units of the worker."""

    contribution: Payload


@dataclass(frozen=True, slots=True)
class ProofsResult:
    """Phase 2 is done: (unit, what it delivers) in order of units, and how long the run was."""

    proofs: tuple[tuple[int, Payload], ...]
    counts: Counts | None = None


@dataclass(frozen=True, slots=True)
class AggregationResult:
    """What units deliver was taken in.

    `proof` is the job's proof after the last of them, None before.
    """

    proof: Payload | None


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """The program ran."""

    execution: Execution


@dataclass(frozen=True, slots=True)
class SetupResult:
    """The serialised verifying key."""

    key: bytes


@dataclass(frozen=True, slots=True)
class FailureResult:
    """The task could not be done; `unit` is the one whose delivery an aggregator refuses."""

    kind: ErrorKind
    message: str
    unit: int | None = None


Result = ContributionResult | ProofsResult | AggregationResult | ExecutionResult | SetupResult | FailureResult
