"""Setting up all circuits that fold jobs, and comparing their keys with those that this version ships."""

from __future__ import annotations

from dataclasses import dataclass

from zisk.kernels.backend import Backend
from zisk.kernels.default import default_backend
from zisk.progress import NULL_PROGRESS, Progress
from zisk.proof_format.program_key import digest_bytes
from zisk.prover.preparation import prepare
from zisk.recursion.circuits import circuit_set
from zisk.recursion.shipped import shipped_keys


@dataclass(frozen=True, slots=True)
class CircuitKey:
    """The key of a circuit.

    Attributes:
        name: of the circuit.
        digest: of its key, 36 bytes.
        is_shipped: whether this version ships that key under this name.
    """

    name: str
    digest: bytes
    is_shipped: bool


def set_up_circuits(
    security: int, *, backend: Backend | None = None, progress: Progress = NULL_PROGRESS
) -> tuple[CircuitKey, ...]:
    """Set up every circuit of a security level; compiles the kernels where that is due.

    Raises:
        UnknownSecurityLevelError: there is no such level.
    """
    prepare(progress)
    found = circuit_set(security, backend or default_backend()).keys(progress).digests
    shipped = shipped_keys(security).digests
    return tuple(
        CircuitKey(name, digest_bytes(digest), shipped.get(name) == digest) for name, digest in found.items()
    )
