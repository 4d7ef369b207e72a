"""Where the time of proving goes: the stages of the work, told to whoever measures.

Functions that prove accept `stages: Stages = NULL_STAGES` and read no clock themselves.

    with stages.stage(Stage.HASH):
        tree = commit_tables(...)
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import StrEnum
from typing import Protocol


class Stage(StrEnum):
    """The stages of a proof; those that verify segments of a kind in circuits have the name of its leaf."""

    EXECUTE = "execute"
    """Running the guest where nothing is recorded, or running a circuit."""
    RECORD = "record"
    """Running the guest and sorting what its tables need."""
    FILL = "fill"
    """Columns and multiplicities of the tables."""
    EXTEND = "extend"
    """Transforms: low-degree extensions of columns and of the quotient."""
    HASH = "hash"
    """Leaves and nodes of Merkle trees, those of FRI as well."""
    LOGUP = "logup"
    """LogUp columns."""
    QUOTIENT = "quotient"
    """Constraints on the cosets."""
    OPEN = "open"
    """Values at the opening points, the combined codeword, and opened rows."""
    FRI = "fri"
    """Folding."""
    PROOF_OF_WORK = "proof-of-work"
    """Search of nonces."""
    CIRCUIT = "circuit"
    """Setting circuits up."""
    NODE = "node"
    """Verifying two leaves or nodes in a circuit; proving that has the stages above inside."""
    CHECK = "check"
    """Verifying parts that a session has folded, where they are aggregated."""
    SHRINK = "shrink"
    """Verifying the proof of the root in a circuit, and proving that."""
    FINAL = "final"
    """The same of the shrunk root: the job's proof, compressed or not."""


class Stages(Protocol):
    """Where stages are reported to."""

    def stage(self, stage: str) -> AbstractContextManager[None]:
        """Open a stage; one that is open already pauses until this one ends.

        One thread opens stages. Work that it shares out over a pool belongs to the stage it has open.
        """
        ...


class NullStages:
    """Reports nowhere."""

    def stage(self, stage: str) -> AbstractContextManager[None]:
        """Open a stage that nobody watches."""
        del stage
        return nullcontext()


NULL_STAGES: Stages = NullStages()
"""The default of every `stages` parameter."""


class StageClock:
    """Adds up the time of each stage.

    Attributes:
        seconds: time so far by stage, of every stage that was open once, less that of the stages inside it.
        whole: the same with the stages inside it.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.seconds: dict[str, float] = {}
        self.whole: dict[str, float] = {}
        self._clock = clock
        self._open: list[str] = []
        self._since = 0.0

    @contextmanager
    def stage(self, stage: str) -> Iterator[None]:
        """Count the time until the context ends for this stage."""
        self._count()
        self._open.append(stage)
        try:
            yield
        finally:
            self._count()
            self._open.pop()

    def _count(self) -> None:
        """Give the time since the last change to the stage that was open."""
        now = self._clock()
        if self._open:
            innermost = self._open[-1]
            self.seconds[innermost] = self.seconds.get(innermost, 0.0) + now - self._since
        for stage in set(self._open):
            self.whole[stage] = self.whole.get(stage, 0.0) + now - self._since
        self._since = now
