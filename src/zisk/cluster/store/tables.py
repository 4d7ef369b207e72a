"""All tables: what migrations lead to, and the statements that rows of jobs are written with."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Delete,
    Double,
    Insert,
    MetaData,
    Table,
    Update,
    and_,
    bindparam,
    delete,
    insert,
    update,
)

from zisk.cluster.store.columns import CONTENT, IDENTIFIER, Count, Words
from zisk.cluster.store.execution_rows import ExecutionRow
from zisk.cluster.store.history_rows import EventRow, FailureRow
from zisk.cluster.store.job_row import JobRow
from zisk.cluster.store.payload_rows import PayloadRow
from zisk.cluster.store.share_rows import CommitmentRow, ShareRow
from zisk.cluster.store.values import Key, Row

__all__ = ["COORDINATOR", "JOB_TABLES", "METADATA", "PROGRAMS", "SCHEMA_TABLE", "JobTable"]

METADATA = MetaData()

SCHEMA_TABLE = "zisk_schema"
"""The table in which Alembic notes how far the migrations have come."""

_OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


@dataclass(frozen=True)
class JobTable:
    """A table with rows of jobs: the columns of its key after the job's id, then those of `Row`."""

    table: Table
    key: tuple[str, ...]
    row: tuple[str, ...]

    def identity(self, job_id: str, key: Key) -> dict[str, Any]:
        """Parameters that say which row is meant."""
        return {
            _of_key(name): value for name, value in zip(("job_id", *self.key), (job_id, *key), strict=True)
        }

    def values(self, row: Row) -> dict[str, Any]:
        """Parameters that say what a row holds."""
        return dict(zip(self.row, row, strict=True))

    def whole(self, job_id: str, key: Key, row: Row) -> dict[str, Any]:
        """Parameters of a new row."""
        return {"job_id": job_id, **dict(zip(self.key, key, strict=True)), **self.values(row)}

    @cached_property
    def insertion(self) -> Insert:
        """Takes `whole`, and what else the table has."""
        return insert(self.table)

    @cached_property
    def change(self) -> Update:
        """Takes `identity` and `values`."""
        return (
            update(self.table)
            .where(self._meant(("job_id", *self.key)))
            .values({name: bindparam(name) for name in self.row})
        )

    @cached_property
    def deletion(self) -> Delete:
        """Takes `identity`."""
        return delete(self.table).where(self._meant(("job_id", *self.key)))

    @cached_property
    def deletion_of_job(self) -> Delete:
        """Takes the part of `identity` that is the job's id."""
        return delete(self.table).where(self._meant(("job_id",)))

    def _meant(self, names: Iterable[str]) -> Any:
        return and_(*(self.table.c[name] == bindparam(_of_key(name)) for name in names))


def _of_key(name: str) -> str:
    return f"key_{name}"


def _job_table(name: str, key: dict[str, Any], row: type[Any], *columns: Column[Any]) -> JobTable:
    table = Table(
        name,
        METADATA,
        Column("job_id", IDENTIFIER, primary_key=True),
        *(Column(one, kind, primary_key=True, autoincrement=False) for one, kind in key.items()),
        *columns,
        **_OPTIONS,
    )
    return JobTable(table, tuple(key), row._fields)


def _needed(name: str, kind: Any, **others: Any) -> Column[Any]:
    return Column(name, kind, nullable=False, **others)


COORDINATOR = Table(
    "coordinator",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    _needed("epoch", BigInteger),
    _needed("holder", Words),
    _needed("since", Double),
    _needed("commits", BigInteger),
    _needed("committed", Double),
    **_OPTIONS,
)
"""One row: who decides, and when last something was committed. Instants are seconds since 1970."""

PROGRAMS = Table("programs", METADATA, Column("hash_id", IDENTIFIER, primary_key=True), **_OPTIONS)
"""Programs that are kept."""

JOB_TABLES = {
    "jobs": _job_table(
        "jobs",
        {},
        JobRow,
        _needed("number", BigInteger, unique=True),  # the place in the order in which jobs came
        _needed("kind", IDENTIFIER),
        _needed("hash_id", IDENTIFIER),
        Column("input_path", Words),
        _needed("units", BigInteger),
        Column("minimum", BigInteger),
        _needed("log_size", BigInteger),
        _needed("security", BigInteger),
        _needed("data_id", Words),
        _needed("form", IDENTIFIER),
        _needed("state", IDENTIFIER),
        Column("phase", IDENTIFIER),
        _needed("submitted", Double),
        Column("started", Double),
        Column("phase_started", Double),
        Column("ended", Double),
        Column("challenge", CONTENT),
        Column("steps", Count),
        Column("cycles", Count),
        _needed("lost", Words),
        Column("failure_kind", IDENTIFIER),
        Column("failure_message", Words),
        Column("failure_phase", IDENTIFIER),
        Column("failure_limit_seconds", Double),
    ),
    "shares": _job_table(
        "shares",
        {"share": BigInteger},
        ShareRow,
        _needed("first_unit", BigInteger),
        _needed("units", BigInteger),
        Column("worker", Words),
        _needed("done", Boolean),
        Column("delivered", BigInteger),
        _needed("lost", Words),
    ),
    "commitments": _job_table(
        "commitments",
        {"share": BigInteger, "position": Count},
        CommitmentRow,
        _needed("commitment", CONTENT),
    ),
    "payloads": _job_table(
        "payloads",
        {"share": BigInteger, "role": IDENTIFIER, "first": Count, "stop": Count},
        PayloadRow,
        _needed("size", Count),
        Column("digest", CONTENT),
        Column("content", CONTENT),
    ),
    "executions": _job_table(
        "executions",
        {"source": IDENTIFIER},
        ExecutionRow,
        Column("steps", Count),
        Column("cycles", Count),
        _needed("segments", Count),
        _needed("exit_code", Count),
        _needed("outputs", CONTENT),
        _needed("seconds", Double),
    ),
    "failures": _job_table(
        "failures",
        {"share": BigInteger, "place": BigInteger},
        FailureRow,
        _needed("worker", Words),
        _needed("kind", IDENTIFIER),
        _needed("message", Words),
        Column("phase", IDENTIFIER),
        Column("limit_seconds", Double),
    ),
    "events": _job_table(
        "events",
        {"number": BigInteger},
        EventRow,
        _needed("happening", IDENTIFIER),
        _needed("at", Double),
        Column("phase", IDENTIFIER),
    ),
}
"""The tables that `Rows` are of."""
