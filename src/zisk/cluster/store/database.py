"""A database by its URL: which driver it takes, how its connections are set up, what its errors mean."""

import importlib
import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from zisk.cluster.errors import StoreError
from zisk.cluster.store.folder import FolderLock
from zisk.errors import ErrorKind
from zisk.printable import printable

__all__ = ["Database"]

_SERVERS = {
    "postgres": ("postgresql+psycopg", "psycopg", "postgres"),
    "postgresql": ("postgresql+psycopg", "psycopg", "postgres"),
    "mysql": ("mysql+pymysql", "pymysql", "mysql"),
    "mariadb": ("mysql+pymysql", "pymysql", "mysql"),
}
"""Driver, its module and the extra that installs it, by the scheme of the URL."""

_SETUP = {
    "sqlite": (
        "PRAGMA busy_timeout = 5000",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA fullfsync = ON",
    ),
    # A coordinator that is stopped in the middle of a commit must not keep its successor out for ever.
    "postgresql": (
        "SET idle_in_transaction_session_timeout = '30s'",
        "SET lock_timeout = '60s'",
    ),
    "mysql": ("SET SESSION wait_timeout = 30", "SET SESSION innodb_lock_wait_timeout = 60"),
}
"""What each new connection is told."""

_CONNECT_SECONDS = 10


class Database:
    """A database that is held: a folder for SQLite, or a server.

    `name` is its URL without what may be secret.
    """

    def __init__(self, url: str, holder: str) -> None:
        """Find the driver, and hold the folder where there is one; nothing is connected yet.

        Raises:
            StoreError: the URL is none, its driver is missing, or its folder cannot be held.

        """
        parsed = _parsed(url)
        self.name = _shown(parsed)
        self._lock: FolderLock | None = None
        if parsed.get_backend_name() == "sqlite":
            path = Path(parsed.database or "").absolute()
            self._lock = FolderLock(path.parent, holder)
            self.engine = self._within_lock(path)
        else:
            self.engine = _server(parsed)

    @property
    def on_disk(self) -> bool:
        """Whether it is a file, and not a server."""
        return self._lock is not None

    def close(self) -> None:
        """End the connections, and let go of the folder."""
        self.engine.dispose()
        if self._lock is not None:
            self._lock.release()

    def unusable(self, error: SQLAlchemyError) -> StoreError:
        """What an error means while a store is opened."""
        if self.on_disk:
            return StoreError(
                ErrorKind.HOST,
                f"the store {self.name} cannot be used: {_cause(error)}; "
                "see to the file and its disk, or name another folder with --state-dir",
            )
        return StoreError(
            ErrorKind.UNREACHABLE,
            f"the store {self.name} does not let this coordinator in: {_cause(error)}; "
            "start the database, or correct state.url",
        )

    def failed(self, what: str, error: SQLAlchemyError) -> StoreError:
        """What an error means once a store has been opened."""
        remedy = "make room on its disk and see to the file" if self.on_disk else "see to the database"
        return StoreError(
            ErrorKind.STORE, f"the store {self.name} cannot be {what}: {_cause(error)}; {remedy}"
        )

    def _within_lock(self, path: Path) -> Engine:
        try:
            return _file(path)
        except BaseException:
            assert self._lock is not None
            self._lock.release()
            raise


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is not None and parsed.drivername == "sqlite":
        if parsed.database and parsed.database != ":memory:" and not parsed.host and not parsed.query:
            return parsed
    elif parsed is not None and parsed.drivername in _SERVERS and parsed.database:
        return parsed
    shown = _shown(parsed) if parsed is not None else printable(url.rpartition("@")[2])
    raise StoreError(
        ErrorKind.USAGE,
        f"'{shown}' names no store: it is sqlite:///PATH, postgres://USER:PASSWORD@HOST:PORT/NAME "
        "or mysql://USER:PASSWORD@HOST:PORT/NAME; correct state.url",
    )


def _shown(url: URL) -> str:
    """A URL without password and parameters, among which there may be one."""
    return printable(url.set(query={}).render_as_string())


def _server(url: URL) -> Engine:
    drivername, module, extra = _SERVERS[url.drivername]
    try:
        importlib.import_module(module)
    except ImportError as error:
        raise StoreError(
            ErrorKind.USAGE,
            f"a store of {url.drivername}:// needs {module}, which cannot be loaded ({error}); "
            f"install it: pip install 'pyzisk[{extra}]'",
        ) from error
    if extra == "mysql":
        url = url.update_query_dict({"charset": "utf8mb4"})
    engine = create_engine(
        url.set(drivername=drivername),
        isolation_level="READ COMMITTED",
        pool_size=1,
        max_overflow=0,
        # One that was closed while nothing happened is replaced without a word.
        pool_pre_ping=True,
        connect_args={"connect_timeout": _CONNECT_SECONDS},
    )
    _set_up(engine)
    return engine


def _file(path: Path) -> Engine:
    """A file for this user alone; what SQLite writes beside it has the same permissions."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        file = os.open(path, flags, 0o600)
        try:
            os.fchmod(file, 0o600)
        finally:
            os.close(file)
    except OSError as error:
        raise StoreError(
            ErrorKind.HOST,
            f"the store {path} cannot be used: {error.strerror or error}; "
            "make it a file that this user may write, or name another folder with --state-dir",
        ) from error
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        pool_size=1,
        max_overflow=0,
        connect_args={"check_same_thread": False},
    )
    _set_up(engine)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _set_up(engine: Engine) -> None:
    """Have each new connection told what it is to know."""
    dialect = engine.dialect.name

    def tell(connection: Any, record: object) -> None:
        if dialect == "sqlite":
            connection.isolation_level = None  # Transactions begin where they are said to.
        cursor = connection.cursor()
        for statement in _SETUP[dialect]:
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    event.listen(engine, "connect", tell)


def _cause(error: SQLAlchemyError) -> str:
    """What the driver says, in one line, without the statement and its values."""
    told = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    text = " ".join(str(part) for part in told.args) or type(told).__name__
    return printable(" ".join(text.split()), 500)
