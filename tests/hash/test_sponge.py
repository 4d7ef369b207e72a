"""The sponge as written down: overwrite fifteen, permute, tag and length in the capacity."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zisk.field.koalabear import P
from zisk.hash import rows
from zisk.hash.kernel_choice import hashing_kernels
from zisk.hash.poseidon2 import permute
from zisk.hash.sponge import DIGEST_LENGTH, compress, hash_elements
from zisk.hash.tags import TAG_COMPRESSION
from zisk.kernels.cpu import merkle

elements = st.integers(0, P - 1)


def test_digest_step_by_step() -> None:
    message = list(range(100, 117))
    first = permute([*message[:15], 7, 17, *[0] * 7])
    second = permute([*message[15:], *first[2:]])
    assert hash_elements(7, message) == tuple(second[:9])


def test_full_block_takes_one_permutation() -> None:
    assert hash_elements(1, [5] * 15) == tuple(permute([*[5] * 15, 1, 15, *[0] * 7])[:9])


def test_empty_message_takes_one_permutation() -> None:
    assert hash_elements(3, []) == tuple(permute([*[0] * 15, 3, *[0] * 8])[:9])


def test_padding_with_zeros_and_another_tag_give_other_digests() -> None:
    digests = {hash_elements(tag, message) for tag in (1, 2) for message in ([], [0], [0, 0], [0] * 15)}
    assert len(digests) == 8


def test_compression_feeds_its_input_forward() -> None:
    left, right = list(range(9)), list(range(20, 29))
    state = [*left, *right, TAG_COMPRESSION, 0, 0, 0, 0, 0]
    assert compress(left, right) == tuple((x + y) % P for x, y in zip(permute(state)[:9], left, strict=True))


@pytest.mark.parametrize("width", [0, 1, 14, 15, 16, 30, 40])
@pytest.mark.parametrize("count", [1, 17])
def test_rows_are_hashed_one_by_one(width: int, count: int) -> None:
    matrix = np.random.default_rng(width).integers(0, P, (count, width), np.uint32)
    expected = [list(hash_elements(9, row)) for row in matrix.tolist()]
    assert hashing_kernels("merkle", 0, 0) is merkle
    assert rows.hash_rows(9, matrix).tolist() == expected
    assert rows._absorbed_numpy(9, width, matrix, DIGEST_LENGTH).tolist() == expected


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(*[st.tuples(*[elements] * 9)] * 2), min_size=1, max_size=20))
def test_pairs_are_compressed_one_by_one(pairs: list[tuple[tuple[int, ...], tuple[int, ...]]]) -> None:
    left, right = (np.array([pair[side] for pair in pairs], np.uint32) for side in (0, 1))
    expected = [list(compress(x, y)) for x, y in pairs]
    assert hashing_kernels("merkle", 0, 0) is merkle
    assert rows.compress_pairs(left, right).tolist() == expected
    assert rows.compress_pairs_numpy(left, right).tolist() == expected
