"""The keys that a version ships: those that a job may be folded with, and those of final proofs.

`keys.json` follows from the circuits alone; `python -m tests.golden.regenerate_keys` writes it, and a test
derives it again. With it a verifier needs no set-up.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from zisk.hash.sponge import Digest
from zisk.recursion.shapes import final_kind
from zisk.recursion.trees import key_tree
from zisk.stark.key import VerifyingKey
from zisk.stark.parameters import CircuitRole, SecurityParameters, circuit_parameters

FILE_NAME = "keys.json"


@dataclass(frozen=True, eq=False)
class ShippedKeys:
    """The keys of one security level.

    Attributes:
        allowed: digests of the keys of leaves and nodes by name, in the order of their tree.
        final, compressed: keys of final proofs and of compressed ones.
    """

    allowed: dict[str, Digest]
    final: VerifyingKey
    compressed: VerifyingKey

    @property
    def digests(self) -> dict[str, Digest]:
        """Digests of all keys by name."""
        return {**self.allowed, "final": self.final.digest, "compressed": self.compressed.digest}

    @cached_property
    def tree(self) -> list[list[Digest]]:
        """The tree of allowed keys, by levels."""
        return key_tree(list(self.allowed.values()))

    @property
    def root(self) -> Digest:
        """The root of that tree, which every proof of the level carries."""
        return self.tree[-1][0]


@cache
def shipped_keys(level: int) -> ShippedKeys:
    """The keys of a security level.

    Raises:
        UnknownSecurityLevelError: there is no such level.
    """
    final, compressed = (
        circuit_parameters(level, role) for role in (CircuitRole.FINAL, CircuitRole.COMPRESSED)
    )
    known = json.loads(files("zisk.recursion").joinpath(FILE_NAME).read_text("ascii"))[str(level)]
    return ShippedKeys(
        {name: tuple(digest) for name, digest in known["allowed"].items()},
        _key(known["final"], final),
        _key(known["compressed"], compressed),
    )


def _key(known: dict, parameters: SecurityParameters) -> VerifyingKey:
    cap = tuple(tuple(digest) for digest in known["cap"])
    return VerifyingKey(final_kind(), parameters, cap, tuple(known["log_heights"]))
