"""The keys that a verifier of final proofs knows (docs/format.md, "Allowed keys")."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from tests.readable.poseidon2 import TAG_NODE, Digest, sponge
from tests.readable.segment import Key

KEYS = Path(__file__).parents[2] / "docs" / "keys.json"
LEAVES = 8


def final_key(level: int, form: str) -> Key:
    """The key of `final` or `compressed` proofs of a level."""
    known = _of_level(level)[form]
    return Key([height + 1 for height in known["log_heights"]], [tuple(digest) for digest in known["cap"]])


@cache
def allowed_keys_root(level: int) -> Digest:
    """The root over the keys that jobs are folded with; places left over repeat the last."""
    nodes: list[Digest] = [tuple(digest) for digest in _of_level(level)["allowed"].values()]
    nodes += nodes[-1:] * (LEAVES - len(nodes))
    while len(nodes) > 1:
        nodes = [
            sponge(TAG_NODE, [*left, *right]) for left, right in zip(nodes[::2], nodes[1::2], strict=True)
        ]
    return nodes[0]


@cache
def _of_level(level: int) -> dict[str, Any]:
    return json.loads(KEYS.read_text(encoding="ascii"))[str(level)]
