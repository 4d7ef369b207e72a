"""What keeps a store from being opened is said before anything is written, with its remedy."""

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.store.jobs import proved_job, rows
from zisk.cluster.errors import StoreError
from zisk.cluster.store import Store
from zisk.cluster.store.folder import network_disk_of
from zisk.errors import ErrorKind

MOUNTS = """\
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
41 27 0:40 / /srv rw,relatime shared:1 - nfs4 server:/srv rw,vers=4.2
42 41 0:41 / /srv/local\\040disk rw - xfs /dev/vdb rw
43 27 0:42 / /home/me/far rw - fuse.sshfs me@far: rw
44 27 0:43 / /layers rw - fuse.fuse-overlayfs layers rw
45 27 0:44 / /mnt rw - ext4 /dev/vdc rw
46 27 0:45 / /mnt rw - cifs //far/share rw
"""


def refused(url: str) -> StoreError:
    """Why a store is not opened."""
    with pytest.raises(StoreError) as caught:
        Store.open(url, holder="one").close()
    return caught.value


@pytest.mark.parametrize(
    "url",
    [
        "",
        "jobs.sqlite",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///jobs.sqlite?mode=ro",
        "sqlite://host/jobs.sqlite",
        "postgres://host:port/name",
        "postgresql+asyncpg://host/name",
        "mysql://host",
        "oracle://host/name",
    ],
)
def test_a_url_of_nothing_that_is_known(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    error = refused(url)
    assert error.kind is ErrorKind.USAGE
    assert "names no store: it is sqlite:///PATH, postgres://" in str(error)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url", ["postgres://me:secret@127.0.0.1:{}/name", "mysql://me:secret@127.0.0.1:{}/name"]
)
def test_a_server_that_does_not_answer(url: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        error = refused(url.format(taken.getsockname()[1]))
    assert error.kind is ErrorKind.UNREACHABLE
    assert "secret" not in str(error)
    assert "refused" in str(error)
    assert str(error).endswith("start the database, or correct state.url")


@pytest.mark.parametrize(
    "url", ["oracle://me:secret@host/name", "me:secret@host", "postgres://host?password=secret"]
)
def test_a_password_is_not_shown(url: str) -> None:
    assert "secret" not in str(refused(url))


@pytest.mark.parametrize(
    ("scheme", "module", "extra"), [("postgres", "psycopg", "postgres"), ("mariadb", "pymysql", "mysql")]
)
def test_a_driver_that_is_not_installed(
    scheme: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    error = refused(f"{scheme}://host/name")
    assert error.kind is ErrorKind.USAGE
    assert f"pip install 'pyzisk[{extra}]'" in str(error)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    error = refused(f"sqlite:///{tmp_path}/file/state/jobs.sqlite")
    assert error.kind is ErrorKind.HOST
    assert f"jobs cannot be kept in {tmp_path}/file/state: Not a directory" in str(error)


def test_a_folder_where_nobody_may_write() -> None:
    error = refused("sqlite:////proc/self/jobs.sqlite")
    assert error.kind is ErrorKind.HOST
    assert "name another with --state-dir" in str(error)


def test_a_file_that_is_none_of_sqlite(tmp_path: Path) -> None:
    (tmp_path / "jobs.sqlite").write_bytes(b"these are no jobs" * 100)
    error = refused(f"sqlite:///{tmp_path}/jobs.sqlite")
    assert error.kind is ErrorKind.HOST
    assert "file is not a database" in str(error)
    assert "held by" not in str(refused(f"sqlite:///{tmp_path}/jobs.sqlite")), "the folder was let go"


def test_a_link_in_the_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "jobs.sqlite").symlink_to(tmp_path / "elsewhere")
    assert "Too many levels of symbolic links" in str(refused(f"sqlite:///{tmp_path}/jobs.sqlite"))
    assert not (tmp_path / "elsewhere").exists()


def test_what_is_kept_is_for_this_user_alone(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/new/state/jobs.sqlite", holder="one")
    store.commit([rows(proved_job())])
    folder = tmp_path / "new" / "state"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    store.close()
    assert modes == dict.fromkeys(
        ["coordinator.lock", "jobs.sqlite", "jobs.sqlite-wal", "jobs.sqlite-shm"], 0o600
    )


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    file = tmp_path / "jobs.sqlite"
    file.touch(0o644)
    Store.open(f"sqlite:///{file}", holder="one").close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_is_free_once_its_coordinator_has_been_killed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/jobs.sqlite"
    script = (
        "import sys; from zisk.cluster.store import Store\n"
        "store = Store.open(sys.argv[1], holder='killed\\x1b'); print(flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"\n"
        error = refused(url)
        child.kill()
    assert f"held by another coordinator, process {child.pid} since " in str(error)
    assert r"(killed\x1b)" in str(error)
    store = Store.open(url, holder="next")
    assert store.epoch == 2
    store.close()


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KiB."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root mounts a disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_disk_that_is_full_from_the_beginning(tiny: Path) -> None:
    (tiny / "filler").write_bytes(bytes(248 << 10))
    error = refused(f"sqlite:///{tiny}/jobs.sqlite")
    assert error.kind is ErrorKind.HOST
    assert "full" in str(error) or "No space left" in str(error)


def test_a_disk_that_becomes_full(tiny: Path) -> None:
    filler = tiny / "filler"
    filler.write_bytes(bytes(32 << 10))
    store = Store.open(f"sqlite:///{tiny}/jobs.sqlite", holder="one")
    with pytest.raises(StoreError, match=r"cannot be written: .* full; make room on its disk") as caught:
        store.commit([rows(proved_job())])
    assert caught.value.kind is ErrorKind.STORE
    assert store.load(now=0.0, wall=0.0).jobs == {}
    store.close()


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib/zisk", None),
        ("/srv", "nfs4"),
        ("/srv/a/b", "nfs4"),
        ("/srv-not", None),
        ("/srv/local disk/zisk", None),
        ("/home/me", None),
        ("/home/me/far", "fuse.sshfs"),
        ("/layers/x", None),
        ("/mnt/zisk", "cifs"),
    ],
)
def test_a_disk_of_a_network_is_known_by_its_type(folder: str, kind: str | None) -> None:
    assert network_disk_of(Path(folder), MOUNTS) == kind


def test_a_folder_on_a_network_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"1 1 0:1 / / rw - ext4 a rw\n2 1 0:2 / {tmp_path}/far rw - nfs server:/ rw\n")
    monkeypatch.setattr("zisk.cluster.store.folder._MOUNTS", mounts)
    error = refused(f"sqlite:///{tmp_path}/far/jobs.sqlite")
    assert error.kind is ErrorKind.HOST
    assert "which is on nfs: SQLite needs a disk of this machine" in str(error)
    assert os.listdir(tmp_path / "far") == []
    Store.open(f"sqlite:///{tmp_path}/near/jobs.sqlite", holder="one").close()
