"""Words held as eight bytes: their limbs, and the check that they are bytes."""

from __future__ import annotations

from collections.abc import Sequence

from zisk.stark.air import Builder
from zisk.stark.expression import Expression
from zisk.vm.tables.buses import BYTES, ByteOperation

BYTES_PER_WORD = 8


def limbs_of(bytes_: Sequence[Expression]) -> list[Expression]:
    """The limbs of a word: low byte + 256 high byte.

    Of a known limb below 2^16 there is one such pair of bytes.
    """
    return [low + high * 256 for low, high in zip(bytes_[::2], bytes_[1::2], strict=True)]


def check_bytes(b: Builder, bytes_: Sequence[Expression], when: Expression) -> None:
    """Check that all are below 2^8, two to a lookup."""
    for low, high in zip(bytes_[::2], bytes_[1::2], strict=True):
        b.send(BYTES, [ByteOperation.RANGE, low, high, 0], when)
