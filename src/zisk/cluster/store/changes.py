"""The difference between rows that are written and rows that are to be; and reading all that are written."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Executable, select

from zisk.cluster.store.rows import Rows
from zisk.cluster.store.tables import JOB_TABLES, JobTable
from zisk.cluster.store.values import TableRows

__all__ = ["Changes", "read_all"]

_NOTHING: TableRows = {}


class Changes:
    """Rows of jobs that go, change and come; nothing is sent before `apply`."""

    def __init__(self) -> None:
        self._gone: list[dict[str, Any]] = []
        self._tables = {name: _TableChanges(table) for name, table in JOB_TABLES.items()}

    def add(self, rows: Rows, number: int) -> None:
        """A job that is new, and its place in the order of all."""
        for name, changes in self._tables.items():
            changes.compare(rows.job_id, _NOTHING, rows.tables[name])
        self._tables["jobs"].coming[-1]["number"] = number

    def change(self, old: Rows, new: Rows) -> None:
        """A job that is there already."""
        for name, changes in self._tables.items():
            if old.tables[name] != new.tables[name]:
                changes.compare(new.job_id, old.tables[name], new.tables[name])

    def drop(self, job_id: str) -> None:
        """A job that is forgotten."""
        self._gone.append({"key_job_id": job_id})

    def apply(self, connection: Connection) -> None:
        """Send everything, in few statements."""
        for changes in self._tables.values():
            _send(connection, changes.table.deletion_of_job, self._gone)
            changes.apply(connection)


class _TableChanges:
    """Rows that go, change and come in one table, as parameters of its statements."""

    def __init__(self, table: JobTable) -> None:
        self.table = table
        self.going: list[dict[str, Any]] = []
        self.changing: list[dict[str, Any]] = []
        self.coming: list[dict[str, Any]] = []

    def compare(self, job_id: str, old: TableRows, new: TableRows) -> None:
        """Add what leads from the old rows of a job to the new ones."""
        table = self.table
        self.going += [table.identity(job_id, key) for key in old.keys() - new.keys()]
        for key, row in new.items():
            if (before := old.get(key)) is None:
                self.coming.append(table.whole(job_id, key, row))
            elif before != row:
                self.changing.append(table.identity(job_id, key) | table.values(row))

    def apply(self, connection: Connection) -> None:
        """Send it."""
        _send(connection, self.table.deletion, self.going)
        _send(connection, self.table.change, self.changing)
        _send(connection, self.table.insertion, self.coming)


def read_all(connection: Connection) -> dict[str, Rows]:
    """The rows of all jobs that are written, by id, in the order in which they came."""
    jobs = JOB_TABLES["jobs"].table
    order = connection.execute(select(jobs.c.job_id).order_by(jobs.c.number)).scalars()
    found: dict[str, dict[str, dict[Any, Any]]] = {
        job_id: {name: {} for name in JOB_TABLES} for job_id in order
    }
    for name, table in JOB_TABLES.items():
        columns = [table.table.c[column] for column in ("job_id", *table.key, *table.row)]
        start = 1 + len(table.key)
        for row in connection.execute(select(*columns)):
            found[row[0]][name][tuple(row[1:start])] = tuple(row[start:])
    return {job_id: Rows(job_id, tables) for job_id, tables in found.items()}


def _send(connection: Connection, statement: Executable, parameters: Sequence[dict[str, Any]]) -> None:
    if parameters:
        connection.execute(statement, parameters)
