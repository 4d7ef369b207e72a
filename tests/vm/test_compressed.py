"""Every compressed form stands for the instruction that binutils and the manual say it does."""

from __future__ import annotations

from pathlib import Path

import pytest

from zisk.vm.compressed import expand_compressed
from zisk.vm.decode import Instruction, Trap, decode
from zisk.vm.errors import FaultKind

VECTORS = [
    line.split(" ", 2) for line in (Path(__file__).parent / "compressed_vectors.txt").read_text().splitlines()
]


@pytest.mark.parametrize(("half", "word", "text"), VECTORS, ids=[text for _, _, text in VECTORS])
def test_form_expands_as_the_assembler_says(half: str, word: str, text: str) -> None:
    expanded = expand_compressed(int(half, 16))
    assert expanded is not None
    assert f"{expanded:08x}" == word, text


def instruction_of(half: int) -> Instruction | None:
    """What a half is by the pages of the manual, slowly: its fields and scattered immediates, form by form.

    Immediates are written as the manual draws them: the places of their bits, from the named bit of the half
    downwards.
    """

    def unsigned(*runs: tuple[int, str]) -> int:
        return sum(
            (half >> (top - step) & 1) << int(place)
            for top, places in runs
            for step, place in enumerate(places.split())
        )

    def signed(*runs: tuple[int, str]) -> int:
        widest = max(int(place) for _, places in runs for place in places.split())
        value = unsigned(*runs)
        return value - ((value >> widest) << (widest + 1))

    rd, rs2, rd_8, rs2_8 = half >> 7 & 31, half >> 2 & 31, 8 + (half >> 7 & 7), 8 + (half >> 2 & 7)
    short = signed((12, "5"), (6, "4 3 2 1 0"))
    shift = unsigned((12, "5"), (6, "4 3 2 1 0"))
    word = unsigned((12, "5 4 3"), (6, "2 6"))
    double = unsigned((12, "5 4 3"), (6, "7 6"))
    double_to_stack = unsigned((12, "5 4 3 8 7 6"))
    jump = signed((12, "11 4 9 8 10 6 7 3 2 1 5"))
    branch = signed((12, "8 4 3"), (6, "7 6 2 1 5"))
    below = {
        0: Instruction("srli", rd_8, rd_8, 0, shift),
        1: Instruction("srai", rd_8, rd_8, 0, shift),
        2: Instruction("andi", rd_8, rd_8, 0, short),
    }
    names = {3: ("sub", "xor", "or", "and"), 7: ("subw", "addw", None, None)}.get(half >> 10 & 7)
    name = names[half >> 5 & 3] if names else None
    computed = Instruction(name, rd_8, rd_8, rs2_8) if name else below.get(half >> 10 & 3)
    upper = Instruction("lui", rd, immediate=signed((12, "17"), (6, "16 15 14 13 12")))
    stack = Instruction("addi", 2, 2, 0, signed((12, "9"), (6, "4 6 8 7 5")))
    wide = half >> 12 & 1
    if rs2:
        moved: Instruction | None = Instruction("add", rd, rd if wide else 0, rs2)
    elif rd:
        moved = Instruction("jalr", wide, rd)
    else:
        moved = Instruction("ebreak", trap=Trap(FaultKind.BREAKPOINT, "ebreak")) if wide else None
    fld = Instruction("fld", trap=Trap(None, "fld"))
    fsd = Instruction("fsd", trap=Trap(None, "fsd"))
    forms: dict[tuple[int, int], Instruction | None] = {
        (0, 0): Instruction("addi", rs2_8, 2, 0, unsigned((12, "5 4 9 8 7 6 2 3"))) if half else None,
        (0, 1): fld,
        (0, 2): Instruction("lw", rs2_8, rd_8, 0, word),
        (0, 3): Instruction("ld", rs2_8, rd_8, 0, double),
        (0, 4): None,
        (0, 5): fsd,
        (0, 6): Instruction("sw", 0, rd_8, rs2_8, word),
        (0, 7): Instruction("sd", 0, rd_8, rs2_8, double),
        (1, 0): Instruction("addi", rd, rd, 0, short),
        (1, 1): Instruction("addiw", rd, rd, 0, short),
        (1, 2): Instruction("addi", rd, 0, 0, short),
        (1, 3): stack if rd == 2 else upper,
        (1, 4): computed,
        (1, 5): Instruction("jal", 0, immediate=jump),
        (1, 6): Instruction("beq", 0, rd_8, 0, branch),
        (1, 7): Instruction("bne", 0, rd_8, 0, branch),
        (2, 0): Instruction("slli", rd, rd, 0, shift),
        (2, 1): fld,
        (2, 2): Instruction("lw", rd, 2, 0, unsigned((12, "5"), (6, "4 3 2 7 6"))) if rd else None,
        (2, 3): Instruction("ld", rd, 2, 0, unsigned((12, "5"), (6, "4 3 8 7 6"))) if rd else None,
        (2, 4): moved,
        (2, 5): fsd,
        (2, 6): Instruction("sw", 0, 2, rs2, unsigned((12, "5 4 3 2 7 6"))),
        (2, 7): Instruction("sd", 0, 2, rs2, double_to_stack),
    }
    return forms[half & 3, half >> 13]


@pytest.mark.parametrize("funct3", range(8))
def test_every_half_is_decoded_as_the_manual_draws_it(funct3: int) -> None:
    """All 49,152 halves; those of the manual's reserved immediates are taken literally."""
    halves = [half for half in range(funct3 << 13, (funct3 + 1) << 13) if half & 3 != 3]
    words = [expand_compressed(half) for half in halves]
    found = [None if word is None else decode(word) for word in words]
    assert found == [instruction_of(half) for half in halves]
    assert {word & 3 for word in words if word is not None} == {3}
