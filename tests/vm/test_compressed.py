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
    short = (12, "5"), (6, "4 3 2 1 0")
    word, double = ((12, "5 4 3"), (6, "2 6")), ((12, "5 4 3"), (6, "7 6"))
    match half & 3, half >> 13:
        case 0, 0 if half:
            return Instruction("addi", rs2_8, 2, 0, unsigned((12, "5 4 9 8 7 6 2 3")))
        case 0, 2:
            return Instruction("lw", rs2_8, rd_8, 0, unsigned(*word))
        case 0, 3:
            return Instruction("ld", rs2_8, rd_8, 0, unsigned(*double))
        case 0, 6:
            return Instruction("sw", 0, rd_8, rs2_8, unsigned(*word))
        case 0, 7:
            return Instruction("sd", 0, rd_8, rs2_8, unsigned(*double))
        case (0 | 2, 1):
            return Instruction("fld", trap=Trap(None, "fld"))
        case (0 | 2, 5):
            return Instruction("fsd", trap=Trap(None, "fsd"))
        case 1, 0:
            return Instruction("addi", rd, rd, 0, signed(*short))
        case 1, 1:
            return Instruction("addiw", rd, rd, 0, signed(*short))
        case 1, 2:
            return Instruction("addi", rd, 0, 0, signed(*short))
        case 1, 3 if rd == 2:
            return Instruction("addi", 2, 2, 0, signed((12, "9"), (6, "4 6 8 7 5")))
        case 1, 3:
            return Instruction("lui", rd, immediate=signed((12, "17"), (6, "16 15 14 13 12")))
        case 1, 4 if (kind := half >> 10 & 3) < 3:
            amount = signed(*short) if kind == 2 else unsigned(*short)
            return Instruction(("srli", "srai", "andi")[kind], rd_8, rd_8, 0, amount)
        case 1, 4:
            names = ("subw", "addw", None, None) if half >> 12 & 1 else ("sub", "xor", "or", "and")
            name = names[half >> 5 & 3]
            return Instruction(name, rd_8, rd_8, rs2_8) if name else None
        case 1, 5:
            return Instruction("jal", 0, immediate=signed((12, "11 4 9 8 10 6 7 3 2 1 5")))
        case (1, 6 | 7):
            distance = signed((12, "8 4 3"), (6, "7 6 2 1 5"))
            return Instruction("bne" if half >> 13 & 1 else "beq", 0, rd_8, 0, distance)
        case 2, 0:
            return Instruction("slli", rd, rd, 0, unsigned(*short))
        case 2, 2 if rd:
            return Instruction("lw", rd, 2, 0, unsigned((12, "5"), (6, "4 3 2 7 6")))
        case 2, 3 if rd:
            return Instruction("ld", rd, 2, 0, unsigned((12, "5"), (6, "4 3 8 7 6")))
        case 2, 4 if rs2:
            return Instruction("add", rd, rd if half >> 12 & 1 else 0, rs2)
        case 2, 4 if rd:
            return Instruction("jalr", half >> 12 & 1, rd)
        case 2, 4 if half >> 12 & 1:
            return Instruction("ebreak", trap=Trap(FaultKind.BREAKPOINT, "ebreak"))
        case 2, 6:
            return Instruction("sw", 0, 2, rs2, unsigned((12, "5 4 3 2 7 6")))
        case 2, 7:
            return Instruction("sd", 0, 2, rs2, unsigned((12, "5 4 3 8 7 6")))
    return None


@pytest.mark.parametrize("funct3", range(8))
def test_every_half_is_decoded_as_the_manual_draws_it(funct3: int) -> None:
    """All 49,152 halves; those of the manual's reserved immediates are taken literally."""
    halves = [half for half in range(funct3 << 13, (funct3 + 1) << 13) if half & 3 != 3]
    words = [expand_compressed(half) for half in halves]
    found = [None if word is None else decode(word) for word in words]
    assert found == [instruction_of(half) for half in halves]
    assert {word & 3 for word in words if word is not None} == {3}
