"""The cache folder: where it is, and who else decides what is found there."""

import os
from pathlib import Path

import pytest

from zisk.cache_folder import cache_folder, is_private, make_private, write_private

HOME = {"ZISK_CACHE_DIR": "", "XDG_CACHE_HOME": "", "HOME": "/home/someone"}
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of others")
SOMEONE = 12_345


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


def test_a_file_is_written_whole_or_leaves_nothing(folder: Path) -> None:
    write_private(folder / "key", b"first")
    write_private(folder / "key", b"second")
    (folder / "in the way").mkdir()
    with pytest.raises(OSError, match="in the way"):
        write_private(folder / "in the way", b"third")
    assert sorted(path.name for path in folder.iterdir()) == ["in the way", "key"]
    assert (folder / "key").read_bytes() == b"second"


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


def test_the_folder_of_another_user_is_not_ours(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: folder.stat().st_uid + 1)
    assert not is_private(folder)


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
