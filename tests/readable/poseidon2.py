"""Poseidon2 of width 24, the sponge and the Merkle node (docs/format.md, "Hash")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from tests.readable.field import P

WIDTH, RATE, DIGEST = 24, 15, 9
EXTERNAL_ROUNDS, INTERNAL_ROUNDS = 8, 23

TAG_NODE, TAG_ROW, TAG_SEGMENT, TAG_JOB, TAG_KEY = 1, 2, 3, 4, 5
TAG_PROGRAM, TAG_CONTRIBUTION, TAG_CODEWORD, TAG_CHUNK, TAG_PART = 6, 7, 8, 9, 10

Digest = tuple[int, ...]


def _grain() -> Iterator[int]:
    """Elements below P from the shrunken Grain LFSR."""
    fields = (
        (1, 2),
        (0, 4),
        (31, 12),
        (WIDTH, 12),
        (EXTERNAL_ROUNDS, 10),
        (INTERNAL_ROUNDS, 10),
        (2**30 - 1, 30),
    )
    state = [int(digit) for value, bits in fields for digit in f"{value:0{bits}b}"]

    def bits() -> Iterator[int]:
        while True:
            new = state[62] ^ state[51] ^ state[38] ^ state[23] ^ state[13] ^ state[0]
            state[:] = [*state[1:], new]
            yield new

    stream = bits()
    for _ in range(160):
        next(stream)
    kept = (second for first, second in zip(stream, stream, strict=False) if first)
    while True:
        value = int("".join(map(str, islice(kept, 31))), 2)
        if value < P:
            yield value


def _half_to(exponent: int) -> int:
    return pow(2, -exponent, P)


_CONSTANTS = _grain()
FIRST = [list(islice(_CONSTANTS, WIDTH)) for _ in range(EXTERNAL_ROUNDS // 2)]
INTERNAL = list(islice(_CONSTANTS, INTERNAL_ROUNDS))
LAST = [list(islice(_CONSTANTS, WIDTH)) for _ in range(EXTERNAL_ROUNDS // 2)]

DIAGONAL = [
    *(-2, 1, 2, _half_to(1), 3, 4, -_half_to(1), -3, -4),
    *(_half_to(k) for k in (8, 2, 3, 4, 5, 6, 24)),
    *(-_half_to(k) for k in (8, 3, 4, 5, 6, 7, 9, 24)),
]


def permute(state: Sequence[int]) -> list[int]:
    """The permutation of 24 elements."""
    mixed = _external_layer(state)
    for constants in FIRST:
        mixed = _external_layer(
            [(v + c) * (v + c) * (v + c) % P for v, c in zip(mixed, constants, strict=True)]
        )
    for constant in INTERNAL:
        mixed[0] = pow(mixed[0] + constant, 3, P)
        total = sum(mixed)
        mixed = [(total + d * v) % P for d, v in zip(DIAGONAL, mixed, strict=True)]
    for constants in LAST:
        mixed = _external_layer(
            [(v + c) * (v + c) * (v + c) % P for v, c in zip(mixed, constants, strict=True)]
        )
    return [value % P for value in mixed]


def _external_layer(state: Sequence[int]) -> list[int]:
    """Multiply each four by the circulant (2, 3, 1, 1), then add to each the sum over its place in all fours.

    Results are not reduced: the next S-box does that.
    """
    mixed: list[int] = []
    for place in range(0, WIDTH, 4):
        a, b, c, d = state[place : place + 4]
        total = a + b + c + d
        mixed += (total + a + 2 * b, total + b + 2 * c, total + c + 2 * d, total + d + 2 * a)
    sums = [sum(mixed[place::4]) for place in range(4)] * (WIDTH // 4)
    return [value + total for value, total in zip(mixed, sums, strict=True)]


def sponge(tag: int, elements: Sequence[int]) -> Digest:
    """The digest of elements under a tag."""
    return tuple(last_state(tag, elements)[:DIGEST])


@lru_cache(maxsize=1 << 12)
def leaf(tag: int, row: tuple[int, ...], parts: tuple[int, ...] = ()) -> Digest:
    """The digest of a row whose first columns, so many for each part, have sponges of their own.

    Whoever verifies one proof many times, each time with another word changed, hashes most rows once.
    """
    absorbed: list[int] = []
    start = 0
    for width in parts:
        absorbed += last_state(TAG_PART, row[start : start + width])[:RATE]
        start += width
    return sponge(tag, [*absorbed, *row[start:]])


def last_state(tag: int, elements: Sequence[int]) -> list[int]:
    """The state of a sponge that has absorbed elements under a tag."""
    state = [0] * WIDTH
    state[RATE], state[RATE + 1] = tag, len(elements)
    for start in range(0, max(len(elements), 1), RATE):
        block = elements[start : start + RATE]
        state[: len(block)] = block
        state = permute(state)
    return state


@lru_cache(maxsize=1 << 14)
def node(left: Digest, right: Digest) -> Digest:
    """The parent of two nodes of a Merkle tree."""
    state = [*left, *right, TAG_NODE, 0, 0, 0, 0, 0]
    return tuple((a + b) % P for a, b in zip(permute(state), state[:DIGEST], strict=False))
