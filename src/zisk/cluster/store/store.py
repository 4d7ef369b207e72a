"""The store: one database, held by one coordinator at a time, in which committed is what is there."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from zisk.cluster.errors import StoreError, StoreLostError
from zisk.cluster.scheduling.jobs import Job, JobState
from zisk.cluster.scheduling.state import CoordinatorState
from zisk.cluster.store.changes import Changes, read_all
from zisk.cluster.store.database import Database
from zisk.cluster.store.rows import Rows, job_of, rows_of
from zisk.cluster.store.schema import bring_up_to_date
from zisk.cluster.store.tables import COORDINATOR, JOB_TABLES, PROGRAMS
from zisk.errors import ErrorKind
from zisk.printable import printable

__all__ = ["Store"]

_LEASE_BITS = 32
"""Leases that one coordinator may give: above them stands its epoch, so that no number comes again."""


class Store:
    """What outlives the coordinator. Every call blocks, and calls come one after the other, from any thread.

    `epoch` is the number of this coordinator among all that have held the store. Whatever is written is
    written on the condition that nobody has come since.
    """

    def __init__(self, database: Database, epoch: int) -> None:
        self.epoch = epoch
        self._database = database
        self._written: Mapping[str, Rows] | None = None
        """What is known to be there; None where it has to be read first."""
        self._number = 0
        """The number of the job that came last."""

    @classmethod
    def open(cls, url: str, *, holder: str) -> "Store":
        """Bring the schema up to date, take the epoch after the last one, and hold the database.

        `holder` says who that is, for whoever is refused or replaced.

        Raises:
            StoreError: it cannot be; the text says why, and what to do.

        """
        database = Database(url, holder)
        try:
            with database.engine.connect() as connection:
                bring_up_to_date(connection)
                connection.commit()
            with database.engine.begin() as connection:
                return cls(database, _next_epoch(connection, holder))
        except SQLAlchemyError as error:
            database.close()
            raise database.unusable(error) from error
        except BaseException:
            database.close()
            raise

    def load(self, *, now: float, wall: float) -> CoordinatorState:
        """The state as it was committed: jobs in the order in which they came, and the queue.

        `now` is the time on the coordinator's clock, `wall` the seconds since 1970 at that moment. Nobody is
        connected. Time since the last commit does not count for the phases of running jobs.

        Raises:
            StoreLostError: another coordinator has come since.
            StoreError: it cannot be read.

        """
        with self._transaction("read") as connection:
            committed = connection.execute(select(COORDINATOR.c.committed)).scalar_one()
            passed = max(wall - committed, 0.0) if committed else 0.0
            self._read(connection)
            jobs = [self._job_of(rows, wall - now) for rows in (self._written or {}).values()]
            running = [job for job in jobs if job.state is JobState.RUNNING]
            for job in running:
                _shift(job, passed, now)
            self._write(connection, [rows_of(job, wall_offset=wall - now) for job in running], (), wall)
        return CoordinatorState(
            jobs={job.job_id: job for job in jobs},
            queue=[job.job_id for job in jobs if job.state is JobState.QUEUED],
            leases=self.epoch << _LEASE_BITS,
            deserted=now,
        )

    def commit(
        self, jobs: Sequence[Rows], gone: Sequence[str] = (), *, programs: Collection[str] | None = None
    ) -> None:
        """Make what is written equal to these jobs, and drop those that are gone, in one transaction.

        Jobs that are new are in the order in which they came. `programs` are all that are kept, where that
        has changed.

        Raises:
            StoreLostError: another coordinator has come since, and nothing is written.
            StoreError: it failed, and nothing is written, unless the connection broke in its last moment:
                `load` says what is there.

        """
        with self._transaction("written") as connection:
            if self._written is None:
                self._read(connection)
            self._write(connection, jobs, gone, time.time())
            if programs is not None:
                _write_programs(connection, programs)

    def programs(self) -> list[str]:
        """The `hash_id` of each program that is kept.

        Raises:
            StoreLostError: another coordinator has come since.
            StoreError: it cannot be read.

        """
        with self._transaction("read") as connection:
            return _read_programs(connection)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    @contextmanager
    def _transaction(self, what: str) -> Iterator[Connection]:
        """All or nothing, while nobody has come since; after a failure what is there is read again."""
        try:
            with self._database.engine.begin() as connection:
                self._check_epoch(connection)
                yield connection
        except BaseException as error:
            self._written = None
            if isinstance(error, SQLAlchemyError):
                raise self._database.failed(what, error) from error
            raise

    def _check_epoch(self, connection: Connection) -> None:
        """Hold the row of the coordinator until the transaction ends, if it is still this one's."""
        mine = (
            update(COORDINATOR)
            .where(COORDINATOR.c.epoch == self.epoch)
            .values(commits=COORDINATOR.c.commits + 1)
        )
        if connection.execute(mine).rowcount == 1:
            return
        epoch, holder = connection.execute(select(COORDINATOR.c.epoch, COORDINATOR.c.holder)).one()
        raise StoreLostError(
            ErrorKind.STORE,
            f"the store {self._database.name} has been taken over by another coordinator, "
            f"{printable(holder, 256)}, with epoch {epoch} after {self.epoch}; "
            "this one decides nothing any more",
        )

    def _job_of(self, rows: Rows, wall_offset: float) -> Job:
        try:
            return job_of(rows, wall_offset=wall_offset)
        except (AssertionError, LookupError, TypeError, ValueError) as error:
            raise StoreError(
                ErrorKind.STORE,
                f"job {printable(rows.job_id)} cannot be read from the store {self._database.name}: its rows "
                f"do not fit together ({type(error).__name__}: {printable(str(error), 200)}); bring back a "
                "copy of the store, or start with an empty one",
            ) from error

    def _read(self, connection: Connection) -> None:
        self._written = read_all(connection)
        number = JOB_TABLES["jobs"].table.c.number
        self._number = connection.execute(select(func.max(number))).scalar_one() or 0

    def _write(self, connection: Connection, jobs: Sequence[Rows], gone: Sequence[str], wall: float) -> None:
        """Send the difference; what is known to be there changes with it."""
        written, changes, going = dict(self._written or {}), Changes(), set(gone)
        for rows in {rows.job_id: rows for rows in jobs if rows.job_id not in going}.values():
            if (old := written.get(rows.job_id)) is not None:
                changes.change(old, rows)
            else:
                self._number += 1
                changes.add(rows, self._number)
            written[rows.job_id] = rows
        for job_id in going:
            if written.pop(job_id, None) is not None:
                changes.drop(job_id)
        changes.apply(connection)
        connection.execute(update(COORDINATOR).values(committed=wall))
        self._written = written


def _next_epoch(connection: Connection, holder: str) -> int:
    row = {"epoch": COORDINATOR.c.epoch + 1, "holder": holder, "since": time.time()}
    if connection.execute(update(COORDINATOR).values(row)).rowcount != 1:
        raise StoreError(
            ErrorKind.HOST,
            "the store has no row of the coordinator, so it is damaged; give this coordinator an empty one",
        )
    return connection.execute(select(COORDINATOR.c.epoch)).scalar_one()


def _shift(job: Job, seconds: float, now: float) -> None:
    """Let time that has passed count for no phase."""
    if job.phase_started is not None:
        job.phase_started = min(job.phase_started + seconds, now)


def _read_programs(connection: Connection) -> list[str]:
    return list(connection.execute(select(PROGRAMS.c.hash_id).order_by(PROGRAMS.c.hash_id)).scalars())


def _write_programs(connection: Connection, programs: Collection[str]) -> None:
    there = set(_read_programs(connection))
    for hash_id in there - set(programs):
        connection.execute(delete(PROGRAMS).where(PROGRAMS.c.hash_id == hash_id))
    if coming := [{"hash_id": hash_id} for hash_id in sorted(set(programs) - there)]:
        connection.execute(insert(PROGRAMS), coming)
