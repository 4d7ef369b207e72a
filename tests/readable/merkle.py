"""Openings of Merkle trees under a cap (docs/format.md, "Trees")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.readable.poseidon2 import Digest, leaf, node
from tests.readable.reader import Reader, RefusedError


@dataclass(frozen=True)
class Opening:
    """Rows of the queried leaves, in ascending order of the leaves, and the nodes beside their paths."""

    rows: list[list[int]]
    siblings: list[Digest]


def read_opening(reader: Reader, width: int) -> Opening:
    """Read an opening of a tree whose rows have `width` elements."""
    rows, siblings = reader.word(), reader.word()
    return Opening([reader.elements(width) for _ in range(rows)], reader.digests(siblings))


def open_tree(
    opening: Opening,
    cap: Sequence[Digest],
    depth: int,
    leaves: Sequence[int],
    tag: int,
    what: str,
    *,
    parts: Sequence[int] = (),
) -> Mapping[int, list[int]]:
    """Check an opening of a tree of 2^depth leaves; returns the rows by leaf.

    Args:
        opening: what the prover sent.
        cap: the nodes at the depth of the cap, a power of two of them.
        depth: of the leaves.
        leaves: the distinct queried leaves, ascending.
        tag: domain of the leaves' hashes.
        what: the tree, for the refusal.
        parts: columns of the leaves' own sponges, see `leaf`.
    """
    if len(opening.rows) != len(leaves):
        raise RefusedError(f"{what} opens {len(opening.rows)} leaves where {len(leaves)} are queried")
    own = tuple(parts)
    nodes = {place: leaf(tag, tuple(row), own) for place, row in zip(leaves, opening.rows, strict=True)}
    siblings = iter(opening.siblings)
    for _ in range(depth - (len(cap).bit_length() - 1)):
        parents: dict[int, Digest] = {}
        for place, digest in nodes.items():
            if place // 2 in parents:
                continue
            other = nodes[place ^ 1] if place ^ 1 in nodes else next(siblings, None)
            if other is None:
                raise RefusedError(f"{what} has too few siblings")
            parents[place // 2] = node(other, digest) if place & 1 else node(digest, other)
        nodes = parents
    if next(siblings, None) is not None:
        raise RefusedError(f"{what} has siblings that nothing needs")
    if any(cap[place] != digest for place, digest in nodes.items()):
        raise RefusedError(f"{what} does not open to its cap")
    return dict(zip(leaves, opening.rows, strict=True))
