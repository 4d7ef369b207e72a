"""The tree over the segments of a job (docs/format.md, "Claims and global challenge")."""

from __future__ import annotations

from collections.abc import Sequence

from tests.readable.field import bit_reverse
from tests.readable.poseidon2 import TAG_CONTRIBUTION, Digest, sponge


def contribution_root(leaves: Sequence[Digest], units: int) -> Digest:
    """The root over the non-empty units, each the root over its segments."""
    places = unit_places(units, min(units, len(leaves)))
    shares: dict[int, list[Digest]] = {unit: [] for unit in places}
    for segment, leaf in enumerate(leaves):
        shares[places[segment % units]].append(leaf)
    return tree_root([tree_root(shares[unit]) for unit in sorted(shares)])


def unit_places(units: int, count: int) -> list[int]:
    """The units of the first `count` segments of a round: bit reversals, those of U and above left out."""
    bits = (units - 1).bit_length()
    places: list[int] = []
    number = 0
    while len(places) < count:
        place = bit_reverse(number, bits)
        if place < units:
            places.append(place)
        number += 1
    return places


def tree_root(nodes: Sequence[Digest]) -> Digest:
    """The root of RFC 6962: the left child holds the largest power of two below the number of leaves."""
    if len(nodes) == 1:
        return nodes[0]
    half = 1 << ((len(nodes) - 1).bit_length() - 1)
    return sponge(TAG_CONTRIBUTION, [*tree_root(nodes[:half]), *tree_root(nodes[half:])])
