"""A file is there whole, or as it was before."""

import os
from pathlib import Path

import pytest

from zisk.whole_file import replacing


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_file_is_replaced_when_all_of_it_is_written(tmp_path: Path) -> None:
    target = tmp_path / "file"
    for data in (b"first", b"second"):
        with replacing(target, prefix=".partial-") as file:
            file.write(data)
            file.flush()
            [partial] = [path for path in tmp_path.iterdir() if path != target]
            assert (partial.name[:9], partial.read_bytes()) == (".partial-", data)
        assert contents(tmp_path) == {"file": data}


@pytest.mark.parametrize("before", [{}, {"file": b"before"}])
@pytest.mark.parametrize("error", [OSError, ValueError, KeyboardInterrupt])
def test_a_failure_leaves_what_was_there(
    error: type[BaseException], before: dict[str, bytes], tmp_path: Path
) -> None:
    for name, data in before.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(error), replacing(tmp_path / "file") as file:
        file.write(b"half")
        raise error
    assert contents(tmp_path) == before


def test_what_cannot_be_replaced_leaves_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError), replacing(tmp_path / "folder") as file:
        file.write(b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_where_there_is_no_folder_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="absent"), replacing(tmp_path / "absent" / "file"):
        pytest.fail("there is nothing to write to")


@pytest.mark.parametrize(("mode", "mask", "permissions"), [(0o600, 0, 0o600), (0o666, 0o027, 0o640)])
def test_permissions_are_those_asked_for_less_the_mask(
    mode: int, mask: int, permissions: int, tmp_path: Path
) -> None:
    before = os.umask(mask)
    try:
        with replacing(tmp_path / "file", mode=mode):
            pass
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == permissions
