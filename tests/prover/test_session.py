"""What a session keeps between its phases changes what it hashes again, and no byte of its proofs."""

from contextlib import AbstractContextManager, nullcontext

import pytest

from tests.prover.jobs import DATA, UNITS, Job
from zisk.choices import MAXIMAL_UNITS
from zisk.hash.merkle import MerkleTree
from zisk.prover import Program, ProofForm, ProvingSession
from zisk.prover.segment_cache import DROPPED_LEVELS
from zisk.prover.session import DEFAULT_CACHE_BYTES
from zisk.stages import Stage
from zisk.stark.errors import TraceError

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("short_segments")]

SEGMENTS = 4


class HashCount:
    """Stages that count how often something is hashed."""

    def __init__(self) -> None:
        self.count = 0

    def stage(self, stage: str) -> AbstractContextManager[None]:
        self.count += stage == Stage.HASH
        return nullcontext()


def session(program: Program, cache_bytes: int, stages: HashCount | None = None) -> ProvingSession:
    return ProvingSession(
        program,
        DATA,
        units=UNITS,
        allocation=range(UNITS),
        form=ProofForm.COMPOSITE,
        stages=stages or HashCount(),
        cache_bytes=cache_bytes,
    )


@pytest.fixture
def tree_bytes(program: Program) -> int:
    """Memory of the largest tree that is kept."""
    trees = [segment.main.tree for _, segment in session(program, 0).segments()]
    assert len(trees) == SEGMENTS
    return max(tree.pruned(DROPPED_LEVELS).nbytes for tree in trees if isinstance(tree, MerkleTree))


def proved(program: Program, job: Job, cache_bytes: int) -> tuple[list[bytes], int]:
    """What the session delivers, and how many trees it built for that in phase two."""
    stages = HashCount()
    proving = session(program, cache_bytes, stages)
    assert proving.contributions() == job.contribution
    before = stages.count
    return proving.prove(job.challenge), stages.count - before


def test_what_is_kept_changes_no_byte(program: Program, job: Job, tree_bytes: int) -> None:
    """Everything, all trees, one tree, too little for any, nothing: each segment not kept is hashed again."""
    sizes = (DEFAULT_CACHE_BYTES, SEGMENTS * tree_bytes, tree_bytes, 1, 0)
    found = [proved(program, job, cache_bytes) for cache_bytes in sizes]
    assert [units for units, _ in found] == [list(job.units.values())] * len(sizes)
    least = found[0][1]
    assert [hashed - least for _, hashed in found] == [0, 0, SEGMENTS - 1, SEGMENTS, SEGMENTS]


def test_a_run_that_changes_between_the_phases_is_noticed(
    program: Program, job: Job, tree_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    proving = session(program, SEGMENTS * tree_bytes)
    proving.contributions()
    monkeypatch.setattr(proving, "_data", bytes(len(DATA)))
    with pytest.raises(TraceError, match="rebuilt for the proof are not those committed to"):
        proving.prove(job.challenge)


@pytest.mark.parametrize("units", [0, MAXIMAL_UNITS + 1, 10**12])
def test_a_job_of_units_that_none_has_is_refused_before_it_runs(program: Program, units: int) -> None:
    with pytest.raises(ValueError, match=f"1 to {MAXIMAL_UNITS} compute units, not {units}"):
        ProvingSession(program, DATA, units=units, allocation=range(units))
