"""Compressed instructions (extension C), each as the 32-bit instruction it stands for.

Source: The RISC-V Instruction Set Manual, volume I, "C" extension, RV64C.
Hints become instructions without effect; immediates of zero that the manual reserves are taken literally.
"""

from __future__ import annotations

_OP, _OP_32, _IMM, _IMM_32 = 0x33, 0x3B, 0x13, 0x1B
_LUI, _JAL, _JALR, _BRANCH = 0x37, 0x6F, 0x67, 0x63
_EBREAK = 0x0010_0073


def _bit_field(half: int, *places: tuple[int, int, int]) -> int:
    """Gather bits: each place (high, low, at) puts bits high..low of `half` at position `at`."""
    value = 0
    for high, low, at in places:
        value |= ((half >> low) & ((1 << (high - low + 1)) - 1)) << at
    return value


def _sign(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value


def _i(opcode: int, funct3: int, rd: int, rs1: int, immediate: int) -> int:
    return (immediate & 0xFFF) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode


def _r(opcode: int, funct3: int, funct7: int, rd: int, rs1: int, rs2: int) -> int:
    return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode


def _s(opcode: int, funct3: int, rs1: int, rs2: int, immediate: int) -> int:
    return (
        (immediate >> 5 & 0x7F) << 25
        | rs2 << 20
        | rs1 << 15
        | funct3 << 12
        | (immediate & 0x1F) << 7
        | opcode
    )


def _b(funct3: int, rs1: int, rs2: int, immediate: int) -> int:
    return (
        (immediate >> 12 & 1) << 31
        | (immediate >> 5 & 0x3F) << 25
        | rs2 << 20
        | rs1 << 15
        | funct3 << 12
        | (immediate >> 1 & 0xF) << 8
        | (immediate >> 11 & 1) << 7
        | _BRANCH
    )


def _j(rd: int, immediate: int) -> int:
    return (
        (immediate >> 20 & 1) << 31
        | (immediate >> 1 & 0x3FF) << 21
        | (immediate >> 11 & 1) << 20
        | (immediate >> 12 & 0xFF) << 12
        | rd << 7
        | _JAL
    )


def expand_compressed(half: int) -> int | None:
    """32-bit instruction that the 16-bit `half` stands for, or None where it stands for none.

    `half` does not have both low bits set.
    """
    quadrant, funct3 = half & 3, half >> 13
    if quadrant == 0:
        return _quadrant_0(half, funct3)
    if quadrant == 1:
        return _quadrant_1(half, funct3)
    return _quadrant_2(half, funct3)


def _quadrant_0(half: int, funct3: int) -> int | None:
    """Stack address and register-based loads and stores."""
    rd, rs1 = 8 + (half >> 2 & 7), 8 + (half >> 7 & 7)
    word_offset = _bit_field(half, (12, 10, 3), (6, 6, 2), (5, 5, 6))
    double_offset = _bit_field(half, (12, 10, 3), (6, 5, 6))
    if funct3 == 0:
        if half == 0:
            return None
        return _i(_IMM, 0, rd, 2, _bit_field(half, (12, 11, 4), (10, 7, 6), (6, 6, 2), (5, 5, 3)))
    if funct3 == 1:
        return _i(0x07, 3, rd, rs1, double_offset)
    if funct3 == 2:
        return _i(0x03, 2, rd, rs1, word_offset)
    if funct3 == 3:
        return _i(0x03, 3, rd, rs1, double_offset)
    if funct3 == 5:
        return _s(0x27, 3, rs1, rd, double_offset)
    if funct3 == 6:
        return _s(0x23, 2, rs1, rd, word_offset)
    if funct3 == 7:
        return _s(0x23, 3, rs1, rd, double_offset)
    return None


def _quadrant_1(half: int, funct3: int) -> int | None:
    """Immediates, arithmetic on the eight popular registers, jumps and branches."""
    rd = half >> 7 & 31
    immediate = _sign(_bit_field(half, (12, 12, 5), (6, 2, 0)), 6)
    if funct3 == 0:
        return _i(_IMM, 0, rd, rd, immediate)
    if funct3 == 1:
        return _i(_IMM_32, 0, rd, rd, immediate)
    if funct3 == 2:
        return _i(_IMM, 0, rd, 0, immediate)
    if funct3 == 3:
        if rd == 2:
            offset = _bit_field(half, (12, 12, 9), (6, 6, 4), (5, 5, 6), (4, 3, 7), (2, 2, 5))
            return _i(_IMM, 0, 2, 2, _sign(offset, 10))
        return (immediate & 0xF_FFFF) << 12 | rd << 7 | _LUI
    if funct3 == 4:
        return _arithmetic(half, immediate)
    if funct3 == 5:
        target = _bit_field(
            half,
            (12, 12, 11), (11, 11, 4), (10, 9, 8), (8, 8, 10), (7, 7, 6), (6, 6, 7), (5, 3, 1), (2, 2, 5),
        )  # fmt: skip
        return _j(0, _sign(target, 12))
    distance = _bit_field(half, (12, 12, 8), (11, 10, 3), (6, 5, 6), (4, 3, 1), (2, 2, 5))
    return _b(funct3 - 6, 8 + (half >> 7 & 7), 0, _sign(distance, 9))


def _arithmetic(half: int, immediate: int) -> int | None:
    """Shifts, masks and register-register operations of quadrant 1."""
    rd, rs2 = 8 + (half >> 7 & 7), 8 + (half >> 2 & 7)
    kind = half >> 10 & 3
    if kind == 0:
        return _i(_IMM, 5, rd, rd, immediate & 63)
    if kind == 1:
        return _i(_IMM, 5, rd, rd, 0x400 | immediate & 63)
    if kind == 2:
        return _i(_IMM, 7, rd, rd, immediate)
    selector = half >> 5 & 3
    if half >> 12 & 1:
        return (_r(_OP_32, 0, 0x20, rd, rd, rs2), _r(_OP_32, 0, 0, rd, rd, rs2), None, None)[selector]
    funct3 = (0, 4, 6, 7)[selector]
    return _r(_OP, funct3, 0x20 if selector == 0 else 0, rd, rd, rs2)


def _quadrant_2(half: int, funct3: int) -> int | None:
    """Stack-relative loads and stores, moves and indirect jumps."""
    rd, rs2 = half >> 7 & 31, half >> 2 & 31
    word_load = _bit_field(half, (12, 12, 5), (6, 4, 2), (3, 2, 6))
    double_load = _bit_field(half, (12, 12, 5), (6, 5, 3), (4, 2, 6))
    if funct3 == 0:
        return _i(_IMM, 1, rd, rd, _bit_field(half, (12, 12, 5), (6, 2, 0)))
    if funct3 == 1:
        return _i(0x07, 3, rd, 2, double_load)
    if funct3 == 2:
        return _i(0x03, 2, rd, 2, word_load) if rd else None
    if funct3 == 3:
        return _i(0x03, 3, rd, 2, double_load) if rd else None
    if funct3 == 4:
        if half >> 12 & 1 == 0:
            if rs2:
                return _r(_OP, 0, 0, rd, 0, rs2)
            return _i(_JALR, 0, 0, rd, 0) if rd else None
        if rs2:
            return _r(_OP, 0, 0, rd, rd, rs2)
        return _i(_JALR, 0, 1, rd, 0) if rd else _EBREAK
    if funct3 == 5:
        return _s(0x27, 3, 2, rs2, _bit_field(half, (12, 10, 3), (9, 7, 6)))
    if funct3 == 6:
        return _s(0x23, 2, 2, rs2, _bit_field(half, (12, 9, 2), (8, 7, 6)))
    return _s(0x23, 3, 2, rs2, _bit_field(half, (12, 10, 3), (9, 7, 6)))
