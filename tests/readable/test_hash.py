"""Permutation, sponge, node and transcript: as the documents say, and as the package computes them."""

import re
from pathlib import Path

import pytest

from tests.readable.field import K, P, bit_reverse, coset_shift, root_of_unity
from tests.readable.poseidon2 import node, permute, sponge
from tests.readable.transcript import Transcript
from zisk.field import koalabear, quintic
from zisk.hash.sponge import compress, hash_elements
from zisk.hash.transcript import Transcript as PackageTranscript

FORMAT = Path(__file__).parents[2] / "docs" / "format.md"

SEQUENCE = [(7 * place * place + 3) % P for place in range(100)]


def test_permutation_is_that_of_the_document() -> None:
    match = re.search(
        r"The permutation of 0, 1, \.\.\., 23 begins with (\d+), (\d+), (\d+)\.", FORMAT.read_text()
    )
    assert match is not None
    assert permute(range(24))[:3] == [int(value) for value in match.groups()]


@pytest.mark.parametrize("length", [0, 1, 14, 15, 16, 30, 100])
def test_sponge(length: int) -> None:
    assert sponge(7, SEQUENCE[:length]) == tuple(hash_elements(7, SEQUENCE[:length]))


def test_node() -> None:
    left, right = tuple(SEQUENCE[:9]), tuple(SEQUENCE[9:18])
    assert node(left, right) == tuple(compress(left, right))


def test_transcript() -> None:
    one, other = Transcript(3), PackageTranscript(3)
    for length in (0, 4, 15, 16, 31):
        one.absorb(SEQUENCE[:length])
        other.absorb(SEQUENCE[:length])
        assert one.digest() == tuple(other.state_digest())
        for _ in range(4):
            assert one.challenge().coefficients == tuple(other.sample_extension())


def test_extension_field() -> None:
    a, b = K((1, 2, 3, 4, P - 5)), K((P - 1, 7, 0, 11, 2**30))
    assert (a * b).coefficients == quintic.mul(
        quintic.element(a.coefficients), quintic.element(b.coefficients)
    )
    assert a * a.inverse() == 1
    with pytest.raises(ZeroDivisionError):
        K.of(0).inverse()


@pytest.mark.parametrize("log_order", [0, 1, 3, 17, 24])
def test_roots_and_shifts(log_order: int) -> None:
    assert root_of_unity(log_order) == koalabear.root_of_unity(log_order)
    assert pow(root_of_unity(log_order), 1 << log_order, P) == 1
    assert coset_shift(min(log_order, 22)) == koalabear.coset_shift(min(log_order, 22))


def test_bit_reversal() -> None:
    assert [bit_reverse(value, 3) for value in range(8)] == [0, 4, 2, 6, 1, 5, 3, 7]
    assert bit_reverse(0, 0) == 0
