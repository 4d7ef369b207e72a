"""The cache folder: where it is, who else decides what is found there, and what serves in its place."""

import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from zisk import cache_folder as caches
from zisk.cache_folder import cache_folder, is_private, make_private

HOME = {"ZISK_CACHE_DIR": "", "XDG_CACHE_HOME": "", "HOME": "/home/someone"}
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of others")
SOMEONE = 12_345
REFUSED = (
    "{} is refused as a cache: others than you and root may change what it holds; "
    "run chmod go-w on it and on the folders above it, or set ZISK_CACHE_DIR to a folder of your own"
)


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({}, "/home/someone/.cache/zisk"),
        ({"XDG_CACHE_HOME": "/caches"}, "/caches/zisk"),
        ({"XDG_CACHE_HOME": "/caches", "ZISK_CACHE_DIR": "/mine"}, "/mine"),
    ],
)
def test_variables_say_where_it_is(
    variables: dict[str, str], folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**HOME, **variables}.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == Path(folder)


def test_without_a_home_folder_the_error_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("ZISK_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(FileNotFoundError, match="Set ZISK_CACHE_DIR"):
        cache_folder()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as it is made here, in a cache folder in another."""
    folder = tmp_path / "home" / "cache" / "keys"
    make_private(folder)
    return folder


def test_what_is_made_is_private_whatever_the_mask(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        make_private(tmp_path / "cache" / "keys")
    finally:
        os.umask(mask)
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "cache", tmp_path / "cache" / "keys")] == [
        0o700,
        0o700,
    ]
    assert is_private(tmp_path / "cache" / "keys")


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o770, 0o777])
@pytest.mark.parametrize("steps", [0, 1, 2])
def test_a_folder_on_the_way_that_others_may_write_is_none_of_ours(
    folder: Path, mode: int, steps: int
) -> None:
    [folder, *folder.parents][steps].chmod(mode)
    assert not is_private(folder)


def test_others_may_write_beside_it_where_they_cannot_rename_it(folder: Path) -> None:
    folder.parent.chmod(0o1777)
    assert is_private(folder)
    folder.chmod(0o1777)
    assert not is_private(folder)


@pytest.mark.parametrize("target", ["home", "{path}/home", "../{name}/home", "home/cache/../../home"])
def test_a_link_of_ours_is_followed_unless_others_may_write_beside_it(
    folder: Path, tmp_path: Path, target: str
) -> None:
    (tmp_path / "link").symlink_to(target.format(path=tmp_path, name=tmp_path.name))
    through = tmp_path / "link" / "cache" / "keys"
    assert is_private(through)
    folder.parent.chmod(0o777)
    assert not is_private(through)
    folder.parent.chmod(0o700)
    tmp_path.chmod(0o1777)
    assert is_private(folder)
    assert not is_private(through)


def test_a_relative_name_is_that_below_the_working_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    assert is_private(Path("keys"))
    assert is_private(Path("../cache/keys"))
    folder.parent.chmod(0o777)
    assert not is_private(Path("keys"))


def test_the_folder_of_another_user_is_not_ours_unless_that_is_root(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = folder.stat().st_uid
    monkeypatch.setattr("os.geteuid", lambda: owner + 1)
    assert is_private(folder) == (owner == 0)


@AS_ROOT
@pytest.mark.parametrize("steps", [0, 1, 2])
def test_a_folder_on_the_way_that_belongs_to_another_is_none_of_ours(folder: Path, steps: int) -> None:
    os.chown([folder, *folder.parents][steps], SOMEONE, -1)
    assert not is_private(folder)


@AS_ROOT
def test_a_link_of_another_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert is_private(tmp_path / "link")
    os.chown(tmp_path / "link", SOMEONE, -1, follow_symlinks=False)
    assert not is_private(tmp_path / "link")


def test_where_there_is_no_folder_there_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for name in ("absent", "loop"):
        with pytest.raises(OSError, match=name):
            is_private(tmp_path / name)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that every user reaches: the cache folder is `home/cache`, temporary files are in `tmp`."""
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        place.chmod(0o755)
        (place / "home").mkdir(mode=0o755)
        (place / "tmp").mkdir()
        (place / "tmp").chmod(0o1777)
        monkeypatch.setenv("ZISK_CACHE_DIR", str(place / "home" / "cache"))
        monkeypatch.setattr(tempfile, "tempdir", str(place / "tmp"))
        yield place


@pytest.fixture
def planted(place: Path) -> Path:
    """An entry of the cache."""
    folder = place / "home" / "cache" / "keys"
    make_private(folder)
    plant(folder / "guest")
    return folder / "guest"


def plant(entry: Path) -> None:
    entry.write_bytes(b"planted")
    entry.chmod(0o600)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the log is told of caches from now on."""
    told: list[str] = []
    log = logging.Logger("zisk.cache")
    log.addHandler(handler := logging.Handler())
    monkeypatch.setattr(handler, "emit", lambda record: told.append(record.getMessage()))
    monkeypatch.setitem(logging.Logger.manager.loggerDict, "zisk.cache", log)
    caches._tell.cache_clear()
    return told


@contextmanager
def unprivileged() -> Iterator[None]:
    """Be a user who may not write what is read-only: another one, where this one is root."""
    if os.geteuid() != 0:
        yield
        return
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(SOMEONE)
    os.seteuid(SOMEONE)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def own(place: Path) -> Path:
    """The folder of this user's own among the temporary files."""
    return place / "tmp" / f"zisk-{os.geteuid()}"


def files(folder: Path) -> dict[str, bytes]:
    """Names and contents of all files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_kept_is_found_again_and_only_in_the_cache_folder(place: Path, told: list[str]) -> None:
    assert caches.load("keys", "guest") is None
    assert files(place) == {}
    caches.keep("keys", "guest", b"kept")
    assert [caches.load(*entry) for entry in (("keys", "guest"), ("keys", "other"), ("other", "guest"))] == [
        b"kept",
        None,
        None,
    ]
    assert files(place) == {"home/cache/keys/guest": b"kept"}
    assert (place / "home" / "cache" / "keys" / "guest").stat().st_mode & 0o777 == 0o600
    assert told == []


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777, 0o1777])
@pytest.mark.parametrize("steps", [0, 1])
def test_what_others_may_write_is_refused_and_a_folder_of_our_own_serves(
    mode: int, steps: int, planted: Path, place: Path, told: list[str]
) -> None:
    refused = planted.parents[steps]
    refused.chmod(mode)
    assert caches.load("keys", "guest") is None
    caches.keep("keys", "guest", b"kept")
    assert caches.load("keys", "guest") == b"kept"
    assert files(place) == {
        "home/cache/keys/guest": b"planted",
        f"tmp/zisk-{os.geteuid()}/keys/guest": b"kept",
    }
    assert [path.stat().st_mode & 0o777 for path in (own(place), own(place) / "keys")] == [0o700, 0o700]
    assert told == [REFUSED.format(refused)]


def test_where_others_may_rename_the_cache_folder_it_is_refused(
    planted: Path, place: Path, told: list[str]
) -> None:
    planted.parents[2].chmod(0o777)
    assert caches.load("keys", "guest") is None
    caches.keep("keys", "guest", b"kept")
    assert caches.load("keys", "guest") == b"kept"
    assert files(own(place)) == {"keys/guest": b"kept"}
    assert told == [REFUSED.format(planted.parents[1])]


def test_a_cache_folder_that_is_made_where_others_may_rename_it_is_refused(
    place: Path, told: list[str]
) -> None:
    """That shows when it is there; from then on a folder of our own serves."""
    (place / "home").chmod(0o777)
    caches.keep("keys", "guest", b"kept")
    assert files(place) == {}
    assert told == [REFUSED.format(place / "home" / "cache" / "keys")]
    caches.keep("keys", "guest", b"kept")
    assert caches.load("keys", "guest") == b"kept"
    assert files(place) == {f"tmp/zisk-{os.geteuid()}/keys/guest": b"kept"}


def test_a_file_that_others_may_write_is_refused(planted: Path, told: list[str]) -> None:
    planted.chmod(0o620)
    assert caches.load("keys", "guest") is None
    assert told == [REFUSED.format(planted)]
    caches.keep("keys", "guest", b"kept")
    assert caches.load("keys", "guest") == b"kept"


@AS_ROOT
@pytest.mark.parametrize("steps", [0, 1])
def test_what_another_owns_is_refused(steps: int, planted: Path, place: Path, told: list[str]) -> None:
    refused = planted.parents[steps]
    os.chown(refused, SOMEONE, -1)
    assert caches.load("keys", "guest") is None
    caches.keep("keys", "guest", b"kept")
    assert caches.load("keys", "guest") == b"kept"
    assert files(own(place)) == {"keys/guest": b"kept"}
    assert told == [REFUSED.format(refused)]


@AS_ROOT
def test_a_file_of_another_is_refused(planted: Path, told: list[str]) -> None:
    os.chown(planted, SOMEONE, -1)
    assert caches.load("keys", "guest") is None
    assert told == [REFUSED.format(planted)]


def read_only(planted: Path) -> None:
    """Make the cache folder one that an image brings along: all may read it."""
    planted.chmod(0o444)
    for folder in planted.parents[:2]:
        folder.chmod(0o555)


@pytest.mark.parametrize("kind", ["keys", "kernels"])
def test_a_cache_that_cannot_be_written_is_read_and_what_is_new_goes_to_a_folder_of_our_own(
    kind: str, planted: Path, place: Path, told: list[str]
) -> None:
    """Whether or not there is anything of its kind in the cache already."""
    read_only(planted)
    with unprivileged():
        caches.keep(kind, "new", b"kept")
        assert caches.load("keys", "guest") == b"planted"
        assert caches.load(kind, "new") == b"kept"
        assert files(own(place)) == {f"{kind}/new": b"kept"}
        assert [
            (path.stat().st_uid, path.stat().st_mode & 0o777) for path in (own(place), own(place) / kind)
        ] == [(os.geteuid(), 0o700)] * 2
    assert files(place / "home") == {"cache/keys/guest": b"planted"}
    assert told == []


MOUNTED = """
import sys
from zisk import cache_folder as caches
caches.keep("keys", "new", b"kept")
print(caches.load("keys", "guest"), caches.load("keys", "new"))
"""


@AS_ROOT
def test_root_reads_what_is_mounted_read_only_and_keeps_what_is_new_elsewhere(
    planted: Path, place: Path
) -> None:
    """In a mount namespace of its own, for which a container may lack the right."""
    cache = planted.parents[1]
    mount = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"'
    inside = ["unshare", "--mount", "sh", "-c"]
    if subprocess.run([*inside, mount, cache], capture_output=True).returncode != 0:
        pytest.skip("nothing can be mounted here")
    done = subprocess.run(
        [*inside, f'{mount} && exec "$1" -c "$2"', cache, sys.executable, MOUNTED],
        env={**os.environ, "TMPDIR": str(place / "tmp"), "PYTHONPATH": ":".join(filter(None, sys.path))},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("b'planted' b'kept'\n", "")
    assert files(place) == {"home/cache/keys/guest": b"planted", "tmp/zisk-0/keys/new": b"kept"}


@AS_ROOT
def test_a_cache_that_cannot_be_written_here_and_can_by_others_is_refused(
    planted: Path, place: Path, told: list[str]
) -> None:
    read_only(planted)
    planted.parents[1].chmod(0o575)
    os.chown(planted.parents[1], 0, SOMEONE + 1)
    with unprivileged():
        assert caches.load("keys", "guest") is None
        caches.keep("keys", "guest", b"kept")
        assert caches.load("keys", "guest") == b"kept"
        assert files(own(place)) == {"keys/guest": b"kept"}
    assert told == [REFUSED.format(planted.parents[1])]


@AS_ROOT
def test_where_the_cache_folder_cannot_be_reached_a_folder_of_our_own_serves(
    planted: Path, place: Path, told: list[str]
) -> None:
    planted.parents[2].chmod(0o700)
    with unprivileged():
        assert caches.load("keys", "guest") is None
        caches.keep("keys", "guest", b"kept")
        assert caches.load("keys", "guest") == b"kept"
        assert files(own(place)) == {"keys/guest": b"kept"}
    assert told == []


@pytest.mark.parametrize("name", ["file", "loop", "nowhere"])
def test_where_no_cache_folder_can_be_made_a_folder_of_our_own_serves(
    name: str, place: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "file").write_bytes(b"in the way")
    (place / "loop").symlink_to("loop")
    (place / "nowhere").symlink_to("absent/folder")
    monkeypatch.setenv("ZISK_CACHE_DIR", str(place / name))
    caches.keep("keys", "guest", b"kept")
    assert caches.load("keys", "guest") == b"kept"
    assert files(own(place)) == {"keys/guest": b"kept"}
    assert told == []


def test_where_a_folder_of_our_own_is_refused_too_nothing_is_kept(
    planted: Path, place: Path, told: list[str]
) -> None:
    planted.parents[1].chmod(0o777)
    own(place).mkdir()
    own(place).chmod(0o777)
    (own(place) / "keys").mkdir(mode=0o700)
    plant(own(place) / "keys" / "guest")
    caches.keep("keys", "other", b"kept")
    assert [caches.load("keys", name) for name in ("guest", "other")] == [None, None]
    assert files(own(place)) == {"keys/guest": b"planted"}
    assert told == [REFUSED.format(planted.parents[1]), REFUSED.format(own(place))]


def test_without_a_home_folder_nothing_is_kept(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise FileNotFoundError("there is no folder for caches")

    monkeypatch.setattr(caches, "cache_folder", nowhere)
    caches.keep("keys", "guest", b"kept")
    assert caches.load("keys", "guest") is None
    assert files(place) == {}
