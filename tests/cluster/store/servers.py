"""A PostgreSQL and a MariaDB of the tests' own: data in a temporary folder, a free port of loopback.

Neither runs as root, so root runs them as nobody.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

__all__ = ["mariadb", "postgres"]

_NOBODY = 65534
_MOST_SECONDS = 60


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL, without the name of a database."""
    binaries = _found("initdb", sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), "postgresql")
    port = _free_port()
    with _folder() as folder:
        data = folder / "data"
        initialise = [binaries / "initdb", "--no-sync", "--auth=trust", "--username=zisk", "--encoding=UTF8"]
        _run([*initialise, "--locale=C", "-D", data])
        serve = [binaries / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", folder]
        with _running([*serve, "-c", "fsync=off"], signal.SIGINT, folder / "log"):
            url = f"postgres://zisk@127.0.0.1:{port}"
            create = [binaries / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "zisk", "probe"]
            _until(lambda: subprocess.run(create, capture_output=True).returncode == 0, folder / "log")
            yield url


@contextlib.contextmanager
def mariadb() -> Iterator[str]:
    """The URL of a MariaDB, without the name of a database."""
    binaries = _found("mariadbd", [Path("/usr/sbin"), Path("/usr/local/sbin")], "mariadb-server")
    port = _free_port()
    with _folder() as folder:
        data, socket_file = folder / "data", folder / "socket"
        places = ["--no-defaults", f"--datadir={data}", f"--tmpdir={folder}"]
        _run(["mariadb-install-db", *places, "--skip-test-db", "--auth-root-authentication-method=normal"])
        serve = [binaries / "mariadbd", *places, f"--socket={socket_file}", f"--port={port}"]
        small = ["--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=2", "--skip-name-resolve"]
        with _running([*serve, *small], signal.SIGTERM, folder / "log"):
            ping = ["mariadb-admin", "--no-defaults", f"--socket={socket_file}", "--user=root", "ping"]
            _until(lambda: subprocess.run(ping, capture_output=True).returncode == 0, folder / "log")
            yield f"mysql://root@127.0.0.1:{port}"


def _found(name: str, folders: list[Path], package: str) -> Path:
    """The folder of a server's programs; CI is to have them."""
    for folder in folders:
        if (folder / name).exists():
            return folder
    message = f"{name} is not here: apt-get install {package}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A folder with a short name, which the server's user may write."""
    folder = Path(tempfile.mkdtemp(prefix="zisk-db-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            os.chown(folder, _NOBODY, _NOBODY)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> dict[str, Any]:
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _run(command: list[Any]) -> None:
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=_MOST_SECONDS, **_user())
    assert done.returncode == 0, done.stdout + done.stderr


@contextlib.contextmanager
def _running(command: list[Any], stop: signal.Signals, log: Path) -> Iterator[None]:
    """A server, ended and waited for when the context ends."""
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd="/", stdout=output, stderr=subprocess.STDOUT, **_user())
    try:
        yield
    finally:
        server.send_signal(stop)
        try:
            server.wait(_MOST_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _until(ready: Callable[[], bool], log: Path) -> None:
    ends = time.monotonic() + _MOST_SECONDS
    while not ready():
        assert time.monotonic() < ends, log.read_text(errors="replace")
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
