"""The largest files that are taken, and what is refused before it costs anything."""

import time
from pathlib import Path

import pytest

from zisk.cli.main import main
from zisk.exit_codes import ExitCode
from zisk.proof_format.by_chunk import ByChunk
from zisk.proof_format.final_proof import FinalProof, encode_final_proof
from zisk.proof_format.program_key import MAXIMAL_CHUNKS, FixedPart, ProgramKey, largest_key
from zisk.proof_format.statement import Claims
from zisk.stark.parameters import parameters_for
from zisk.vm.kinds import core_kind, edges_kind

FIBONACCI = Path(__file__).parents[2] / "examples" / "fibonacci" / "fibonacci.elf"

CRAFTED = encode_final_proof(
    FinalProof((0,) * 9, 128, 20, 1, Claims(0, (0,) * 64, (1, 1), (0,)), (0,), False, b"")
)
"""A header in good order, and no proof behind it."""

Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("level", "reason"),
    [(128, "the proof is for program"), (100, "security 128, the key 20 and 100")],
)
def test_the_largest_key_is_read(level: int, reason: str, tmp_path: Path, capsys: Captured) -> None:
    """Of a program that fills the whole ROM."""
    cap = tuple((number,) * 9 for number in range(1 << parameters_for(level).cap_log))
    core, edges = (FixedPart(cap, (0,) * len(kind.tables)) for kind in (core_kind(20), edges_kind()))
    key = ProgramKey(
        level, 20, 0, MAXIMAL_CHUNKS, (ByChunk(core), ByChunk(edges, (edges,) * MAXIMAL_CHUNKS))
    ).encode()
    assert (MAXIMAL_CHUNKS, len(key), largest_key()) == (256, 1_193_108, 1_193_108)
    (tmp_path / "proof").write_bytes(CRAFTED)
    arguments = ["verify", "-p", str(tmp_path / "proof"), "-v", str(tmp_path / "key")]

    (tmp_path / "key").write_bytes(key)
    assert main(arguments) == ExitCode.REFUSED
    assert reason in capsys.readouterr().err

    (tmp_path / "key").write_bytes(key + b"\0")
    assert main(arguments) == ExitCode.BAD_FILE
    assert "1,193,109 bytes where at most 1,193,108 bytes are taken" in capsys.readouterr().err


def test_nothing_is_set_up_for_a_proof_that_no_key_makes_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("ZISK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr("zisk.prover.setup", None)
    (tmp_path / "proof").write_bytes(CRAFTED)
    start = time.process_time()
    assert main(["verify", "-p", str(tmp_path / "proof"), "-e", str(FIBONACCI)]) == ExitCode.REFUSED
    assert time.process_time() - start < 1
    assert capsys.readouterr().err == (
        "zisk: error: proof refused (format): these bytes are not a segment proof of this version\n"
    )
