"""`zisk execute` on the machine itself: reports, and every way in which a guest ends badly."""

import json
import struct
from pathlib import Path

import pytest

from tests.vm.guest_elf import code_part, write_elf
from zisk.cli.main import main
from zisk.exit_codes import ExitCode

EXAMPLES = Path(__file__).parents[2] / "examples"
FAULT = EXAMPLES / "fault" / "fault.elf"
NOP = struct.pack("<I", 0x13)

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def way(number: int) -> str:
    """An input that makes the fault guest fail in a certain way."""
    Path("input").write_bytes(struct.pack("<QQ", 8, number))
    return "input"


def failure(arguments: list[str], capsys: Captured) -> tuple[int, str]:
    """Exit code and last line of a command that fails without a report and without a traceback."""
    code = main(arguments)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    last = captured.err.splitlines()[-1]
    assert last.startswith("zisk: error: ")
    return code, last.removeprefix("zisk: error: ")


def test_a_run_is_reported_and_its_outputs_written(capsys: Captured) -> None:
    guest = EXAMPLES / "fibonacci" / "fibonacci.elf"
    data = EXAMPLES / "fibonacci" / "inputs" / "90.bin"
    assert main(["execute", "-e", str(guest), "-i", str(data), "-o", "outputs", "--json"]) == ExitCode.OK
    report = json.loads(capsys.readouterr().out)
    assert set(report) == {"cycles", "steps", "exit_code", "outputs", "uart", "seconds"}
    low, high = 2_880_067_194_370_816_120 & 0xFFFFFFFF, 2_880_067_194_370_816_120 >> 32
    assert (report["exit_code"], report["outputs"][:3], report["uart"]) == (0, [low, high, 0], "")
    assert Path("outputs").read_bytes() == struct.pack("<II", low, high) + bytes(248)


def test_run_is_execute_for_people(capsys: Captured) -> None:
    assert main(["run", "-e", str(FAULT), "-i", way(42)]) == ExitCode.OK
    captured = capsys.readouterr()
    assert [line.split("  ")[0] for line in captured.out.splitlines()] == [
        "cycles",
        "steps",
        "speed",
        "exit code",
        "outputs",
    ]
    assert captured.out.splitlines()[3:] == ["exit code  42", "outputs    none"]
    assert captured.err.endswith("about to fail\n")


def test_an_exit_code_is_judged_when_asked(capsys: Captured) -> None:
    assert main(["execute", "-e", str(FAULT), "-i", way(42), "--expect-exit", "42"]) == ExitCode.OK
    assert main(["execute", "-e", str(FAULT), "-i", way(42), "--expect-exit", "0"]) == ExitCode.REFUSED
    assert capsys.readouterr().err.splitlines()[-1] == (
        "zisk: error: the guest's exit code is 42, and --expect-exit asks for 0; "
        "guests of unmodified ZisK leave it undefined: drop the flag for those"
    )


def test_a_missing_guest(capsys: Captured) -> None:
    assert failure(["execute", "-e", "absent.elf"], capsys) == (
        ExitCode.BAD_FILE,
        "guest program absent.elf: no such file; check the path, or make the file first",
    )


def test_a_file_that_is_no_elf(capsys: Captured) -> None:
    Path("guest").write_bytes(b"#!/bin/sh\n")
    code, line = failure(["execute", "-e", "guest"], capsys)
    assert code == ExitCode.BAD_FILE
    assert line.startswith("not an ELF file: ")
    assert line.endswith("give the linked program that the compiler wrote")


def test_a_guest_of_32_bits(capsys: Captured) -> None:
    data = bytearray(FAULT.read_bytes())
    data[4] = 1
    Path("guest").write_bytes(data)
    code, line = failure(["execute", "-e", "guest"], capsys)
    assert code == ExitCode.BAD_FILE
    assert line.startswith("the ELF file is 32-bit")
    assert line.endswith("build with -march=rv64imac -mabi=lp64")


def test_an_unsupported_instruction_is_named_with_its_pc(capsys: Captured) -> None:
    code, line = failure(["execute", "-e", str(FAULT), "-i", way(9)], capsys)
    assert code == ExitCode.BAD_FILE
    assert line.startswith("not supported yet: fadd.d at pc 0x80000")
    assert "(word 0x02007053)" in line


def test_a_fault_is_named_with_its_pc_and_the_guest_is_heard(capsys: Captured) -> None:
    assert main(["execute", "-e", str(FAULT), "-i", way(3)]) == ExitCode.GUEST_FAULT
    said, line = capsys.readouterr().err.splitlines()[-2:]
    assert said == "about to fail"
    assert line.startswith("zisk: error: guest fault: access to unmapped memory at pc 0x80000")
    assert line.endswith("check the pointer against the machine's memory map")


def test_a_guest_that_does_not_end(capsys: Captured) -> None:
    assert failure(["execute", "-e", str(FAULT), "-i", way(12), "-n", "5000"], capsys) == (
        ExitCode.STEP_LIMIT,
        "the guest did not halt within 5000 steps; raise --max-steps, or check it for an endless loop",
    )


def test_an_input_beyond_the_region(capsys: Captured) -> None:
    with open("input", "wb") as file:
        file.truncate((128 << 20) + 1)
    code, line = failure(["execute", "-e", str(FAULT), "-i", "input"], capsys)
    assert code == ExitCode.BAD_FILE
    assert line.startswith("the input has 134217729 bytes, the input region holds ")
    assert line.endswith("give a smaller input")


def test_an_input_beyond_every_bound_is_not_read(capsys: Captured) -> None:
    with open("input", "wb") as file:
        file.truncate(1 << 40)
    code, line = failure(["execute", "-e", str(FAULT), "-i", "input"], capsys)
    assert (code, line.split(":")[0]) == (ExitCode.BAD_FILE, "input input")


def test_a_program_too_large_for_the_size(capsys: Captured) -> None:
    Path("guest").write_bytes(write_elf([code_part(NOP * 70_000)]))
    assert failure(["program-setup", "-e", "guest", "--size", "16"], capsys) == (
        ExitCode.BAD_FILE,
        "the program needs 70000 rows of code, size 16 has room for 65536; use size 18",
    )
