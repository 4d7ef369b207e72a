"""A façade with fixed answers, so that commands can be tested for what they read, print and end with."""

from dataclasses import dataclass, field
from typing import Any

from tests.keys import key_of
from zisk.kernels.backend import Backend
from zisk.proof_format.forms import ProofForm
from zisk.stages import Stage, StageClock
from zisk.stark.errors import Rejection, VerificationError
from zisk.verifier.outcome import Outcome
from zisk.verifier.policy import DEFAULT_POLICY, Policy

OUTPUTS = (7, 0, 0xFFFFFFFF) + (0,) * 61
DIGEST = bytes(range(36))
PROGRAM = tuple(int.from_bytes(DIGEST[at : at + 4], "little") for at in range(0, 36, 4))
"""The digest as the words that stand in a proof."""
ELF_HASH = "e1f" * 21 + "0"
PROOF = b"pz the proof"
SIZE, SECURITY = 18, 100
CIRCUITS = {"node": (b"\1" * 36, True), "final": (b"\2" * 36, True)}
"""Digest of the key of each circuit of 128 bits, and whether it is shipped."""

KEY = key_of(SIZE, SECURITY)


@dataclass
class Answer:
    """An object with whatever fields a command reads."""

    fields: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.fields[name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass
class FakeProver:
    """What the commands see as `zisk.prover`; `calls` are the functions they called, in order.

    `bounds` are the most steps of the last run that was proved, and its threads.
    """

    calls: list[tuple[Any, ...]] = field(default_factory=list)
    form: ProofForm = ProofForm.FINAL
    bounds: tuple[int, int] = (0, 0)

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
            raise VerificationError(Rejection.FORMAT, "not a proof")
        return Answer({"log_size": SIZE, "level": SECURITY, "program": PROGRAM})

    def setup(
        self, elf: bytes, *, log_size: int, security: int, progress: Any, backend: Any = None
    ) -> Answer:
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
        max_steps: int,
        backend: Backend,
        progress: Any,
        stages: StageClock,
    ) -> Answer:
        """Answer with a fixed proof, after two seconds of folding."""
        self.calls.append(("prove", program.key, data, units))
        self.bounds = max_steps, backend.pool.threads
        self.form = form
        stages.whole[Stage.NODE] = 2.0
        return Answer({"proof": PROOF, "execution": Answer({"steps": 2_500, "cycles": 2_000})})

    def execute(self, program: Answer, data: bytes, *, max_steps: int, progress: Any) -> Answer:
        """End with the fixed exit code."""
        self.calls.append(("execute", program.key, data, max_steps))
        return Answer({"exit_code": 3})

    def verify(self, proof: bytes, key: bytes, policy: Policy = DEFAULT_POLICY) -> Outcome:
        """Accept the fixed proof under the fixed key alone, if it is what is asked for."""
        self.calls.append(("verify", proof, key, policy.minimal_security))
        if (proof, key) != (PROOF, KEY):
            raise VerificationError(Rejection.FORMAT, "not a proof")
        outcome = Outcome(
            form=self.form,
            digest=DIGEST,
            exit_code=3,
            outputs=OUTPUTS,
            segments=2,
            steps=2_500,
            security=SECURITY,
            log_size=SIZE,
        )
        policy.check_outcome(outcome)
        return outcome

    def check_job(
        self, program: Answer, data: bytes, *, backend: Any, progress: Any, max_steps: int
    ) -> list[str]:
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
