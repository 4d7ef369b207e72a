"""Jobs wherever stories of the coordinator's state machine bring them, and what a store keeps of them."""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.cluster.scheduling.test_machine_stateful import Cluster
from zisk.cluster.protocol.payload import Inline, Stored
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.jobs import Job, JobState
from zisk.cluster.tasks import Committed, JobKind, Piece

__all__ = ["KeepingCluster", "as_kept"]

PAYLOADS = st.sampled_from([Inline(b""), Inline(b"\x00piece"), Stored(b"\x01" * 32, 1 << 40)])


class KeepingCluster(Cluster):
    """The coordinator among workers that hand in what they have made, and are lost with what they have."""

    @initialize(units=st.integers(2, 5), steps=st.integers(0, 8))
    def a_job_is_under_way(self, units: int, steps: int) -> None:
        for worker in "abc":
            self.connect(worker, 4, False)
        self.submit(JobKind.PROVE, units, None, True)
        if steps:
            self.all_goes_well_for_a_while(steps)

    @precondition(lambda self: self.live_tasks())
    @rule(data=st.data(), position=st.integers(0, 5))
    def commit_to_a_segment(self, data: st.DataObject, position: int) -> None:
        self.keep(data, Committed(position, b"commitment %d" % position))

    @precondition(lambda self: self.live_tasks())
    @rule(data=st.data(), start=st.integers(0, 5), length=st.integers(1, 3), proof=PAYLOADS)
    def make_a_piece(self, data: st.DataObject, start: int, length: int, proof: Inline | Stored) -> None:
        self.keep(data, Piece(start, start + length, proof))

    @precondition(lambda self: self.live_tasks())
    @rule(data=st.data())
    def lose_a_worker_at_work(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(self.live_tasks()))
        self.tell(on.WorkerGone(task.worker_id, task.connection))

    def keep(self, data: st.DataObject, kept: Committed | Piece) -> None:
        """A worker hands something in."""
        task = data.draw(st.sampled_from(self.live_tasks()))
        self.tell(on.WorkKept(task.worker_id, task.connection, task.job_id, task.lease, kept))

    def live_tasks(self) -> list[do.SendTask]:
        """The tasks that workers have at present."""
        workers = self.machine.state.workers.values()
        leases = {worker.lease.number for worker in workers if worker.lease is not None}
        return [task for task in self.tasks if task.lease in leases]


def as_kept(job: Job) -> Job:
    """What a store gives back of a job: nobody has what is not done, and pieces are in order.

    Since when nobody has it, what its task builds on, and whose trial a job is, are not kept.
    """
    shares = [
        replace(
            share,
            worker=share.worker if share.done or job.state is not JobState.RUNNING else None,
            ready=False,
            since=0.0,
            builds_on=False,
            pieces=_in_order(share.pieces),
        )
        for share in job.shares
    ]
    return replace(
        job, shares=shares, pieces=_in_order(job.pieces), aggregation=None, at_work=False, canary_of=None
    )


def _in_order(pieces: list[Piece]) -> list[Piece]:
    return sorted(pieces, key=lambda piece: (piece.start, piece.end))
