"""How the three programs end where nobody reads them, or nothing can be written, and what they note."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.facade import FakeProver
from zisk.cache_folder import _tell
from zisk.cli.arguments import OneLineParser
from zisk.cli.main import main
from zisk.cli.program import run
from zisk.exit_codes import ExitCode

FIBONACCI = Path(__file__).parents[2] / "examples" / "fibonacci" / "fibonacci.elf"
PROGRAMS = {"zisk": "zisk", "zisk-coordinator": "zisk.cli.coordinator", "zisk-worker": "zisk.cli.worker"}

PRINTING = """
import sys
from zisk.cli.arguments import OneLineParser
from zisk.cli.program import run

def command(parsed):
    print("a line")
    {then}

parser = OneLineParser(prog="program")
parser.set_defaults(run=command)
sys.exit(run(parser))
"""


@pytest.fixture
def nobody() -> Iterator[int]:
    """The end of a pipe to write to, whose other end is closed."""
    read, write = os.pipe()
    os.close(read)
    yield write
    os.close(write)


def ended(arguments: list[str], stdout: int, **environment: str) -> tuple[int, str]:
    """Exit code and standard error of a Python process, but for lines that tell of progress."""
    done = subprocess.run(
        [sys.executable, *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    return done.returncode, without_progress(done.stderr)


def without_progress(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("{"))


@pytest.mark.parametrize("buffered", ["", "1"])
@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        *((program, [flag]) for program in PROGRAMS for flag in ("--help", "--version")),
        ("zisk", ["execute", "-e", str(FIBONACCI)]),
        ("zisk-coordinator", ["config", "show"]),
    ],
)
def test_a_reader_who_leaves_ends_a_program_quietly(
    program: str, arguments: list[str], buffered: str, nobody: int
) -> None:
    command = ["-m", PROGRAMS[program], *arguments]
    assert ended(command, nobody, PYTHONUNBUFFERED=buffered) == (ExitCode.OK, "")


@pytest.mark.parametrize(
    ("program", "arguments", "code", "line"),
    [
        ("zisk", ["execute"], ExitCode.USAGE, "zisk execute: error: the following arguments are required: "),
        ("zisk", ["execute", "-e", "absent"], ExitCode.BAD_FILE, "zisk: error: guest program absent: "),
        (
            "zisk-coordinator",
            ["prove", "--coordinator-url", "http://127.0.0.1:1"],
            ExitCode.NO_CAPACITY,
            "zisk-coordinator: error: no coordinator ",
        ),
        ("zisk-worker", ["--config", "absent"], ExitCode.USAGE, "zisk-worker: error: "),
    ],
)
def test_a_failure_is_told_whether_or_not_anybody_reads(
    program: str, arguments: list[str], code: ExitCode, line: str, nobody: int
) -> None:
    command = ["-m", PROGRAMS[program], *arguments]
    got, told = ended(command, nobody)
    assert (got, told[: len(line)], told.count("\n")) == (code, line, 1)
    unheard = subprocess.run([sys.executable, *command], stdout=nobody, stderr=nobody)
    assert unheard.returncode == code


@pytest.mark.parametrize(
    ("then", "code", "told"),
    [
        ("return 5", 5, ""),
        ("sys.stdout.flush()", 0, ""),
        ("raise MemoryError", ExitCode.HOST, "program: error: the machine has no memory left for this; "),
    ],
)
def test_what_a_command_found_counts_when_nobody_reads_it(
    then: str, code: int, told: str, nobody: int
) -> None:
    got, line = ended(["-c", PRINTING.format(then=then)], nobody, PYTHONUNBUFFERED="")
    assert (got, line[: len(told)], line.count("\n")) == (code, told, int(bool(told)))


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        *((program, ["--help"]) for program in PROGRAMS),
        ("zisk-coordinator", ["config", "show"]),
    ],
)
def test_what_a_full_disk_does_not_take_is_a_failure(program: str, arguments: list[str]) -> None:
    with open("/dev/full", "w") as full:
        assert ended(["-m", PROGRAMS[program], *arguments], full.fileno()) == (
            ExitCode.HOST,
            f"{program}: error: No space left on device; check free space and permissions, then try again\n",
        )


def test_another_broken_pipe_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    def command(_: object) -> int:
        raise BrokenPipeError(32, "Broken pipe")

    parser = OneLineParser(prog="program")
    parser.set_defaults(run=command)
    assert run(parser, []) == ExitCode.HOST
    assert capsys.readouterr().err == (
        "program: error: Broken pipe; check free space and permissions, then try again\n"
    )


def test_a_cache_folder_that_is_refused_is_told_once(
    prover: FakeProver, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _tell.cache_clear()
    cache = tmp_path / "cache"
    cache.mkdir()
    cache.chmod(0o777)
    for told in (
        f"zisk: note: {cache} is refused as a cache: others than you and root may change what it holds; "
        "run chmod go-w on it and on the folders above it, or set ZISK_CACHE_DIR to a folder of your own\n",
        "",
    ):
        assert main(["program-setup", "-e", "guest.elf", "--size", "16"]) == ExitCode.OK
        assert without_progress(capsys.readouterr().err) == told
    assert list(cache.iterdir()) == []
    assert len(list(tmp_path.glob("zisk-*/keys-*/*.vk"))) == 1
