"""`zisk verify` on real proofs, and on files that are none."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from zisk.cli.main import main
from zisk.exit_codes import ExitCode

FIBONACCI = Path(__file__).parents[2] / "examples" / "fibonacci"
NO_PROOF = "proof refused (format): this is no job proof: "

Captured = pytest.CaptureFixture[str]


@dataclass(frozen=True)
class Proved:
    """A guest, its key and a proof of one run, as files."""

    elf: str
    key: str
    proof: str


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Proved:
    """A small run, proved by the command at the smallest size."""
    folder = tmp_path_factory.mktemp("proved")
    files = Proved(str(FIBONACCI / "fibonacci.elf"), str(folder / "key"), str(folder / "proof"))
    data = str(FIBONACCI / "inputs" / "90.bin")
    assert main(["program-setup", "-e", files.elf, "--size", "16", "-o", files.key]) == ExitCode.OK
    assert main(["prove", "-e", files.elf, "-i", data, "--size", "16", "-o", files.proof]) == ExitCode.OK
    return files


def refused(arguments: list[str], capsys: Captured) -> str:
    """The line of a refusal; that there is nothing but it is checked."""
    capsys.readouterr()
    assert main(["verify", *arguments]) == ExitCode.REFUSED
    captured = capsys.readouterr()
    assert captured.out == ""
    [line] = [each for each in captured.err.splitlines() if not each.startswith("{")]
    return line.removeprefix("zisk: error: ")


@pytest.mark.slow
def test_a_proof_is_accepted_under_its_key(proved: Proved, capsys: Captured) -> None:
    capsys.readouterr()
    assert main(["verify", "-p", proved.proof, "-v", proved.key, "--json"]) == ExitCode.OK
    report = json.loads(capsys.readouterr().out)
    low, high = 2_880_067_194_370_816_120 & 0xFFFFFFFF, 2_880_067_194_370_816_120 >> 32
    assert set(report) == {
        "verdict",
        "form",
        "digest",
        "exit_code",
        "outputs",
        "segments",
        "steps",
        "size",
        "security",
        "key_origin",
        "seconds",
    }
    assert len(report["digest"]) == 72
    assert report["steps"] is None
    assert {key: report[key] for key in ("verdict", "form", "exit_code", "segments", "size", "security")} == {
        "verdict": "accepted",
        "form": "final",
        "exit_code": 0,
        "segments": 1,
        "size": 16,
        "security": 128,
    }
    assert report["outputs"] == [low, high] + [0] * 62


@pytest.mark.slow
def test_a_proof_is_accepted_under_its_guest_whose_key_is_kept(proved: Proved, key_folder: Path) -> None:
    arguments = ["verify", "-p", proved.proof, "-e", proved.elf]
    assert main(arguments) == ExitCode.OK
    [kept] = key_folder.rglob("*.vk")
    assert kept.read_bytes() == Path(proved.key).read_bytes()
    assert main(arguments) == ExitCode.OK


@pytest.mark.slow
def test_an_unexpected_exit_code_is_refused(proved: Proved, capsys: Captured) -> None:
    capsys.readouterr()
    arguments = ["verify", "-p", proved.proof, "-v", proved.key, "--json", "--expect-exit", "1"]
    assert main(arguments) == ExitCode.REFUSED
    assert json.loads(capsys.readouterr().out)["verdict"] == "refused"


@pytest.mark.slow
def test_damaged_proofs_are_refused_in_one_line(proved: Proved, tmp_path: Path, capsys: Captured) -> None:
    whole = Path(proved.proof).read_bytes()
    damaged = tmp_path / "damaged"
    for place in (10, 100, 500, len(whole) // 2, len(whole) - 1):
        for data in (whole[:place], whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]):
            damaged.write_bytes(data)
            assert refused(["-p", str(damaged), "-v", proved.key], capsys).startswith("proof refused (")


@pytest.mark.slow
def test_the_key_of_another_guest_is_refused(proved: Proved, tmp_path: Path, capsys: Captured) -> None:
    other = str(FIBONACCI.parent / "sort" / "sort.elf")
    key = str(tmp_path / "key")
    assert main(["program-setup", "-e", other, "--size", "16", "-o", key]) == ExitCode.OK
    assert refused(["-p", proved.proof, "-v", key], capsys).startswith("proof refused (")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"pz",
        b"\0" * 100,
        b"pzJ1",
        b"pzJ1" + b"\xff" * 1000,
        b"pzF1",
        b"pzF1" + b"\xff" * 1000,
        b"\x7fELF",
    ],
)
def test_what_is_no_proof_is_refused(data: bytes, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "proof").write_bytes(data)
    (tmp_path / "key").write_bytes(b"no key either")
    line = refused(["-p", str(tmp_path / "proof"), "-v", str(tmp_path / "key")], capsys)
    assert line.startswith("proof refused (format): ")


def test_a_refusal_is_a_report_as_well(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "proof").write_bytes(b"garbage")
    (tmp_path / "key").write_bytes(b"garbage")
    arguments = ["verify", "-p", str(tmp_path / "proof"), "-v", str(tmp_path / "key"), "--json"]
    assert main(arguments) == ExitCode.REFUSED
    report = json.loads(capsys.readouterr().out)
    assert (report["verdict"], report["reason"][: len(NO_PROOF)]) == ("refused", NO_PROOF)


def test_a_gigabyte_of_zeros_is_refused_at_once(tmp_path: Path) -> None:
    for name in ("proof", "key"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(1_000_000_000)
    (tmp_path / "small").write_bytes(b"small")

    limited = ["sh", "-c", 'ulimit -d 878906 && exec "$0" "$@"', sys.executable, "-m", "zisk", "verify"]
    for proof, key, code in (
        ("proof", "small", ExitCode.REFUSED),
        ("small", "key", ExitCode.BAD_FILE),
    ):
        start = time.perf_counter()
        done = subprocess.run(
            [*limited, "-p", tmp_path / proof, "-v", tmp_path / key],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
        assert time.perf_counter() - start < 20
