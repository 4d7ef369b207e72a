"""What verifies needs NumPy alone, and says there what it says with Numba."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import zisk.prover
from tests.prover.jobs import Job
from zisk.prover import Program, VerificationError, verify

REFUSE_NUMBA = """
import sys


class Refusal:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in ("numba", "llvmlite"):
            raise ImportError(f"{name} is refused")


sys.meta_path.insert(0, Refusal)
"""

VERIFY = """
from pathlib import Path

from zisk.prover import VerificationError, verify

proof, tampered, key = (Path(name).read_bytes() for name in sys.argv[1:])
print(verify(proof, key))
try:
    verify(tampered, key)
except VerificationError as error:
    print(error)
print(sorted({"numba", "llvmlite"} & set(sys.modules)))
"""


def lines_of(program: str, *arguments: str | Path) -> list[str]:
    """What a program prints in an interpreter of its own, where Numba cannot be imported."""
    done = subprocess.run(
        [sys.executable, "-c", REFUSE_NUMBA + program, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_the_package_has_these_names() -> None:
    assert zisk.prover.__all__ == [
        "Aggregation",
        "ContributionError",
        "GlobalChallenge",
        "JobTooLargeError",
        "Outcome",
        "Program",
        "ProofForm",
        "ProvedRun",
        "ProvingSession",
        "UnitProofError",
        "VerificationError",
        "execute",
        "global_challenge",
        "is_prepared",
        "prepare",
        "prove",
        "setup",
        "verify",
    ]


def test_names_are_what_their_modules_define_in_any_order_of_import() -> None:
    script = """
import importlib, pkgutil
import zisk.prover
for module in pkgutil.iter_modules(zisk.prover.__path__):
    importlib.import_module(f"zisk.prover.{module.name}")
for name in zisk.prover.__all__:
    value = getattr(zisk.prover, name)
    assert name in dir(zisk.prover)
    assert name == "DEFAULT_UNITS" or value.__name__ == name, name
    assert name == "DEFAULT_UNITS" or callable(value), name
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'zisk\.prover' has no attribute 'prover'"):
        _ = zisk.prover.prover  # pyright: ignore[reportAttributeAccessIssue]


def test_a_name_that_proves_cannot_be_had_without_numba() -> None:
    program = """
import zisk.prover
try:
    zisk.prover.prove
except ImportError as error:
    print(error)
"""
    [line] = lines_of(program)
    assert line.endswith("is refused")


@pytest.mark.slow
@pytest.mark.parametrize("form", ["composite", "final"])
def test_a_job_is_verified_and_a_tampered_one_refused(
    form: str, job: Job, program: Program, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    proof: bytes = job.proof if form == "composite" else request.getfixturevalue("final")
    tampered = bytearray(proof)
    tampered[-1_000] ^= 1
    with pytest.raises(VerificationError) as refusal:
        verify(bytes(tampered), program.key)
    files = {"proof": proof, "tampered": bytes(tampered), "key": program.key}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert lines_of(VERIFY, *(tmp_path / name for name in files)) == [
        str(verify(proof, program.key)),
        str(refusal.value),
        "[]",
    ]


@pytest.mark.slow
def test_the_command_verifies_without_numba(job: Job, program: Program, tmp_path: Path) -> None:
    (tmp_path / "proof").write_bytes(job.proof)
    (tmp_path / "key").write_bytes(program.key)
    command = "from zisk.cli.main import main\nsys.exit(main(sys.argv[1:]))\n"
    lines = lines_of(command, "verify", "-p", tmp_path / "proof", "-v", tmp_path / "key")
    assert lines[0].split() == ["verdict", "accepted"]
