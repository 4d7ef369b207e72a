"""Every compressed form stands for the instruction that binutils assembles for its expansion."""

from __future__ import annotations

from pathlib import Path

import pytest

from zisk.vm.compressed import expand_compressed

VECTORS = [
    line.split(" ", 2) for line in (Path(__file__).parent / "compressed_vectors.txt").read_text().splitlines()
]


@pytest.mark.parametrize(("half", "word", "text"), VECTORS, ids=[text for _, _, text in VECTORS])
def test_form_expands_as_the_assembler_says(half: str, word: str, text: str) -> None:
    expanded = expand_compressed(int(half, 16))
    assert expanded is not None
    assert f"{expanded:08x}" == word, text


@pytest.mark.parametrize(
    "half",
    [0x0000, 0x8002, 0x4002, 0x6002, 0x8000, 0x9C41, 0x9C61],
    ids=["zero", "c.jr x0", "c.lwsp x0", "c.ldsp x0", "funct3 4", "funct2 2 wide", "funct2 3 wide"],
)
def test_unassigned_form_stands_for_nothing(half: int) -> None:
    assert expand_compressed(half) is None


def test_every_half_expands_to_a_full_word_or_nothing() -> None:
    words = [expand_compressed(half) for half in range(1 << 16) if half & 3 != 3]
    assert all(word is None or (word & 3 == 3 and 0 <= word < 1 << 32) for word in words)
