"""Files that a command makes: looked at before the work, whole or not at all, through what is no file."""

import os
import pty
import socket
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.facade import FakeProver
from zisk.cli.failures import CommandError
from zisk.cli.main import main
from zisk.cli.outputs import check_place, write_output
from zisk.exit_codes import ExitCode

Captured = pytest.CaptureFixture[str]


def checked(path: str) -> None:
    check_place(path, what="proof")


def written(path: str) -> None:
    write_output(path, b"new", what="proof")


def refusal(action: Callable[[str], None], path: str) -> tuple[ExitCode, str]:
    with pytest.raises(CommandError) as caught:
        action(path)
    return caught.value.kind.exit_code, str(caught.value)


def test_a_new_file_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "proof"
    checked(str(path))
    assert os.listdir(tmp_path) == []
    assert write_output(str(path), b"new", what="proof") == path
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o644)
    assert os.listdir(tmp_path) == ["proof"]


def test_a_file_that_was_there_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "proof"
    path.write_bytes(b"older and longer")
    path.chmod(0o600)
    checked(str(path))
    assert path.read_bytes() == b"older and longer"
    written(str(path))
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o600)
    assert os.listdir(tmp_path) == ["proof"]


def test_a_file_is_replaced_at_once_and_not_rewritten(tmp_path: Path) -> None:
    path = tmp_path / "proof"
    path.write_bytes(b"old")
    with path.open("rb") as reader:
        written(str(path))
        assert reader.read() == b"old"


def test_the_longest_name_is_a_name(tmp_path: Path) -> None:
    path = tmp_path / ("p" * 255)
    checked(str(path))
    written(str(path))
    assert path.read_bytes() == b"new"


def test_a_pipe_is_written_through(tmp_path: Path) -> None:
    path, content = tmp_path / "pipe", b"x" * 200_000
    os.mkfifo(path)
    checked(str(path))
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    write_output(str(path), content, what="proof")
    reader.join()
    assert read == [content]
    assert stat.S_ISFIFO(path.lstat().st_mode)
    assert os.listdir(tmp_path) == ["pipe"]


def test_a_reader_that_goes_away_is_a_failure_of_the_host(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)

    def read_little() -> None:
        with path.open("rb", buffering=0) as file:
            file.read(1)

    reader = threading.Thread(target=read_little)
    reader.start()
    with pytest.raises(CommandError) as caught:
        write_output(str(path), b"x" * 1_000_000, what="proof")
    reader.join()
    assert (caught.value.kind.exit_code, str(caught.value)) == (
        ExitCode.HOST,
        f"proof {path}: cannot be written (Broken pipe); choose another place with -o/--output",
    )


def test_a_device_is_written_through() -> None:
    ours, theirs = pty.openpty()
    name = os.ttyname(theirs)
    before = os.lstat(name)
    checked(name)
    written(name)
    assert os.read(ours, 10) == b"new"
    assert os.path.samestat(before, os.lstat(name))
    os.close(ours)
    os.close(theirs)


def test_a_copy_of_the_null_device_stays_a_device(tmp_path: Path) -> None:
    path = tmp_path / "null"
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        path.open("wb").close()
    except PermissionError:
        pytest.skip("only a host that lets its root make devices can show this")
    checked(str(path))
    written(str(path))
    assert stat.S_ISCHR(path.lstat().st_mode)
    assert os.listdir(tmp_path) == ["null"]


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_and_what_it_leads_to_is_written(there: bool, tmp_path: Path) -> None:
    link, target = tmp_path / "link", tmp_path / "target"
    link.symlink_to("target")
    if there:
        target.write_bytes(b"older and longer")
    checked(str(link))
    assert target.exists() is there
    written(str(link))
    assert (link.is_symlink(), target.read_bytes()) == (True, b"new")


@pytest.mark.parametrize("action", [checked, written])
def test_what_cannot_be_written_is_named(action: Callable[[str], None], tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    (tmp_path / "astray").symlink_to("no/proof")
    (tmp_path / "loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket"))
    reasons = {
        "no/proof": "No such file or directory",
        "file/proof": "Not a directory",
        "folder": "it is a folder",
        "folder/": "it names no file",
        "folder/..": "it is a folder",
        "socket": "it is a socket",
        "loop": "Too many levels of symbolic links",
    }
    for name, reason in reasons.items():
        path = f"{tmp_path}/{name}"
        assert refusal(action, path) == (
            ExitCode.HOST,
            f"proof {path}: cannot be written ({reason}); choose another place with -o/--output",
        )
    assert refusal(action, str(tmp_path / "astray"))[0] == ExitCode.HOST
    assert refusal(action, "/proc/proof")[0] == ExitCode.HOST
    assert refusal(action, "")[0] == ExitCode.HOST
    assert sorted(os.listdir(tmp_path)) == ["astray", "file", "folder", "loop", "socket"]


@pytest.mark.parametrize("command", ["execute", "program-setup", "prove"])
def test_a_command_looks_before_it_works(command: str, prover: FakeProver, capsys: Captured) -> None:
    code = main([command, "-e", "guest.elf", "-o", "no/such/folder/file"])
    assert (code, prover.calls) == (ExitCode.HOST, [])
    [line] = capsys.readouterr().err.splitlines()
    assert line.endswith(
        " no/such/folder/file: cannot be written (No such file or directory); "
        "choose another place with -o/--output"
    )


def test_what_is_not_written_is_not_looked_at(prover: FakeProver) -> None:
    arguments = ["prove", "-e", "guest.elf", "--verify-constraints", "-o", "no/such/folder/file"]
    assert main(arguments) == ExitCode.OK
