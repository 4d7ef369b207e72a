"""The jobs whose proofs are pinned, and where their digests are.

`python -m tests.golden.cases NAME` proves one and prints its digests as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from blake3 import blake3

from zisk.kernels.backend import Backend
from zisk.prover import ProofForm, prove, setup, verify
from zisk.stark.key import FORMAT_VERSION
from zisk.verifier.policy import ANY_LEVEL

ROOT = Path(__file__).parents[2]

EXAMPLES = ROOT / "examples"

PINNED = Path(__file__).with_name(f"v{FORMAT_VERSION}.json")
"""Digests of this version of the proof format; those of earlier versions stay beside it."""

LOG_SIZE = 16


@dataclass(frozen=True, slots=True)
class Case:
    """A committed guest with a committed input, shared out over some units."""

    guest: str
    input: str
    units: int
    security: int
    form: ProofForm = ProofForm.COMPOSITE


@dataclass(frozen=True, slots=True)
class Digests:
    """BLAKE3 of a proof and of the key that it is verified under, and the proof's length."""

    key: str
    proof: str
    proof_bytes: int


CASES = {
    "fibonacci": Case("fibonacci", "90", units=10, security=128),
    "fibonacci-100": Case("fibonacci", "90", units=1, security=100),
    "malloc-division": Case("malloc-division", "105", units=2, security=128),
    "fibonacci-final": Case("fibonacci", "90", units=10, security=128, form=ProofForm.FINAL),
    "fibonacci-100-final": Case("fibonacci", "90", units=1, security=100, form=ProofForm.FINAL),
    "fibonacci-compressed": Case("fibonacci", "90", units=10, security=128, form=ProofForm.COMPRESSED),
}
"""The smallest job, the same at the other level, one that executes most kinds of instructions; and folded."""


@dataclass(frozen=True, slots=True)
class Proved:
    """A job's proof and the key that it is for."""

    key: bytes
    proof: bytes

    @property
    def digests(self) -> Digests:
        """What is pinned of it."""
        return Digests(blake3(self.key).hexdigest(), blake3(self.proof).hexdigest(), len(self.proof))


COMPRESSED = "fibonacci-compressed"
"""The case that is proved in a process of its own, which compiles nothing once it is warm."""


def proved(name: str, backend: Backend | None = None) -> Proved:
    """A case set up, proved and verified, once for each backend."""
    if name == COMPRESSED and backend is None:
        return proved_warm().job
    return _proved(name, backend)


@cache
def _proved(name: str, backend: Backend | None) -> Proved:
    return prove_case(name, backend)


@dataclass(frozen=True, slots=True)
class ProvedWarm:
    """A job that was proved by a process with warm kernels, and what this compiled all the same."""

    job: Proved
    compiled: tuple[str, ...]


@cache
def proved_warm() -> ProvedWarm:
    """The compressed case, proved by `tests.golden.warm`."""
    found = json.loads(printed_by("tests.golden.warm", COMPRESSED))
    job = Proved(bytes.fromhex(found["key"]), bytes.fromhex(found["proof"]))
    return ProvedWarm(job, tuple(found["compiled"]))


def printed_by(module: str, name: str, **environment: str) -> str:
    """What a module of the tests prints that a process of its own runs with the name of a case."""
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    result = subprocess.run(
        [sys.executable, "-m", module, name],
        env={**os.environ, "PYTHONPATH": path, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def prove_case(name: str, backend: Backend | None = None) -> Proved:
    """Set up and prove a case, and verify the proof."""
    case = CASES[name]
    folder = EXAMPLES / case.guest
    elf = (folder / f"{case.guest}.elf").read_bytes()
    program = setup(elf, log_size=LOG_SIZE, security=case.security, backend=backend)
    data = (folder / "inputs" / f"{case.input}.bin").read_bytes()
    proof = prove(program, data, units=case.units, form=case.form, backend=backend).proof
    verify(proof, program.key, ANY_LEVEL)
    return Proved(program.key, proof)


def pinned() -> dict[str, Digests]:
    """The digests on record for this version of the format."""
    return {name: Digests(**values) for name, values in json.loads(PINNED.read_text()).items()}


def is_pinned(proof: bytes, name: str) -> bool:
    """Whether a proof is, to the byte, that of a pinned job."""
    return blake3(proof).hexdigest() == pinned()[name].proof


if __name__ == "__main__":
    print(json.dumps(asdict(prove_case(sys.argv[1]).digests)))
