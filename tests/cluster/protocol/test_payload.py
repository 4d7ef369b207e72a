"""Payloads and their two forms on the wire."""

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from zisk.cluster.errors import WireError
from zisk.cluster.protocol.limits import INLINE_BYTES
from zisk.cluster.protocol.payload import MARK, Inline, Stored, digest_of, from_field, from_words

STORED = Stored(bytes(range(32)), 5_000_000)


def test_words_of_inline_bytes():
    assert Inline(b"").to_words() == [0]
    assert Inline(b"\x01\x02").to_words() == [2, 0x0201]
    assert Inline(bytes(range(9))).to_words() == [9, 0x0706050403020100, 8]


def test_words_of_a_stored_payload():
    assert STORED.to_words() == [
        (1 << 63) | 5_000_000,
        0x0706050403020100,
        0x0F0E0D0C0B0A0908,
        0x1716151413121110,
        0x1F1E1D1C1B1A1918,
    ]


def test_field_of_a_stored_payload():
    assert STORED.to_field() == b"zisk.artifact.v1" + (5_000_000).to_bytes(8, "little") + bytes(range(32))


@given(st.binary(max_size=100).filter(lambda data: not data.startswith(MARK)))
def test_inline_round_trip(data: bytes):
    assert from_words(Inline(data).to_words()) == Inline(data)
    assert from_field(Inline(data).to_field()) == Inline(data)


def test_stored_round_trip():
    assert from_words(STORED.to_words()) == STORED
    assert from_field(STORED.to_field()) == STORED


def test_digest_is_blake3():
    assert digest_of(b"zisk") == blake3(b"zisk").digest()
    assert Stored.of(b"zisk") == Stored(blake3(b"zisk").digest(), 4)


@pytest.mark.parametrize(
    ("data", "fits"),
    [(b"", True), (bytes(INLINE_BYTES), True), (bytes(INLINE_BYTES + 1), False), (MARK + b"x", False)],
)
def test_what_fits_a_message(data: bytes, fits: bool):
    assert Inline(data).fits is fits


def test_what_does_not_fit_is_not_sent():
    with pytest.raises(ValueError, match="stored first"):
        Inline(MARK).to_field()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "at least its header word"),
        ([1], "1 bytes take 1 words, not 0"),
        ([8, 1, 2], "8 bytes take 1 words, not 2"),
        ([1, 0x100], "filled with zeros"),
        ([1 << 63, 1, 2, 3], "4 words of digest, not 3"),
        ([(1 << 63) - 1, 1], "9223372036854775807 bytes take 1152921504606846976 words, not 1"),
        (
            [INLINE_BYTES + 1, *[0] * (INLINE_BYTES // 8 + 1)],
            "1048577 bytes go as an artifact: a message carries 1048576 at most",
        ),
    ],
)
def test_malformed_words(words: list[int], message: str):
    with pytest.raises(WireError, match=message):
        from_words(words)


def test_malformed_field():
    with pytest.raises(WireError, match="has 56 bytes, not 17"):
        from_field(MARK + b"x")
