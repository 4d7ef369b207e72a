"""A façade with fixed answers, so that commands can be tested for what they read, print and end with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from zisk.prover.forms import ProofForm
from zisk.stages import Stage, StageClock

OUTPUTS = (7, 0, 0xFFFFFFFF) + (0,) * 61
DIGEST = bytes(range(36))
ELF_HASH = "e1f" * 21 + "0"
KEY = b"the key"
PROOF = b"pz the proof"
SHAPE = {"steps": 2_500, "log_size": 18, "security": 100}
CIRCUITS = {"node": (b"\1" * 36, True), "final": (b"\2" * 36, True)}
"""Digest of the key of each circuit of 128 bits, and whether it is shipped."""


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
    form: ProofForm = ProofForm.FINAL

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
        module.ProofForm = ProofForm  # pyright: ignore[reportAttributeAccessIssue]
        module.VerificationError = VerificationError  # pyright: ignore[reportAttributeAccessIssue]
        return module

    def containers_module(self) -> ModuleType:
        """What commands use of `zisk.prover.containers`."""
        module = ModuleType("zisk.prover.containers")
        module.COMMON_MAGIC = PROOF[:2]  # pyright: ignore[reportAttributeAccessIssue]
        module.decode_proof = self.decode_proof  # pyright: ignore[reportAttributeAccessIssue]
        return module

    def screening_module(self) -> ModuleType:
        """What commands use of `zisk.prover.screening`."""
        module = ModuleType("zisk.prover.screening")
        module.screen = self.decode_proof  # pyright: ignore[reportAttributeAccessIssue]
        return module

    def circuit_setup_module(self) -> ModuleType:
        """What commands use of `zisk.prover.circuit_setup`."""
        module = ModuleType("zisk.prover.circuit_setup")
        module.set_up_circuits = self.set_up_circuits  # pyright: ignore[reportAttributeAccessIssue]
        return module

    def set_up_circuits(self, security: int, *, progress: Any) -> list[Answer]:
        """Answer with fixed keys, of which one of 100 bits is not shipped."""
        self.calls.append(("set_up_circuits", security))
        return [
            Answer({"name": name, "digest": digest, "is_shipped": shipped and security == 128})
            for name, (digest, shipped) in CIRCUITS.items()
        ]

    def decode_proof(self, proof: bytes) -> Answer:
        """Read the fixed proof alone."""
        if proof != PROOF:
            raise VerificationError("proof refused (format): not a proof")
        return Answer({"log_size": 18, "level": 100})

    def setup(self, elf: bytes, *, log_size: int, security: int, progress: Any) -> Answer:
        """Answer with a fixed key."""
        self.calls.append(("setup", elf, log_size, security))
        with progress.phase("set up"):
            return Answer({"digest": DIGEST, "key": KEY, "elf_hash": ELF_HASH})

    def prove(
        self,
        program: Answer,
        data: bytes,
        *,
        units: int,
        form: ProofForm,
        progress: Any,
        stages: StageClock,
    ) -> Answer:
        """Answer with a fixed proof, after two seconds of folding."""
        self.calls.append(("prove", program.key, data, units))
        self.form = form
        stages.whole[Stage.NODE] = 2.0
        return Answer({"proof": PROOF, "execution": Answer({"steps": 2_500, "cycles": 2_000})})

    def verify(self, proof: bytes, key: bytes) -> Answer:
        """Accept the fixed proof under the fixed key alone."""
        self.calls.append(("verify", proof, key))
        if (proof, key) != (PROOF, KEY):
            raise VerificationError("proof refused (format): not a proof")
        return Answer(
            {"digest": DIGEST, "exit_code": 3, "outputs": OUTPUTS, "segments": 2, "form": self.form, **SHAPE}
        )

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
