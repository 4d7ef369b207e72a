"""A job comes back from its rows as far as it is kept, and differences lead where writing it whole does."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant
from sqlalchemy import Connection, create_engine
from sqlalchemy.dialects import sqlite

from tests.cluster.store.jobs import OFFSET, proved_job, queued_job, rows, running_job
from tests.cluster.store.stories import KeepingCluster, as_kept
from zisk.cluster.scheduling.jobs import Failure, Job
from zisk.cluster.store import Rows, job_of, rows_of
from zisk.cluster.store.changes import Changes, read_all
from zisk.cluster.store.columns import Count, Words
from zisk.cluster.store.tables import JOB_TABLES, METADATA
from zisk.errors import ErrorKind

DIALECT = sqlite.dialect()


class RoundTrip(KeepingCluster):
    """After every event, every job is made anew from its rows, and a database is brought up to date."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = create_engine("sqlite://")
        self.connection = self.engine.connect()
        METADATA.create_all(self.connection)
        self.written: dict[str, Rows] = {}
        self.numbers = 0

    def teardown(self) -> None:
        self.connection.close()
        self.engine.dispose()

    @invariant()
    def rows_give_the_job_back(self) -> None:
        for job in self.machine.state.jobs.values():
            assert job_of(rows(job), wall_offset=OFFSET) == as_kept(job)

    @invariant()
    def differences_lead_to_the_same_rows(self) -> None:
        now = {job_id: rows(job) for job_id, job in self.machine.state.jobs.items()}
        changes = Changes()
        for job_id, new in now.items():
            if (old := self.written.get(job_id)) is not None:
                changes.change(old, new)
            else:
                self.numbers += 1
                changes.add(new, self.numbers)
        for job_id in self.written.keys() - now.keys():
            changes.drop(job_id)
        changes.apply(self.connection)
        self.written = now
        found = read_all(self.connection)
        assert (list(found), found) == (list(now), now)


TestRoundTrip = RoundTrip.TestCase
TestRoundTrip.settings = settings(max_examples=40, stateful_step_count=30)


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        METADATA.create_all(connection)
        yield connection
    engine.dispose()


@pytest.mark.parametrize("job", [queued_job("q"), running_job(), proved_job()], ids=lambda job: job.job_id)
def test_a_picture_does_not_change_with_its_job(job: Job, connection: Connection) -> None:
    picture, same = rows(job), rows(job)
    job.events.clear()
    job.lost["x"] = Failure(ErrorKind.WORKER_LOST, "gone")
    for share in job.shares:
        share.committed.clear()
        share.pieces.clear()
        share.failed.clear()
    assert picture == same
    changes = Changes()
    changes.add(picture, 1)
    changes.apply(connection)
    assert read_all(connection) == {job.job_id: same}


def test_tables_have_the_columns_of_their_rows() -> None:
    for name, table in JOB_TABLES.items():
        others = {"number"} if name == "jobs" else set()
        assert set(table.table.columns.keys()) == {"job_id", *table.key, *table.row, *others}, name
        assert [one.name for one in table.table.primary_key] == ["job_id", *table.key], name


def test_a_job_over_keeps_who_had_what_was_left_undone() -> None:
    job = running_job()
    job.shares[1].worker = "f"
    assert job_of(rows(job), wall_offset=OFFSET).shares[1].worker is None
    job.state = type(job.state).CANCELLED
    assert job_of(rows(job), wall_offset=OFFSET).shares[1].worker == "f"


def test_instants_are_those_of_the_clock_on_the_wall() -> None:
    job = job_of(rows_of(queued_job("q", 2.0), wall_offset=100.0), wall_offset=90.0)
    assert (job.submitted, job.events[0].at) == (12.0, 12.0)


@given(st.text(st.characters(codec=None), max_size=20) | st.text("\\u0d8\x00\ud83d", max_size=30))
def test_a_text_of_any_letters_is_kept_as_one_that_every_database_takes(text: str) -> None:
    kept = Words().process_bind_param(text, DIALECT)
    assert kept is not None
    assert "\x00" not in kept
    assert kept.encode().decode() == kept
    assert Words().process_result_value(kept, DIALECT) == text


@given(st.integers(0, (1 << 64) - 1))
def test_a_count_is_kept_in_64_bits_with_a_sign(count: int) -> None:
    kept = Count().process_bind_param(count, DIALECT)
    assert kept is not None
    assert -(1 << 63) <= kept < 1 << 63
    assert Count().process_result_value(kept, DIALECT) == count
