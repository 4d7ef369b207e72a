"""The first tables: who decides, jobs with all that is kept of them, and programs.

MySQL commits each table by itself: one that is there already is what an interrupted start has left.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import BigInteger, Column, Double
from sqlalchemy.dialects import mysql, postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_BINARY = "utf8mb4_bin"
_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": _BINARY}

_ID = (
    sa.String(64)
    .with_variant(mysql.VARCHAR(64, collation=_BINARY), "mysql")
    .with_variant(postgresql.VARCHAR(64, collation="C"), "postgresql")
)
_WORDS = (
    sa.Text()
    .with_variant(mysql.LONGTEXT(collation=_BINARY), "mysql")
    .with_variant(postgresql.TEXT(collation="C"), "postgresql")
)
_CONTENT = sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql")


def upgrade() -> None:
    """From an empty database."""
    _coordinator()
    _create("programs", _key("hash_id", _ID))
    _jobs()
    _shares()
    _payloads()
    _history()


def _coordinator() -> None:
    _create(
        "coordinator",
        _key("id", BigInteger),
        _needed("epoch", BigInteger),
        _needed("holder", _WORDS),
        _needed("since", Double),
        _needed("commits", BigInteger),
        _needed("committed", Double),
    )
    row = sa.table("coordinator", *map(sa.column, ("id", "epoch", "holder", "since", "commits", "committed")))
    if op.get_bind().execute(sa.select(sa.func.count()).select_from(row)).scalar_one() == 0:
        op.execute(row.insert().values(id=1, epoch=0, holder="", since=0.0, commits=0, committed=0.0))


def _jobs() -> None:
    _create(
        "jobs",
        _key("job_id", _ID),
        _needed("number", BigInteger, unique=True),
        _needed("kind", _ID),
        _needed("hash_id", _ID),
        Column("input_path", _WORDS),
        _needed("units", BigInteger),
        Column("minimum", BigInteger),
        _needed("log_size", BigInteger),
        _needed("security", BigInteger),
        _needed("data_id", _WORDS),
        _needed("form", _ID),
        _needed("state", _ID),
        Column("phase", _ID),
        _needed("submitted", Double),
        Column("started", Double),
        Column("phase_started", Double),
        Column("ended", Double),
        Column("challenge", _CONTENT),
        Column("steps", BigInteger),
        Column("cycles", BigInteger),
        _needed("lost", _WORDS),
        Column("failure_kind", _ID),
        Column("failure_message", _WORDS),
        Column("failure_phase", _ID),
        Column("failure_limit_seconds", Double),
    )


def _shares() -> None:
    _create(
        "shares",
        _key("job_id", _ID),
        _key("share", BigInteger),
        _needed("first_unit", BigInteger),
        _needed("units", BigInteger),
        Column("worker", _WORDS),
        _needed("done", sa.Boolean),
        Column("delivered", BigInteger),
        _needed("lost", _WORDS),
    )
    _create(
        "commitments",
        _key("job_id", _ID),
        _key("share", BigInteger),
        _key("position", BigInteger),
        _needed("commitment", _CONTENT),
    )


def _payloads() -> None:
    _create(
        "payloads",
        _key("job_id", _ID),
        _key("share", BigInteger),
        _key("role", _ID),
        _key("first", BigInteger),
        _key("stop", BigInteger),
        _needed("size", BigInteger),
        Column("digest", _CONTENT),
        Column("content", _CONTENT),
    )


def _history() -> None:
    _create(
        "executions",
        _key("job_id", _ID),
        _key("source", _ID),
        Column("steps", BigInteger),
        Column("cycles", BigInteger),
        _needed("segments", BigInteger),
        _needed("exit_code", BigInteger),
        _needed("outputs", _CONTENT),
        _needed("seconds", Double),
    )
    _create(
        "failures",
        _key("job_id", _ID),
        _key("share", BigInteger),
        _key("place", BigInteger),
        _needed("worker", _WORDS),
        _needed("kind", _ID),
        _needed("message", _WORDS),
        Column("phase", _ID),
        Column("limit_seconds", Double),
    )
    _create(
        "events",
        _key("job_id", _ID),
        _key("number", BigInteger),
        _needed("happening", _ID),
        _needed("at", Double),
        Column("phase", _ID),
    )


def _create(name: str, *columns: Column[Any]) -> None:
    op.create_table(name, *columns, if_not_exists=True, **_OPTIONS)


def _key(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _needed(name: str, kind: Any, **others: Any) -> Column[Any]:
    return Column(name, kind, nullable=False, **others)
