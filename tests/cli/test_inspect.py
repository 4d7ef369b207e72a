"""`zisk inspect` describes a real proof, and says in one line why it cannot describe what is none."""

import json
from pathlib import Path

import pytest

from tests.prover.jobs import DATA, GUEST
from zisk.cli.commands.inspect import NOT_VERIFIED
from zisk.cli.main import main
from zisk.exit_codes import ExitCode
from zisk.prover import ProofForm, prove, setup, verify
from zisk.verifier.inspection import PARTS

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A proof, its key, and the key of the same guest at another level."""
    folder = tmp_path_factory.mktemp("inspected")
    elf = (GUEST / "fibonacci.elf").read_bytes()
    program = setup(elf, log_size=16)
    (folder / "proof").write_bytes(prove(program, DATA, units=3, form=ProofForm.COMPOSITE).proof)
    (folder / "key").write_bytes(program.key)
    (folder / "other").write_bytes(setup(elf, log_size=16, security=100).key)
    return folder


@pytest.mark.slow
def test_the_report_is_one_json_object(folder: Path, capsys: Captured) -> None:
    proof, key = (folder / name for name in ("proof", "key"))
    capsys.readouterr()
    assert main(["inspect", "-p", str(proof), "-v", str(key), "--json"]) == ExitCode.OK
    report = json.loads(capsys.readouterr().out)
    outcome, size = verify(proof.read_bytes(), key.read_bytes()), proof.stat().st_size
    sizes, kinds, starks = (report.pop(name) for name in ("bytes", "kinds", "starks"))
    assert report == {
        "verified": False,
        "container": "composite",
        "format": 1,
        "digest": outcome.digest.hex(),
        "exit_code": outcome.exit_code,
        "outputs": list(outcome.outputs),
        "security": 128,
        "size": 16,
        "compute_units": 3,
        "segments": {"core": 1, "edges": 1},
        "proof_bytes": size,
        "key_is_named": True,
    }
    assert (tuple(sizes), sum(sizes.values())) == (PARTS, size)
    assert [
        (kind["kind"], kind["log_size"], kind["queries"], kind["blowup"], kind["soundness"]["bits"])
        for kind in kinds
    ] == [("core", 16, 261, 2, 128), ("edges", 16, 261, 2, 128)]
    assert [(stark["kind"], stark["number"]) for stark in starks] == [("core", 1), ("edges", 1)]
    assert all(stark["proof_bytes"] == sum(stark["bytes"].values()) for stark in starks)


@pytest.mark.slow
def test_people_read_that_nothing_is_verified(folder: Path, capsys: Captured) -> None:
    capsys.readouterr()
    assert main(["inspect", "-p", str(folder / "proof"), "-v", str(folder / "other")]) == ExitCode.OK
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    size = (folder / "proof").stat().st_size
    assert lines[0] == f"note {NOT_VERIFIED}"
    assert "key of another program, size or level" in lines
    assert "security level 128; 128 bits by queries of core" in lines
    assert "core 2^16 rows, 261 queries, blowup 2, folds of 8, unique decoding" in lines
    assert lines.count("queries 128.32 bits, 20 of them grinding") == 2
    assert [line for line in lines if line.startswith(f"total {size:,} bytes")]


@pytest.mark.slow
def test_a_proof_that_ends_early_is_no_file_for_it(folder: Path, tmp_path: Path, capsys: Captured) -> None:
    whole = (folder / "proof").read_bytes()
    for length in (100, 500, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut").write_bytes(whole[:length])
        assert refused(["-p", str(tmp_path / "cut")], capsys).endswith("; " + COPIED)


COPIED = "check that the file is a proof of this version and was copied whole"


def refused(arguments: list[str], capsys: Captured) -> str:
    """The one line of a failure; that the file is at fault and that nothing else is printed is checked."""
    capsys.readouterr()
    assert main(["inspect", *arguments]) == ExitCode.BAD_FILE
    captured = capsys.readouterr()
    assert captured.out == ""
    [line] = captured.err.splitlines()
    return line.removeprefix("zisk: error: ")


def test_files_that_are_no_proof_are_named(tmp_path: Path, capsys: Captured) -> None:
    path = str(tmp_path / "proof")
    assert refused(["-p", path], capsys) == (
        f"proof {path}: no such file; check the path, or make the file first"
    )
    (tmp_path / "proof").write_bytes(b"garbage")
    assert refused(["-p", path], capsys) == (
        f"proof {path}: it does not start like a proof of this version; {COPIED}"
    )
    (tmp_path / "proof").write_bytes(b"pzJ1")
    assert refused(["-p", path], capsys) == (
        f"proof {path}: this is no job proof: it ends too early; {COPIED}"
    )


@pytest.mark.slow
def test_a_file_that_is_no_key_is_named(folder: Path, tmp_path: Path, capsys: Captured) -> None:
    key = str(tmp_path / "key")
    (tmp_path / "key").write_bytes(b"garbage" * 10)
    assert refused(["-p", str(folder / "proof"), "-v", key], capsys) == (
        f"key {key}: the verifying key is malformed: it does not start like a key of this version; "
        "make it with `zisk program-setup`"
    )
