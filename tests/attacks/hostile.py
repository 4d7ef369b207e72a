"""Where the parts of a proof's bytes are, and bytes with one bit changed."""

from __future__ import annotations

from zisk.stark.key import VerifyingKey
from zisk.stark.proof import proof_shape


def flipped(data: bytes, place: int, bit: int = 0) -> bytes:
    """Bytes with one bit of the little-endian word at `place` changed."""
    changed = bytearray(data)
    changed[place + bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)


def regions(key: VerifyingKey) -> dict[str, tuple[int, int]]:
    """Where each fixed part of a segment proof starts and ends, in words after the magic."""
    shape = proof_shape(key.kind, key.parameters)
    lengths = {
        "heights": shape.tables,
        "publics": shape.publics,
        "main cap": 9 * shape.cap,
        "stage 2 cap": 9 * shape.cap,
        "sums": 5 * shape.sums,
        "quotient cap": 9 * shape.cap,
        "here": 5 * shape.here,
        "following": 5 * shape.following,
        "fold caps": 9 * sum(shape.fold_caps),
        "final polynomial": 5 * shape.final,
        "nonces": shape.nonces,
        "tree lengths": 2,
    }
    found, place = {}, 0
    for name, length in lengths.items():
        found[name] = place, place + length
        place += length
    return found
