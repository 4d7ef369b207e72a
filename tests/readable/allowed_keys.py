"""The keys that jobs are folded with: the root of their tree (docs/format.md, "Allowed keys")."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from tests.readable.poseidon2 import TAG_NODE, Digest, sponge

KEYS = Path(__file__).parents[2] / "docs" / "keys.json"
LEAVES = 8


@cache
def allowed_keys_root(level: int) -> Digest:
    """The root for a security level; places left over repeat the last key."""
    allowed = json.loads(KEYS.read_text(encoding="ascii"))[str(level)]["allowed"]
    nodes: list[Digest] = [tuple(digest) for digest in allowed.values()]
    nodes += nodes[-1:] * (LEAVES - len(nodes))
    while len(nodes) > 1:
        pairs = zip(nodes[::2], nodes[1::2], strict=True)
        nodes = [sponge(TAG_NODE, [*left, *right]) for left, right in pairs]
    return nodes[0]
