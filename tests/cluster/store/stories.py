"""Jobs wherever stories of the coordinator's state machine bring them, and what a store keeps of them."""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.cluster.scheduling.test_machine_stateful import Cluster
from zisk.cluster.protocol.payload import Inline, Stored
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.jobs import Job, JobState
from zisk.cluster.tasks import Committed, Piece

__all__ = ["KeepingCluster", "as_kept"]

PAYLOADS = st.sampled_from([Inline(b""), Inline(b"\x00piece"), Stored(b"\x01" * 32, 1 << 40)])


class KeepingCluster(Cluster):
    """The coordinator among workers that hand in what they have made before they are done."""

    @rule(data=st.data(), position=st.integers(0, 5))
    def commit_to_a_segment(self, data: st.DataObject, position: int) -> None:
        if self.tasks:
            task = data.draw(st.sampled_from(self.tasks))
            kept = Committed(position, b"commitment %d" % position)
            self.tell(on.WorkKept(task.worker_id, task.connection, task.job_id, task.lease, kept))

    @rule(data=st.data(), start=st.integers(0, 5), length=st.integers(1, 3), proof=PAYLOADS)
    def make_a_piece(self, data: st.DataObject, start: int, length: int, proof: Inline | Stored) -> None:
        if self.tasks:
            task = data.draw(st.sampled_from(self.tasks))
            kept = Piece(start, start + length, proof)
            self.tell(on.WorkKept(task.worker_id, task.connection, task.job_id, task.lease, kept))


def as_kept(job: Job) -> Job:
    """What a store gives back of a job: nobody has what is not done, and pieces are in order."""
    shares = [
        replace(
            share,
            worker=share.worker if share.done or job.state is not JobState.RUNNING else None,
            ready=False,
            pieces=_in_order(share.pieces),
        )
        for share in job.shares
    ]
    return replace(job, shares=shares, pieces=_in_order(job.pieces), aggregation=None, at_work=False)


def _in_order(pieces: list[Piece]) -> list[Piece]:
    return sorted(pieces, key=lambda piece: (piece.start, piece.end))
