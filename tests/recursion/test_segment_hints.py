"""Shared Merkle openings written out: every leaf with a path of its own."""

import numpy as np

from tests.recursion.test_hashing import CAP_LOG, LOG_LEAVES, ROWS, committed, path
from zisk.hash.rows import hash_rows
from zisk.hash.tags import TAG_LEAF
from zisk.recursion.segment_hints import single_openings
from zisk.stark.proof import TreeOpening


def test_each_leaf_gets_the_path_that_opens_it_alone() -> None:
    tree, leaves = committed(), [0, 1, 5, 21, 22, 63]
    opening = TreeOpening(ROWS[leaves], tree.open(leaves))
    digests = hash_rows(TAG_LEAF, opening.rows)
    found = single_openings(digests, LOG_LEAVES, CAP_LOG, np.array(leaves), opening)
    assert found.tolist() == [path(tree, leaf) for leaf in leaves]
