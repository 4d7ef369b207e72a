"""Failures become one line and one exit code."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import zisk
from zisk.cli.exits import check_exit
from zisk.cli.failures import DEPENDENCIES, CommandError, explain
from zisk.errors import ErrorKind
from zisk.exit_codes import ExitCode


@pytest.mark.parametrize(
    ("error", "explained"),
    [
        (CommandError(ErrorKind.INPUT, "two\n lines"), (ExitCode.BAD_FILE, "two lines")),
        (CommandError(ErrorKind.INPUT, "\x1b[2Jgone"), (ExitCode.BAD_FILE, "\\x1b[2Jgone")),
        (
            CommandError(ErrorKind.INPUT, "x" * 5000),
            (ExitCode.BAD_FILE, "x" * 4096 + "... (904 more characters)"),
        ),
        (KeyboardInterrupt(), (ExitCode.INTERRUPTED, "interrupted")),
        (
            MemoryError(),
            (
                ExitCode.HOST,
                "the machine has no memory left for this; choose a smaller --size, or a larger machine",
            ),
        ),
        (
            OSError(12, "Cannot allocate memory"),
            (
                ExitCode.HOST,
                "the machine has no memory left for this; choose a smaller --size, or a larger machine",
            ),
        ),
        (
            OSError(28, "No space left on device", "/data/proof"),
            (
                ExitCode.HOST,
                "/data/proof: No space left on device; check free space and permissions, then try again",
            ),
        ),
        (
            ModuleNotFoundError("No module named 'grpc.aio'", name="grpc.aio"),
            (
                ExitCode.HOST,
                "this takes grpcio, which cannot be imported here; install pyzisk with all it depends on",
            ),
        ),
        (ModuleNotFoundError("No module named 'zisk.gone'", name="zisk.gone"), None),
        (ImportError("a defect"), None),
        (ValueError("a defect"), None),
    ],
)
def test_each_expected_failure_has_a_line(
    error: BaseException, explained: tuple[ExitCode, str] | None
) -> None:
    assert explain(error) == explained


def test_an_exit_code_is_judged_only_when_asked() -> None:
    assert check_exit(3, None) == ExitCode.OK
    assert check_exit(3, 3) == ExitCode.OK
    with pytest.raises(CommandError) as caught:
        check_exit(3, 0)
    assert caught.value.kind is ErrorKind.REFUSED


def test_an_error_ends_with_the_code_of_its_kind_and_a_defect_keeps_its_traceback() -> None:
    from zisk.cluster.errors import CoordinatorUnreachableError
    from zisk.stark.errors import TraceError

    assert explain(TraceError("a column is wrong")) is None
    error = CoordinatorUnreachableError("nobody answers; start zisk-coordinator")
    assert explain(error) == (ExitCode.NO_CAPACITY, "nobody answers; start zisk-coordinator")


def test_the_packages_of_others_are_those_that_are_imported() -> None:
    imported: set[str] = set()
    for path in Path(zisk.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.partition(".")[0])
    only_to_generate = {"grpc_tools"}
    assert imported - sys.stdlib_module_names - only_to_generate - {"zisk"} == set(DEPENDENCIES)


FIBONACCI = Path(__file__).parents[2] / "examples" / "fibonacci" / "fibonacci.elf"
WITHOUT = """
import sys

sys.modules[sys.argv[1]] = None
from zisk.cli.{program} import main

sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize(
    ("missing", "program", "arguments"),
    [
        *(
            ("numba", "main", (command, "-e", FIBONACCI))
            for command in ("execute", "prove", "program-setup", "stats")
        ),
        ("numba", "main", ("setup",)),
        ("numba", "main", ("demo",)),
        ("numba", "worker", ()),
        ("grpc", "main", ("demo",)),
        ("grpc", "worker", ()),
        ("grpc", "coordinator", ()),
        ("grpc", "coordinator", ("prove", "-e", FIBONACCI)),
        ("blake3", "main", ("prove", "-e", FIBONACCI)),
        ("blake3", "main", ("program-setup", "-e", FIBONACCI)),
        ("blake3", "main", ("demo",)),
        ("blake3", "worker", ()),
        ("blake3", "coordinator", ()),
    ],
)
def test_where_a_package_is_missing_a_command_ends_in_one_line(
    missing: str, program: str, arguments: tuple[str | Path, ...], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(program=program), missing, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    name = "zisk" if program == "main" else f"zisk-{program}"
    assert (done.returncode, done.stdout) == (ExitCode.HOST, "")
    assert done.stderr.splitlines()[-1] == (
        f"{name}: error: this takes {DEPENDENCIES[missing]}, which cannot be imported here; "
        "install pyzisk with all it depends on"
    )
    assert "Traceback" not in done.stderr
