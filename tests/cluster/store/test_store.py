"""What a store promises, the same in SQLite, PostgreSQL and MariaDB."""

import multiprocessing
import random
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event, func, inspect, select

from tests.cluster.store import committing, servers
from tests.cluster.store.conftest import empty_database, tell_server
from tests.cluster.store.jobs import OFFSET, proved_job, queued_job, rows, running_job
from zisk.cluster.errors import StoreError, StoreLostError
from zisk.cluster.scheduling.jobs import Job, JobState
from zisk.cluster.scheduling.state import CoordinatorState
from zisk.cluster.store import Rows, Store
from zisk.cluster.store.database import Database
from zisk.cluster.store.tables import JOB_TABLES, METADATA, SCHEMA_TABLE
from zisk.errors import ErrorKind

KILLS = {"sqlite": 12, "postgres": 3, "mysql": 3}


def loaded(store: Store) -> CoordinatorState:
    """The state as the store has it, at the moment of the last commit."""
    return store.load(now=9.0, wall=OFFSET + 9)


def told(job: Job) -> Job:
    """A job whose instants are of the resolution that a time of day has."""
    return replace(
        job,
        submitted=pytest.approx(job.submitted, abs=1e-6),
        started=pytest.approx(job.started, abs=1e-6),
        phase_started=pytest.approx(job.phase_started, abs=1e-6),
        ended=pytest.approx(job.ended, abs=1e-6),
        events=[replace(one, at=pytest.approx(one.at, abs=1e-6)) for one in job.events],
    )


def test_jobs_come_back_as_they_were_and_in_their_order(url: str, store: Store) -> None:
    first, second = queued_job("z"), queued_job("a")
    jobs = [proved_job(), first, running_job(), second]
    store.commit([rows(job) for job in jobs[:2]])
    store.commit([rows(job) for job in jobs])
    store.close()
    again = Store.open(url, holder="second")
    state = loaded(again)
    assert list(state.jobs) == ["proved", "z", "running", "a"]
    assert list(state.jobs.values()) == list(map(told, jobs))
    assert state.queue == ["z", "a"]
    assert (state.leases, again.epoch) == (2 << 32, 2)
    assert (state.workers, state.deserted) == ({}, 9.0)
    state.validate()
    again.close()


def test_what_changes_is_sent_and_nothing_else(store: Store) -> None:
    job = running_job()
    store.commit([rows(job)])
    sent: list[str] = []
    event.listen(
        store._database.engine,
        "before_cursor_execute",
        lambda _c, _u, text, *_: sent.append(re.split(" SET | WHERE ", text)[0]),
    )
    store.commit([rows(job)])
    own = ["UPDATE coordinator", "UPDATE coordinator"]
    assert [text for text in sent if text != "BEGIN IMMEDIATE"] == own
    sent.clear()
    del job.shares[1].pieces[0]
    job.state, job.failure = JobState.FAILED, job.unfit["e"]
    store.commit([rows(job)])
    assert sorted(text for text in sent if text != "BEGIN IMMEDIATE") == [
        "DELETE FROM payloads",
        *own,
        "UPDATE jobs",
    ]
    [found] = loaded(store).jobs.values()
    assert found == told(job)


def test_of_a_job_that_is_gone_no_row_stays(store: Store) -> None:
    store.commit([rows(running_job()), rows(proved_job())])
    store.commit([rows(queued_job("short")), rows(running_job())], ["running", "proved", "short", "unknown"])
    assert loaded(store).jobs == {}
    with store._database.engine.begin() as connection:
        for table in JOB_TABLES.values():
            assert connection.execute(select(func.count()).select_from(table.table)).scalar_one() == 0


def test_programs_are_those_that_were_named_last(store: Store) -> None:
    assert store.programs() == []
    store.commit([], programs={"b" * 64, "a" * 64})
    store.commit([], programs=["c" * 64, "a" * 64])
    store.commit([])
    assert store.programs() == ["a" * 64, "c" * 64]


def test_time_without_a_coordinator_does_not_count_for_a_phase(url: str, store: Store) -> None:
    job = running_job()
    store.commit([rows(job)])
    committed = time.time()
    store.close()
    for start in (1, 2):
        again = Store.open(url, holder="later")
        # The clock of the new coordinator shows 50 an hour and another one later.
        wall = committed + 3600 * start
        found = again.load(now=50.0, wall=wall).jobs["running"]
        assert job.phase_started is not None
        spent = committed - (OFFSET + job.phase_started)
        assert found.phase_started == pytest.approx(50 - spent, abs=1)
        assert found.started == pytest.approx(50 - (wall - OFFSET) + 0.2, abs=0.01)
        again.close()


def test_a_clock_that_went_back_gives_no_phase_more_time_than_all(store: Store) -> None:
    store.commit([rows(running_job())])
    found = store.load(now=7.0, wall=OFFSET - 1e6).jobs["running"]
    assert found.phase_started == 7.0


def test_a_commit_that_fails_writes_nothing_and_the_next_one_counts(store: Store) -> None:
    store.commit([rows(queued_job("first"))])
    broken = rows(queued_job("broken"))
    broken = Rows("broken", {**broken.tables, "events": {(0,): (None, None, None)}})
    with pytest.raises(StoreError, match=r"the store .* cannot be written: .*(?i:null)") as caught:
        store.commit([rows(running_job()), broken], ["first"], programs=["a"])
    assert caught.value.kind is ErrorKind.STORE
    assert not isinstance(caught.value, StoreLostError)
    assert (list(loaded(store).jobs), store.programs()) == (["first"], [])
    store.commit([rows(running_job())], ["first"])
    assert list(loaded(store).jobs) == ["running"]


def test_migrations_lead_to_the_tables_that_are_declared(url: str, store: Store) -> None:
    engine = store._database.engine
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "version_table": SCHEMA_TABLE}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), METADATA) == []
        migrated = _described(connection)
        METADATA.drop_all(connection)
        METADATA.create_all(connection)
        assert _described(connection) == migrated
        connection.commit()


def _described(connection: object) -> dict[str, object]:
    """What a database says of its tables."""
    found = inspect(connection)
    assert found is not None
    return {
        name: (
            [{**column, "type": repr(column["type"])} for column in found.get_columns(name)],
            found.get_pk_constraint(name),
            found.get_unique_constraints(name),
            found.get_indexes(name),
            found.get_table_options(name) if found.dialect.name == "mysql" else {},
        )
        for name in METADATA.tables
    }


def test_a_store_of_a_newer_version_is_refused(url: str, store: Store) -> None:
    with store._database.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {SCHEMA_TABLE} SET version_num = '9999'")
    store.close()
    with pytest.raises(StoreError, match=r"a newer version .* its schema is 9999, .* up to 0001") as caught:
        Store.open(url, holder="older")
    assert caught.value.kind is ErrorKind.UNSUPPORTED


def test_a_start_that_was_interrupted_is_made_good(url: str) -> None:
    database = Database(url, "interrupted")
    with database.engine.begin() as connection:
        for name in ("coordinator", "programs", "jobs"):
            METADATA.tables[name].create(connection)
    database.close()
    store = Store.open(url, holder="next")
    assert (store.epoch, loaded(store).jobs) == (1, {})
    store.close()


def test_who_comes_later_decides_alone(server_url: str) -> None:
    first = Store.open(server_url, holder="first:7000")
    first.commit([rows(queued_job("a"))])
    second = Store.open(server_url, holder="second:7000")
    assert (first.epoch, second.epoch) == (1, 2)
    for work in (
        lambda: first.commit([rows(queued_job("b"))], ["a"]),
        lambda: loaded(first),
        first.programs,
    ):
        with pytest.raises(
            StoreLostError, match=r"taken over by another coordinator, second:7000, .* 2 after 1"
        ):
            work()
    second.commit([rows(queued_job("c"))])
    assert list(loaded(second).jobs) == ["a", "c"]
    first.close()
    second.close()


def test_who_stops_in_the_middle_of_a_commit_keeps_nobody_out(
    server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience = {
        "postgresql": ("SET idle_in_transaction_session_timeout = '1s'",),
        "mysql": ("SET SESSION wait_timeout = 1",),
    }
    monkeypatch.setattr("zisk.cluster.store.database._SETUP", patience)
    first = Store.open(server_url, holder="stops")
    with (
        pytest.raises(StoreError, match="cannot be written"),
        first._transaction("written") as connection,
    ):
        second = Store.open(server_url, holder="second")
        assert second.epoch == 2
        second.close()
        connection.execute(select(func.count()).select_from(JOB_TABLES["jobs"].table))
    with pytest.raises(StoreLostError):
        first.commit([])
    first.close()


def test_who_come_at_once_come_one_after_the_other(server_url: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        stores = list(threads.map(lambda holder: Store.open(server_url, holder=holder), "abcd"))
    assert sorted(store.epoch for store in stores) == [1, 2, 3, 4]
    for store in stores:
        store.close()


def test_a_database_that_is_gone_fails_a_commit_and_keeps_nobody_waiting() -> None:
    with servers.postgres() as server:
        store = Store.open(empty_database(server), holder="first")
        store.commit([rows(queued_job("a"))])
    for work in (lambda: store.commit([rows(queued_job("b"))]), lambda: loaded(store), store.programs):
        with pytest.raises(StoreError, match=r"connection failed.*; see to the database"):
            work()
    store.close()


def test_rows_that_do_not_fit_together_are_told(store: Store) -> None:
    store.commit([rows(running_job())])
    with store._database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM shares WHERE share = 1")
    with pytest.raises(StoreError, match=r"job running cannot be read .* \(IndexError: .*bring back a copy"):
        loaded(store)


def test_a_connection_that_ended_meanwhile_is_replaced(server_url: str) -> None:
    store = Store.open(server_url, holder="first")
    store.commit([rows(queued_job("a"))])
    if server_url.startswith("postgres"):
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        [(ended,)] = tell_server(server_url, f"SELECT count(pg_terminate_backend(pid)) {others}")
    else:
        others = "FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        found = tell_server(server_url, f"SELECT id {others}")
        ended = len([tell_server(server_url, f"KILL {number}") for (number,) in found])
    assert ended == 1
    store.commit([rows(queued_job("b"))])
    assert list(loaded(store).jobs) == ["a", "b"]
    store.close()


def test_a_second_coordinator_on_a_folder_is_refused_by_name(tmp_path: Path) -> None:
    first = Store.open(f"sqlite:///{tmp_path}/jobs.sqlite", holder="first:7000")
    with pytest.raises(
        StoreError, match=r"held by another coordinator, process \d+ since .*first:7000"
    ) as caught:
        Store.open(f"sqlite:///{tmp_path}/other.sqlite", holder="second")
    assert caught.value.kind is ErrorKind.HOST
    first.close()
    Store.open(f"sqlite:///{tmp_path}/jobs.sqlite", holder="second").close()


def test_what_was_committed_survives_any_kill(url: str) -> None:
    """Killed at random instants, a dozen times: each commit that returned is there, and none by half."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([committing.__name__])
    chance = random.Random(11)
    for _ in range(KILLS[url.partition(":")[0]]):
        hears, tells = processes.Pipe(duplex=False)
        child = processes.Process(target=committing.commit_for_ever, args=(url, tells), daemon=True)
        child.start()
        tells.close()
        try:
            assert hears.poll(30), "nothing is committed"
            time.sleep(chance.uniform(0, 0.05))
        finally:
            child.kill()
            child.join()
        last = _last_told(hears)
        store = Store.open(url, holder="looks")
        counts = {len(job.events) - 1 for job in loaded(store).jobs.values()}
        [count] = counts
        assert last <= count <= last + 1
        assert store.programs() == [str(count)]
        store.close()


def _last_told(hears: Connection) -> int:
    number = -1
    try:
        while True:
            number = hears.recv()
    except EOFError:
        return number
