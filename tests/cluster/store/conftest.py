"""The databases that a store can be in, each empty for each test."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
from sqlalchemy import make_url

from tests.cluster.store import servers
from zisk.cluster.store import Store

DATABASES = ("sqlite", "postgres", "mariadb")
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with servers.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def mariadb() -> Iterator[str]:
    with servers.mariadb() as url:
        yield url


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, on disk or at a server."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state/jobs.sqlite"
    return empty_database(request.getfixturevalue(request.param))


@pytest.fixture(params=DATABASES[1:])
def server_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database at a server."""
    return empty_database(request.getfixturevalue(request.param))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store that has just been opened for the first time."""
    opened = Store.open(url, holder="first")
    yield opened
    opened.close()


def empty_database(server: str) -> str:
    """Make a database at a server."""
    name = f"zisk_{next(_numbers)}"
    tell_server(f"{server}/postgres" if server.startswith("postgres") else server, f"CREATE DATABASE {name}")
    return f"{server}/{name}"


def tell_server(url: str, statement: str) -> list[Any]:
    """Have a server do something on a connection beside the store's; what it answers."""
    parsed = make_url(url)
    if parsed.drivername == "postgres":
        with psycopg.connect(url.replace("postgres://", "postgresql://"), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []
    assert parsed.host is not None
    assert parsed.port is not None
    mysql = pymysql.connect(
        host=parsed.host, port=parsed.port, user=parsed.username, database=parsed.database, autocommit=True
    )
    with mysql, mysql.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())
