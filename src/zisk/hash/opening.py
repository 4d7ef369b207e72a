"""Opening several leaves of a Merkle tree with one set of siblings, and checking it.

Level by level from the leaves, left to right, the siblings are those nodes that cannot be computed from what
is known. So indices alone say how many there are and where each one goes: there is one valid form.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zisk.field.koalabear import P
from zisk.hash.rows import compress_pairs
from zisk.hash.sponge import DIGEST_LENGTH

Indices = NDArray[np.int64]


def cap_log_size(log_leaves: int, cap_log: int) -> int:
    """log2 of the digests in the cap of a tree of 2^log_leaves leaves, where 2^cap_log are wanted.

    The cap of a small tree is the level above its leaves, so that every path has a step. A single leaf is its
    own cap.
    """
    return max(0, min(cap_log, log_leaves - 1))


def missing_siblings(log_leaves: int, cap_log: int, indices: Indices) -> Iterator[tuple[Indices, Indices]]:
    """Yield, for each level from the leaves to below the cap, (known nodes, siblings to be given).

    `indices` are distinct leaves in ascending order; both results ascend too.
    """
    for _ in range(log_leaves - cap_log_size(log_leaves, cap_log)):
        parents = indices >> 1
        repeated = parents[1:] == parents[:-1]  # both children of one node stand next to each other
        paired = np.zeros(indices.size, np.bool_)
        paired[1:] |= repeated
        paired[:-1] |= repeated
        yield indices, (indices ^ 1)[~paired]
        indices = parents[np.concatenate(([True], ~repeated))] if indices.size else parents


def verify_opening(
    cap: ArrayLike,
    log_leaves: int,
    cap_log: int,
    indices: Sequence[int],
    leaf_digests: ArrayLike,
    siblings: ArrayLike,
) -> bool:
    """Whether leaves with these digests stand at these indices under a cap.

    Args:
        cap: canonical, [2^cap_log_size(log_leaves, cap_log), 9].
        log_leaves: log2 of the number of leaves of the tree.
        cap_log: log2 of the digests wanted in a cap.
        indices: distinct leaves in ascending order.
        leaf_digests: canonical, [k, 9], in the order of the indices.
        siblings: canonical, [s, 9]; exactly those that are missing, in canonical order.
    """
    places = np.array(indices, np.int64).reshape(-1)
    nodes, given, tops = (_digests(digests) for digests in (leaf_digests, siblings, cap))
    if nodes is None or given is None or tops is None:
        return False
    if len(nodes) != len(places) or len(tops) != 1 << cap_log_size(log_leaves, cap_log):
        return False
    if len(places) and (places[0] < 0 or places[-1] >> log_leaves or np.any(np.diff(places) <= 0)):
        return False
    for known, missing in missing_siblings(log_leaves, cap_log, places):
        if len(given) < len(missing):
            return False
        order = np.argsort(np.concatenate((known, missing)))
        level = np.concatenate((nodes, given[: len(missing)]))[order]
        given = given[len(missing) :]
        nodes = compress_pairs(level[0::2], level[1::2])
        places = np.unique(known >> 1)
    return not len(given) and np.array_equal(nodes, tops[places])


def _digests(digests: ArrayLike) -> NDArray[np.uint32] | None:
    """An array uint32[k, 9] of canonical elements, or None if it is no such thing."""
    array = np.asarray(digests)
    if not array.size:
        return np.zeros((0, DIGEST_LENGTH), np.uint32)
    if array.ndim != 2 or array.shape[1] != DIGEST_LENGTH or array.min() < 0 or array.max() >= P:
        return None
    return array.astype(np.uint32)
