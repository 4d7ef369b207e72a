"""How the segments of a job are shared out over compute units, and the tree of their contributions.

Everything here is a function of the number of segments and of units; workers appear nowhere in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np

from zisk.hash.rows import hash_rows
from zisk.hash.tags import TAG_CONTRIBUTION
from zisk.stark.key import Digest


def unit_places(units: int) -> list[int]:
    """The order in which units take the segments of a round: bit-reversed counting, places >= units left out.

    Any prefix of it spreads evenly over contiguous runs of units; 10 units give 0 8 4 2 6 1 9 5 3 7.
    """
    bits = (units - 1).bit_length()
    reversed_places = (int(format(k, f"0{bits}b")[::-1], 2) if bits else 0 for k in range(1 << bits))
    return [place for place in reversed_places if place < units]


def unit_of_segment(position: int, units: int) -> int:
    """The unit that proves the segment at a position of the job-wide order, counted from 0."""
    return unit_places(units)[position % units]


def segments_of_units(segments: int, units: int) -> list[list[int]]:
    """For each unit the positions of its segments, ascending."""
    shares: list[list[int]] = [[] for _ in range(units)]
    places = unit_places(units)
    for position in range(segments):
        shares[places[position % units]].append(position)
    return shares


def contribution_root(leaves: Sequence[Digest], units: int) -> Digest:
    """Root of the contribution tree over the leaf digests, given in job-wide order.

    The tree over the non-empty units in unit order; a unit's node is the tree over its segments.
    """
    shares = segments_of_units(len(leaves), units)
    return tree_root(_roots([[leaves[one] for one in share] for share in shares if share]))


def tree_root(nodes: Sequence[Digest]) -> Digest:
    """Root of the tree of RFC 6962: the left child holds the largest power of two below the count."""
    return _roots([nodes])[0]


def _roots(trees: Sequence[Sequence[Digest]]) -> list[Digest]:
    """The root of each tree, all a level at a time: two neighbours get a parent, a last one moves up."""
    levels = [list(nodes) for nodes in trees]
    while any(len(nodes) > 1 for nodes in levels):
        pairs = [[*nodes[k], *nodes[k + 1]] for nodes in levels for k in range(0, len(nodes) - 1, 2)]
        digests = hash_rows(TAG_CONTRIBUTION, np.array(pairs, dtype=np.uint32)).tolist()
        parents = iter(map(tuple, digests))
        levels = [
            [*islice(parents, len(nodes) // 2), *nodes[len(nodes) - len(nodes) % 2 :]] for nodes in levels
        ]
    return [nodes[0] for nodes in levels]


def split_point(count: int) -> int:
    """How many of `count` nodes, two at least, the left child holds: the largest power of two below it."""
    return 1 << ((count - 1).bit_length() - 1)
