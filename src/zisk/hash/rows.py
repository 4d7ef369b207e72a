"""Digests of many rows, of many leaves, and of many pairs of digests, at once: what a verifier needs.

They run on kernels or on NumPy, as `zisk.hash.kernel_choice` says; both give the same numbers.
Everything is canonical: integers in [0, p).
"""

from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from zisk.field.koalabear import P, from_montgomery, to_montgomery
from zisk.hash.kernel_choice import hashing_kernels
from zisk.hash.poseidon2 import WIDTH, permute_array
from zisk.hash.sponge import DIGEST_LENGTH, RATE
from zisk.hash.tags import TAG_COMPRESSION, TAG_PART

Digests = NDArray[np.uint32]
"""uint32[k, 9], canonical."""


def hash_leaves(tag: int, parts: Sequence[int], rows: NDArray[np.uint32]) -> Digests:
    """The digest of each row of uint32[k, width] as a leaf whose first columns are hashed apart.

    `parts` are numbers of columns, from the first on, that have a sponge of their own each: the first fifteen
    elements of its last state are absorbed in their place.
    """
    absorbed, start = [], 0
    for width in parts:
        absorbed.append(hash_rows(TAG_PART, rows[:, start : start + width], RATE))
        start += width
    return hash_rows(tag, np.concatenate([*absorbed, rows[:, start:]], axis=1) if parts else rows)


def part_widths(widths: Sequence[int], sponges: Sequence[int]) -> list[int]:
    """How many columns each own sponge takes: so many tables each, of these widths, from the first on."""
    rest = iter(widths)
    return [sum(islice(rest, count)) for count in sponges]


def hash_rows(tag: int, rows: NDArray[np.uint32], length: int = DIGEST_LENGTH) -> Digests:
    """The digest of each row of uint32[k, width], as `hash_elements` gives it.

    With another `length`, up to 24, so many elements of the sponge's last state: uint32[k, length].
    """
    return _absorbed(tag, rows.shape[1], rows, length)


def state_digests(tag: int, rows: NDArray[np.uint32]) -> Digests:
    """For each row of uint32[k, width], the state digest of a transcript under a tag that has absorbed it."""
    if rows.shape[1] % RATE:
        return _absorbed(tag, 0, rows, DIGEST_LENGTH)
    states = _absorbed(tag, 0, rows, WIDTH).T.astype(np.uint64)
    return permute_array(states)[:DIGEST_LENGTH].T.astype(np.uint32)


def compress_pairs(left: Digests, right: Digests) -> Digests:
    """The node over each pair of digests, as `compress` gives it."""
    kernels = hashing_kernels("merkle", 1, len(left))
    if kernels is None:
        return compress_pairs_numpy(left, right)
    children = np.empty((2 * len(left), DIGEST_LENGTH), np.uint32)
    children[0::2], children[1::2] = left, right
    out = np.empty((DIGEST_LENGTH, len(left)), np.uint32)
    tag_form = int(to_montgomery(TAG_COMPRESSION))
    columns = np.ascontiguousarray(to_montgomery(children.T))
    kernels.compress(columns, 2, tag_form, out, 0, len(left))
    return from_montgomery(out).T.astype(np.uint32)


def compress_pairs_numpy(left: Digests, right: Digests) -> Digests:
    """What `compress_pairs` gives, without kernels."""
    states = np.zeros((WIDTH, len(left)), np.uint64)
    states[:DIGEST_LENGTH] = left.T
    states[DIGEST_LENGTH : 2 * DIGEST_LENGTH] = right.T
    states[2 * DIGEST_LENGTH] = TAG_COMPRESSION
    nodes = (permute_array(states)[:DIGEST_LENGTH] + states[:DIGEST_LENGTH]) % np.uint64(P)
    return nodes.T.astype(np.uint32)


def _absorbed(tag: int, second: int, rows: NDArray[np.uint32], length: int) -> NDArray[np.uint32]:
    """The first `length` elements of the state after each row; its capacity begins with tag and second."""
    count, width = rows.shape
    kernels = hashing_kernels("merkle", 1 + width // RATE, count)
    if kernels is None:
        return _absorbed_numpy(tag, second, rows, length)
    matrix = np.ascontiguousarray(to_montgomery(rows))
    out = np.empty((length, count), np.uint32)
    kernels.hash_rows(matrix, *to_montgomery([tag, second]).tolist(), out, 0, count)
    return from_montgomery(out).T.astype(np.uint32)


def _absorbed_numpy(tag: int, second: int, rows: NDArray[np.uint32], length: int) -> NDArray[np.uint32]:
    """What `_absorbed` gives, without kernels."""
    count, width = rows.shape
    states = np.zeros((WIDTH, count), np.uint64)
    states[RATE], states[RATE + 1] = tag, second
    for start in range(0, max(width, 1), RATE):
        block = rows[:, start : start + RATE].T
        states[: len(block)] = block
        states = permute_array(states)
    return states[:length].T.astype(np.uint32)
