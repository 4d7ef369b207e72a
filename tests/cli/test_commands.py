"""Each command: what it asks of the façade, what it writes and prints, and how it ends."""

import json
from pathlib import Path

import pytest

from tests.cli.facade import DIGEST, ELF_HASH, KEY, OUTPUTS, PROOF, FakeProver
from zisk.cli.main import main
from zisk.exit_codes import ExitCode

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
        "key_bytes": 7,
    }
    assert Path("guest.vk").read_bytes() == KEY


def test_prove_verifies_before_it_writes(prover: FakeProver, capsys: Captured) -> None:
    code = main(["prove", "-e", "guest.elf", "-i", "input", "--compute-capacity", "4", "--json"])
    assert code == ExitCode.OK
    assert prover.calls == [
        ("setup", b"the guest", 20, 128),
        ("prove", KEY, b"the input", 4),
        ("verify", PROOF, KEY),
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


def test_verify_with_a_key_needs_no_set_up(prover: FakeProver, capsys: Captured) -> None:
    Path("proof").write_bytes(PROOF)
    Path("key").write_bytes(KEY)
    assert main(["verify", "-p", "proof", "-v", "key", "--json"]) == ExitCode.OK
    assert prover.calls == [("verify", PROOF, KEY)]
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
    }


def test_verify_with_a_guest_derives_its_key_once(prover: FakeProver) -> None:
    Path("proof").write_bytes(PROOF)
    for _ in range(2):
        assert main(["verify", "-p", "proof", "-e", "guest.elf"]) == ExitCode.OK
    assert prover.calls == [
        ("setup", b"the guest", 18, 100),
        ("verify", PROOF, KEY),
        ("verify", PROOF, KEY),
    ]


def test_verify_reports_an_unexpected_exit_code_as_a_refusal(prover: FakeProver, capsys: Captured) -> None:
    Path("proof").write_bytes(PROOF)
    Path("key").write_bytes(KEY)
    assert main(["verify", "-p", "proof", "-v", "key", "--json", "--expect-exit", "0"]) == ExitCode.REFUSED
    assert report(capsys)["verdict"] == "refused"


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
