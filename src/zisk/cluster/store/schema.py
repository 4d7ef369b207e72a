"""Brings the schema of a database up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from zisk.cluster.errors import StoreError
from zisk.cluster.store.tables import SCHEMA_TABLE
from zisk.errors import ErrorKind

__all__ = ["bring_up_to_date"]

_LOCK = 0x7A69736B
"""Names, among all that lock something in a database server, who migrates."""

_LOCK_SECONDS = 60
"""How long another coordinator may migrate."""


def bring_up_to_date(connection: Connection) -> None:
    """Run the migrations that are missing, one coordinator at a time; the caller commits.

    Raises:
        StoreError: the schema is of a newer version, or another coordinator does not end migrating.

    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["transactional"] = connection.dialect.name != "mysql"
    with _alone(connection):
        _refuse_newer(connection, ScriptDirectory.from_config(config))
        command.upgrade(config, "head")


def _refuse_newer(connection: Connection, known: ScriptDirectory) -> None:
    context = MigrationContext.configure(connection, opts={"version_table": SCHEMA_TABLE})
    there, here = context.get_current_revision(), [each.revision for each in known.walk_revisions()]
    if there is not None and there not in here:
        raise StoreError(
            ErrorKind.UNSUPPORTED,
            f"a newer version of pyzisk has written the store: its schema is {there}, and this version knows "
            f"up to {here[0]}; start that version, or give this one a store of its own",
        )


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Hold the lock of those who migrate; the folder of SQLite is locked as a whole."""
    match connection.dialect.name:
        case "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield
        case "mysql":
            name = {"lock": f"zisk {_LOCK:x}", "seconds": _LOCK_SECONDS}
            if connection.execute(text("SELECT GET_LOCK(:lock, :seconds)"), name).scalar_one() != 1:
                raise StoreError(
                    ErrorKind.HOST,
                    f"another coordinator has been migrating the store for {_LOCK_SECONDS} s; "
                    "end it, and start this one again",
                )
            try:
                yield
                connection.commit()  # The next one is to see it.
            finally:
                connection.rollback()
                connection.execute(text("SELECT RELEASE_LOCK(:lock)"), {"lock": name["lock"]})
        case _:
            yield
