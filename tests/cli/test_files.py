"""Files that a command is given: bounds before reading, one line for whatever is wrong."""

import os
import threading
from pathlib import Path

import pytest

from zisk.cli.failures import CommandError
from zisk.cli.files import local_path, read_bounded
from zisk.exit_codes import ExitCode


def refusal(path: str, limit: int = 10) -> tuple[ExitCode, str]:
    with pytest.raises(CommandError) as caught:
        read_bounded(path, what="proof", limit=limit)
    return caught.value.kind.exit_code, str(caught.value)


def test_a_file_at_the_bound_is_read(tmp_path: Path) -> None:
    path = tmp_path / "proof"
    path.write_bytes(b"0123456789")
    assert read_bounded(str(path), what="proof", limit=10) == b"0123456789"
    assert read_bounded(f"file://{path}", what="proof", limit=10) == b"0123456789"


def test_a_file_beyond_the_bound_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "proof"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    assert refusal(str(path)) == (
        ExitCode.BAD_FILE,
        f"proof {path}: 1,099,511,627,776 bytes where at most 10 bytes are taken; "
        "check that this is the proof meant",
    )


def test_a_pipe_is_read_to_its_bound_only(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)

    def write() -> None:
        with path.open("wb") as file:
            file.write(b"x" * 11)

    writer = threading.Thread(target=write)
    writer.start()
    code, text = refusal(str(path))
    writer.join()
    assert (code, text) == (
        ExitCode.BAD_FILE,
        f"proof {path}: more where at most 10 bytes are taken; check that this is the proof meant",
    )


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "absent"
    assert refusal(str(path)) == (
        ExitCode.BAD_FILE,
        f"proof {path}: no such file; check the path, or make the file first",
    )


@pytest.mark.parametrize("path", ["/dev/zero", "/"])
def test_what_is_no_file_is_refused(path: str) -> None:
    code, text = refusal(path)
    assert (code, text) == (
        ExitCode.BAD_FILE,
        f"proof {path}: neither a file nor a pipe; name the proof file itself",
    )


def test_only_file_uris_are_read() -> None:
    assert refusal("https://example.org/proof")[0] == ExitCode.USAGE
    assert local_path("file:///a%20b", what="proof") == Path("/a b")


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("file:///tmp/%00x", "a path cannot have a zero byte in it; check the path"),
        ("/tmp/\0x", "a path cannot have a zero byte in it; check the path"),
        ("http://[x/y", "this is no URI; write file:///PATH, or the path alone"),
    ],
)
def test_what_can_be_no_path_is_a_usage_error(path: str, remedy: str) -> None:
    assert refusal(path) == (ExitCode.USAGE, f"proof {path}: {remedy}")
