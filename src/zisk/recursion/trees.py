"""Small trees of digests, such as that of the allowed keys, as numbers; `paths` has them in circuits.

A node is the sponge's digest of its children. Depths are constants of their use, so no node is taken for a
leaf.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zisk.hash.rows import hash_rows
from zisk.hash.sponge import DIGEST_LENGTH, Digest
from zisk.hash.tags import TAG_COMPRESSION
from zisk.vm.kinds import KINDS

LOG_KEYS = sum(len(kind.sizes) for kind in KINDS).bit_length()
"""Depth of the tree of allowed keys, which has room for the leaves of all kinds and sizes, and the node."""


def levels(leaves: Sequence[Digest]) -> list[list[Digest]]:
    """The levels of the tree over 2^k leaves, from the leaves to the root."""
    found = [list(leaves)]
    while len(found[-1]) > 1:
        pairs = np.array(found[-1], np.uint32).reshape(-1, 2 * DIGEST_LENGTH)
        found.append([tuple(digest) for digest in hash_rows(TAG_COMPRESSION, pairs).tolist()])
    return found


def key_tree(keys: Sequence[Digest]) -> list[list[Digest]]:
    """The tree of allowed keys, by levels; places left over repeat the last key."""
    return levels([*keys, *[keys[-1]] * ((1 << LOG_KEYS) - len(keys))])
