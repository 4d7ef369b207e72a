"""A façade with fixed answers, so that commands can be tested for what they read, print and end with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

OUTPUTS = (7, 0, 0xFFFFFFFF) + (0,) * 61
DIGEST = bytes(range(36))
ELF_HASH = "e1f" * 21 + "0"
KEY = b"the key"
PROOF = b"the proof"
SHAPE = {"steps": 2_500, "log_size": 18, "security": 100}


@dataclass
class Answer:
    """An object with whatever fields a command reads."""

    fields: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.fields[name]
        except KeyError:
            raise AttributeError(name) from None


class VerificationError(Exception):
    """Stands for the error of the same name."""


@dataclass
class FakeProver:
    """What the commands see as `zisk.prover`; `calls` are the functions they called, in order."""

    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def module(self) -> ModuleType:
        """The functions as a module."""
        module = ModuleType("zisk.prover")
        functions: list[Callable[..., Any]] = [
            self.setup,
            self.prove,
            self.verify,
        ]
        for function in functions:
            setattr(module, function.__name__, function)
        module.DEFAULT_UNITS = 10  # pyright: ignore[reportAttributeAccessIssue]
        module.VerificationError = VerificationError  # pyright: ignore[reportAttributeAccessIssue]
        return module

    def job_proof_module(self) -> ModuleType:
        """The functions of `zisk.prover.job_proof` that commands call."""
        module = ModuleType("zisk.prover.job_proof")
        module.JOB_MAGIC = PROOF[:4]  # pyright: ignore[reportAttributeAccessIssue]
        module.decode_job_proof = self.decode_job_proof  # pyright: ignore[reportAttributeAccessIssue]
        return module

    def decode_job_proof(self, proof: bytes) -> Answer:
        """Read the fixed proof alone."""
        if proof != PROOF:
            raise VerificationError("proof refused (format): not a proof")
        return Answer({"log_size": 18, "level": 100})

    def setup(self, elf: bytes, *, log_size: int, security: int, progress: Any) -> Answer:
        """Answer with a fixed key."""
        self.calls.append(("setup", elf, log_size, security))
        with progress.phase("set up"):
            return Answer({"digest": DIGEST, "key": KEY, "elf_hash": ELF_HASH})

    def prove(self, program: Answer, data: bytes, *, units: int, progress: Any) -> bytes:
        """Answer with a fixed proof."""
        self.calls.append(("prove", program.key, data, units))
        return PROOF

    def verify(self, proof: bytes, key: bytes) -> Answer:
        """Accept the fixed proof under the fixed key alone."""
        self.calls.append(("verify", proof, key))
        if (proof, key) != (PROOF, KEY):
            raise VerificationError("proof refused (format): not a proof")
        return Answer({"digest": DIGEST, "exit_code": 3, "outputs": OUTPUTS, "segments": 2, **SHAPE})

    def check_job(self, program: Answer, data: bytes, *, progress: Any) -> list[str]:
        """Find fault with the input b"wrong" alone."""
        self.calls.append(("check_job", program.key, data))
        return ["add, row 5: carry is boolean"] if data == b"wrong" else []

    def count_cells(self, elf: bytes, data: bytes, *, log_size: int, max_steps: int, progress: Any) -> Answer:
        """Answer with two tables."""
        self.calls.append(("count_cells", elf, data, log_size, max_steps))
        tables = [
            Answer({"kind": "core", "table": "add", "rows": 1_000, "cells": 30_000, "padding": 0.25}),
            Answer({"kind": "edges", "table": "memory", "rows": 10, "cells": 400, "padding": 0.5}),
        ]
        return Answer(
            {
                "cycles": 2_000,
                "steps": 2_500,
                "segments": {"core": 2, "edges": 1},
                "cells": 30_400,
                "padding": 0.26,
                "tables": tables,
            }
        )
