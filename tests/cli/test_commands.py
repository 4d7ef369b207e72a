"""Each command: what it asks of the façade, what it writes and prints, and how it ends."""

import json
import sys
from pathlib import Path

import pytest

from tests.cli.facade import DIGEST, ELF_HASH, KEY, OUTPUTS, PROOF, FakeProver
from zisk.choices import DEFAULT_STEP_LIMIT
from zisk.cli.main import main
from zisk.exit_codes import ExitCode
from zisk.kernels.pool import default_pool

Captured = pytest.CaptureFixture[str]
WORDS = list(OUTPUTS)


def report(capsys: Captured) -> dict[str, object]:
    return json.loads(capsys.readouterr().out)


def test_program_setup_writes_the_key(prover: FakeProver, capsys: Captured) -> None:
    code = main(["program-setup", "-e", "guest.elf", "--size", "18", "--security", "100", "--json"])
    assert code == ExitCode.OK
    assert prover.calls == [("setup", b"the guest", 18, 100)]
    assert report(capsys) == {
        "digest": DIGEST.hex(),
        "elf_hash": ELF_HASH,
        "size": 18,
        "security": 100,
        "key": "guest.vk",
        "key_bytes": len(KEY),
    }
    assert Path("guest.vk").read_bytes() == KEY


def test_prove_verifies_before_it_writes(prover: FakeProver, capsys: Captured) -> None:
    code = main(["prove", "-e", "guest.elf", "-i", "input", "--compute-capacity", "4", "--json"])
    assert code == ExitCode.OK
    assert prover.calls == [
        ("setup", b"the guest", 20, 128),
        ("prove", KEY, b"the input", 4),
        ("verify", PROOF, KEY, 128),
    ]
    told = report(capsys)
    seconds: dict[str, float] = told.pop("seconds")  # pyright: ignore[reportAssignmentType]
    assert set(seconds) == {"setup", "core_proof", "circuits", "fold", "prove", "verify"}
    assert (seconds["circuits"], seconds["fold"]) == (0.0, 2.0)
    assert told == {
        "proof": "proof.bin",
        "proof_bytes": 12,
        "form": "final",
        "digest": DIGEST.hex(),
        "exit_code": 3,
        "outputs": WORDS,
        "segments": 2,
        "steps": 2_500,
        "cycles": 2_000,
        "size": 20,
        "security": 128,
        "compute_units": 4,
    }
    assert Path("proof.bin").read_bytes() == PROOF


@pytest.mark.parametrize(
    ("flags", "form"),
    [
        ([], "final"),
        (["-c"], "compressed"),
        (["--compressed-proofs"], "compressed"),
        (["--composite"], "composite"),
    ],
)
def test_prove_makes_the_form_that_is_asked_for(
    flags: list[str], form: str, prover: FakeProver, capsys: Captured
) -> None:
    assert main(["prove", "-e", "guest.elf", "--json", *flags]) == ExitCode.OK
    assert (prover.form, report(capsys)["form"]) == (form, form)


def test_prove_bounds_steps_and_threads(prover: FakeProver, capsys: Captured) -> None:
    assert main(["prove", "-e", "guest.elf"]) == ExitCode.OK
    assert prover.bounds == (DEFAULT_STEP_LIMIT, default_pool().threads)
    assert main(["prove", "-e", "guest.elf", "-n", "1000", "--threads", "1"]) == ExitCode.OK
    assert prover.bounds == (1000, 1)
    assert ending(["prove", "-e", "guest.elf", "--threads", "0"]) == ExitCode.USAGE


@pytest.mark.parametrize("units", ["0", "65537", "99999999"])
def test_a_job_has_no_more_compute_units_than_a_proof_may_have(units: str, prover: FakeProver) -> None:
    assert ending(["prove", "-e", "guest.elf", "--compute-capacity", units]) == ExitCode.USAGE


def test_prove_judges_the_exit_code_before_it_proves(prover: FakeProver, capsys: Captured) -> None:
    assert main(["prove", "-e", "guest.elf", "--expect-exit", "0", "-n", "9"]) == ExitCode.REFUSED
    assert [call[0] for call in prover.calls] == ["setup", "execute"]
    assert prover.calls[1] == ("execute", KEY, b"", 9)
    assert not Path("proof.bin").exists()
    assert main(["prove", "-e", "guest.elf", "--expect-exit", "3"]) == ExitCode.OK
    assert [call[0] for call in prover.calls[2:]] == ["setup", "execute", "prove", "verify"]


def test_prove_makes_one_form(prover: FakeProver, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["prove", "-e", "guest.elf", "-c", "--composite"])
    assert ended.value.code == ExitCode.USAGE
    assert prover.calls == []


def test_setup_checks_the_shipped_keys(prover: FakeProver, capsys: Captured) -> None:
    assert main(["setup", "--json"]) == ExitCode.OK
    told = report(capsys)
    told.pop("seconds")
    assert told == {
        "verdict": "shipped",
        "security": 128,
        "circuits": [
            {"name": "node", "digest": "01" * 36, "shipped": True},
            {"name": "final", "digest": "02" * 36, "shipped": True},
        ],
    }
    assert main(["setup", "--security", "100", "--json"]) == ExitCode.REFUSED
    assert report(capsys)["verdict"] == "differs"
    assert prover.calls == [("set_up_circuits", 128), ("set_up_circuits", 100)]


def test_prove_can_check_constraints_instead(prover: FakeProver, capsys: Captured) -> None:
    arguments = ["prove", "-e", "guest.elf", "-i", "input", "--verify-constraints", "--json"]
    assert main(arguments) == ExitCode.OK
    assert report(capsys) == {"verdict": "satisfied", "violations": []}
    Path("input").write_bytes(b"wrong")
    assert main(arguments) == ExitCode.REFUSED
    assert report(capsys) == {"verdict": "violated", "violations": ["add, row 5: carry is boolean"]}
    assert not Path("proof.bin").exists()


AT_100 = ["--min-security", "100"]
"""The level of the fixed proof is taken."""


def verifying(*flags: str, source: tuple[str, str] = ("-v", "key")) -> list[str]:
    """The command that verifies the fixed proof."""
    Path("proof").write_bytes(PROOF)
    Path("key").write_bytes(KEY)
    return ["verify", "-p", "proof", *source, *flags]


def ending(arguments: list[str]) -> object:
    """What the shell sees, whoever ends the command."""
    try:
        return main(arguments)
    except SystemExit as ended:
        return ended.code


def test_verify_with_a_key_needs_no_set_up(prover: FakeProver, capsys: Captured) -> None:
    assert main(verifying("--json", *AT_100)) == ExitCode.OK
    assert prover.calls == [("verify", PROOF, KEY, 100)]
    told = report(capsys)
    told.pop("seconds")
    assert told == {
        "verdict": "accepted",
        "form": "final",
        "digest": DIGEST.hex(),
        "exit_code": 3,
        "outputs": WORDS,
        "segments": 2,
        "steps": 2_500,
        "size": 18,
        "security": 100,
        "key_origin": "given",
    }


def test_verify_with_a_guest_derives_its_key_once_and_says_so(prover: FakeProver, capsys: Captured) -> None:
    trusted: list[str] = []
    for _ in range(2):
        assert main(verifying(*AT_100, source=("-e", "guest.elf"))) == ExitCode.OK
        trusted.append(capsys.readouterr().out.splitlines()[-1])
    assert prover.calls == [
        ("setup", b"the guest", 18, 100),
        ("verify", PROOF, KEY, 100),
        ("verify", PROOF, KEY, 100),
    ]
    assert trusted == [
        "trust      the guest alone; its key was derived here now",
        "trust      the guest alone; its key was derived by this user before and kept",
    ]


def test_without_numba_a_key_is_asked_for_in_a_line(
    prover: FakeProver, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    assert main(verifying(*AT_100, source=("-e", "guest.elf"))) == ExitCode.HOST
    assert capsys.readouterr().err == (
        "zisk: error: deriving a key from the guest takes numba, which cannot be imported here; "
        "install pyzisk with all it depends on, or give the key itself with -v\n"
    )
    assert main(verifying(*AT_100)) == ExitCode.OK


@pytest.mark.parametrize("source", [("-v", "key"), ("-e", "guest.elf")])
def test_a_proof_below_128_bits_is_refused_unless_asked_for(
    source: tuple[str, str], prover: FakeProver, capsys: Captured
) -> None:
    assert main(verifying("--json", source=source)) == ExitCode.REFUSED
    assert prover.calls == []
    assert report(capsys) == {
        "verdict": "refused",
        "reason": "proof refused (policy): the proof has a security level of 100 bits, at least 128 are "
        "asked for; where fewer are enough, say so with --min-security, or minimal_security in Python",
    }


def test_the_expected_digest_makes_the_key_anyones(prover: FakeProver, capsys: Captured) -> None:
    assert main(verifying("--json", *AT_100, "--expect-digest", DIGEST.hex())) == ExitCode.OK
    assert report(capsys)["key_origin"] == "pinned"


def test_another_digest_is_refused_before_set_up(prover: FakeProver, capsys: Captured) -> None:
    other = bytes(36).hex()
    arguments = verifying(*AT_100, "--expect-digest", other, source=("-e", "guest.elf"))
    assert main(arguments) == ExitCode.REFUSED
    assert prover.calls == []
    [line] = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("{")]
    assert line == (
        f"zisk: error: proof refused (policy): the proof is for program {DIGEST.hex()}, "
        f"the one expected is {other}; a digest is of one guest, size and level"
    )


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (["--expect-exit", "3"], ExitCode.OK),
        (["--expect-exit", "0"], ExitCode.REFUSED),
        (["--expect-exit", "-1"], ExitCode.REFUSED),
        (["--expect-exit", str(-(1 << 63) - 1)], ExitCode.USAGE),
        (["--expect-outputs", "00000007 00000000 ffffffff"], ExitCode.OK),
        (["--expect-outputs", "7,0,FFFFFFFF,0"], ExitCode.OK),
        (["--expect-outputs", "0x7, 0, 0xffffffff"], ExitCode.OK),
        (["--expect-outputs", "@outputs"], ExitCode.OK),
        (["--expect-outputs", "7,0"], ExitCode.REFUSED),
        (["--expect-outputs", "none"], ExitCode.REFUSED),
        (["--expect-outputs", "@absent"], ExitCode.BAD_FILE),
        (["--expect-outputs", "@long"], ExitCode.BAD_FILE),
        (["--expect-outputs", "@odd"], ExitCode.USAGE),
        (["--expect-outputs", "@empty"], ExitCode.USAGE),
        (["--expect-outputs", ""], ExitCode.USAGE),
        (["--expect-outputs", ","], ExitCode.USAGE),
        (["--expect-outputs", "seven"], ExitCode.USAGE),
        (["--expect-outputs", "100000000"], ExitCode.USAGE),
        (["--expect-outputs", ",".join(["0"] * 65)], ExitCode.USAGE),
        (["--expect-digest", "9e38"], ExitCode.USAGE),
        (["--expect-digest", "x" * 72], ExitCode.USAGE),
    ],
)
def test_what_is_expected_decides(flags: list[str], code: ExitCode, prover: FakeProver) -> None:
    outputs = b"".join(word.to_bytes(4, "little") for word in WORDS)
    Path("outputs").write_bytes(outputs)
    Path("long").write_bytes(outputs + b"\0")
    Path("odd").write_bytes(outputs[:-1])
    Path("empty").write_bytes(b"")
    assert ending(verifying(*AT_100, *flags)) == code


def test_a_refusal_says_what_was_expected_and_what_was_found(prover: FakeProver, capsys: Captured) -> None:
    assert main(verifying("--json", *AT_100, "--expect-exit", "-1")) == ExitCode.REFUSED
    assert report(capsys) == {
        "verdict": "refused",
        "reason": "proof refused (policy): the guest's exit code is 3, the one expected is "
        "-1 (18446744073709551615); guests of unmodified ZisK leave it undefined: expect none of those",
    }
    assert main(verifying("--json", *AT_100, "--expect-outputs", "7,1")) == ExitCode.REFUSED
    assert report(capsys) == {
        "verdict": "refused",
        "reason": "proof refused (policy): public word 1 is 00000000, the one expected is 00000001; "
        "compare the guest's input and version",
    }


def test_stats_counts_per_instruction(prover: FakeProver, capsys: Captured) -> None:
    assert main(["stats", "-e", "guest.elf", "--json"]) == ExitCode.OK
    assert prover.calls == [("count_cells", b"the guest", b"", 20, 68_719_476_735)]
    assert report(capsys) == {
        "cycles": 2_000,
        "steps": 2_500,
        "segments": {"core": 2, "edges": 1},
        "total": {"cells": 30_400, "cells_per_instruction": 15.2, "padding": 0.26},
        "tables": [
            {
                "kind": "core",
                "table": "add",
                "rows": 1_000,
                "cells": 30_000,
                "cells_per_instruction": 15.0,
                "padding": 0.25,
            },
            {
                "kind": "edges",
                "table": "memory",
                "rows": 10,
                "cells": 400,
                "cells_per_instruction": 0.2,
                "padding": 0.5,
            },
        ],
    }


@pytest.mark.parametrize("command", [["program-setup"], ["prove"], ["stats"]])
def test_a_missing_guest_is_one_line(command: list[str], prover: FakeProver, capsys: Captured) -> None:
    assert main([*command, "-e", "absent.elf"]) == ExitCode.BAD_FILE
    assert capsys.readouterr().err == (
        "zisk: error: guest program absent.elf: no such file; check the path, or make the file first\n"
    )
    assert prover.calls == []
