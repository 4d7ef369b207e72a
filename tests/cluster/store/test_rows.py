"""A job comes back from its rows as it was, as far as it is kept, wherever a story has brought it."""

from hypothesis import settings
from hypothesis.stateful import invariant

from tests.cluster.store.stories import KeepingCluster, as_kept
from zisk.cluster.store import job_of, rows_of

OFFSET = float(1 << 30)
"""Whole seconds, so that instants come back to the bit."""


class RoundTrip(KeepingCluster):
    """After every event, every job is made anew from its rows."""

    @invariant()
    def rows_give_the_job_back(self) -> None:
        for job in self.machine.state.jobs.values():
            assert job_of(rows_of(job, wall_offset=OFFSET), wall_offset=OFFSET) == as_kept(job)


TestRoundTrip = RoundTrip.TestCase
TestRoundTrip.settings = settings(max_examples=50, stateful_step_count=40)
