"""What a killed coordinator leaves behind goes with the next start; what a living one uses stays."""

import os
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from zisk.cluster.artifacts.temporary import temporary_folder

HOLD = (
    "import sys; from zisk.cluster.artifacts.temporary import temporary_folder\n"
    "with temporary_folder() as folder: print(folder, flush=True); sys.stdin.read()"
)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporary files lie below the test's own folder, here and in what it starts."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)


def held_by_another() -> tuple[subprocess.Popen[str], Path]:
    """A process that holds a folder, and the folder with a file in it."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    (folder / ("ab" * 32)).write_bytes(b"artifact")
    return process, folder


def test_it_is_there_and_then_gone(tmp_path: Path):
    with temporary_folder() as folder:
        assert folder.parent == tmp_path
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "file").write_bytes(b"content")
    assert list(tmp_path.iterdir()) == []


def test_that_of_a_killed_one_goes_and_that_of_a_living_one_stays(tmp_path: Path):
    dead, left = held_by_another()
    living, used = held_by_another()
    dead.send_signal(signal.SIGKILL)
    dead.wait(10)
    assert left.is_dir()
    with temporary_folder() as folder:
        assert not left.exists()
        assert (used / ("ab" * 32)).read_bytes() == b"artifact"
        assert folder != used
    living.communicate(timeout=10)
    assert living.returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["no lock", "a link", "a file", "a linked lock"])
def test_what_is_no_coordinators_stays(tmp_path: Path, kind: str):
    other, name = tmp_path / "other", tmp_path / "zisk-artifacts-strange"
    other.mkdir()
    (other / ".lock").write_bytes(b"")
    match kind:
        case "no lock":
            name.mkdir()
        case "a link":
            name.symlink_to(other)
        case "a file":
            name.write_bytes(b"")
        case "a linked lock":
            name.mkdir()
            (name / ".lock").symlink_to(other / ".lock")
    with temporary_folder():
        pass
    assert os.path.lexists(name)
    assert (other / ".lock").exists()


def test_several_that_start_at_once_leave_each_other_alone(tmp_path: Path):
    def hold(number: int) -> None:
        with temporary_folder() as folder:
            (folder / "file").write_text(str(number))
            assert (folder / ".lock").exists()
            assert (folder / "file").read_text() == str(number)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(hold, range(100)))
    assert list(tmp_path.iterdir()) == []
