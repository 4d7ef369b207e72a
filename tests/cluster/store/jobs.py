"""Jobs by hand, with everything in them that a store keeps."""

from dataclasses import replace

from zisk.cluster.protocol.payload import Inline, Stored
from zisk.cluster.scheduling.jobs import (
    Failure,
    Happening,
    Job,
    JobEvent,
    JobState,
    ProofSummary,
    Share,
)
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.store import Rows, rows_of
from zisk.cluster.tasks import Committed, Counts, Demand, Execution, InputPath, JobKind, JobRequest, Piece
from zisk.errors import ErrorKind
from zisk.proof_format.forms import ProofForm

__all__ = ["OFFSET", "REQUEST", "proved_job", "queued_job", "rows", "running_job"]

OFFSET = 1_764_565_429.0
"""Seconds since 1970 where the clock of the tests shows 0."""

MOST = (1 << 64) - 1
AWKWARD = "NUL \x00, \\u0000, half a pair \ud83d, a whole one \U0001f600, é, ' \" ` % :name ?"
REQUEST = JobRequest(
    JobKind.PROVE, "0a" * 32, Inline(bytes(range(256))), Demand(5, 2), 20, 128, AWKWARD, ProofForm.COMPOSITE
)


def rows(job: Job) -> Rows:
    """The rows of a job."""
    return rows_of(job, wall_offset=OFFSET)


def queued_job(job_id: str, submitted: float = 0.125) -> Job:
    """A job that waits, and whose input lies at the workers."""
    request = replace(REQUEST, input=InputPath("inputs/é.bin"), demand=Demand(1, None))
    return Job(job_id, request, submitted, events=[JobEvent(Happening.QUEUED, submitted)])


def running_job(job_id: str = "running") -> Job:
    """A job of which one share is proved, and the other is with nobody."""
    done = Share(
        0,
        range(3),
        "b",
        done=True,
        contribution=Inline(b""),
        lost={"a": Failure(ErrorKind.WORKER_LOST, "silent", Phase.PROVE, 90.0)},
    )
    done.proofs = ((0, Inline(b"\x00\xff" * 70)), (1, Stored(b"\xee" * 32, MOST)), (2, Inline(b"")))
    done.committed = {position: Committed(position, bytes([position % 256])) for position in (0, 7, MOST)}
    done.failed = {
        "c": Failure(ErrorKind.OUT_OF_MEMORY, AWKWARD, Phase.PROVE),
        "a": Failure(ErrorKind.TIMEOUT, "late", None, 0.1),
    }
    left = Share(1, range(3, 5), None, contribution=Stored(b"\x01" * 32, 40 << 20))
    left.pieces = [Piece(5, 6, Inline(b"p")), Piece(6, MOST, Stored(b"\x02" * 32, 9))]
    return Job(
        job_id,
        REQUEST,
        0.1,
        JobState.RUNNING,
        Phase.AGGREGATE,
        started=0.2,
        phase_started=1.0 / 3,
        shares=[done, left],
        challenge=bytes(range(32)),
        delivered=[0],
        pieces=[Piece(0, 5, Inline(b"q"))],
        lost={"d": Failure(ErrorKind.WORKER_LOST, "gone")},
        unfit={"e": Failure(ErrorKind.BAD_PROOF, "", Phase.AGGREGATE)},
        counts=Counts(MOST, 1 << 63),
        events=[
            JobEvent(Happening.QUEUED, 0.1),
            JobEvent(Happening.STARTED, 0.2, Phase.CONTRIBUTIONS),
            JobEvent(Happening.PROGRESS, 1.0 / 3, Phase.PROVE),
        ],
    )


def proved_job(job_id: str = "proved") -> Job:
    """A job that has ended well, with the largest proof that is kept in a row."""
    shown = Execution(None, None, 3, MOST, (0, 1, MOST, *[0] * 61), 0.0)
    return Job(
        job_id,
        replace(REQUEST, form=ProofForm.FINAL),
        0.5,
        JobState.COMPLETED,
        Phase.AGGREGATE,
        started=1.0,
        phase_started=2.0,
        ended=3.0,
        shares=[Share(0, range(5), "b", done=True)],
        proof=Inline(bytes(range(256)) * (4 << 12)),
        counts=Counts(12, 10),
        summary=ProofSummary(shown, b"key"),
        execution=replace(shown, steps=12, cycles=10),
        key=b"key",
        events=[JobEvent(Happening.COMPLETED, 3.0, Phase.AGGREGATE)],
    )
