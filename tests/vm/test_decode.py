"""Every instruction word is decoded to the one instruction that encodes to it; all others are named traps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vm import encoder
from zisk.vm.decode import Instruction, Trap, decode, instruction_text
from zisk.vm.errors import FaultKind

registers = st.integers(0, 31)
twelve_bits = st.integers(-2048, 2047)


@given(rd=registers, rs1=registers, rs2=registers)
def test_registers(rd: int, rs1: int, rs2: int) -> None:
    for name in encoder.REGISTER_OPERATIONS:
        assert decode(encoder.register(name, rd, rs1, rs2)) == Instruction(name, rd, rs1, rs2)
    for name in encoder.ATOMICS:
        second = 0 if name == "lr" else rs2
        for width, suffix in ((4, ".w"), (8, ".d")):
            word = encoder.atomic(name, width, rd, rs1, second)
            for ordering in range(4):  # Acquire and release.
                assert decode(word | ordering << 25) == Instruction(name + suffix, rd, rs1, second)


@given(rd=registers, rs1=registers, value=twelve_bits)
def test_immediates_of_twelve_bits(rd: int, rs1: int, value: int) -> None:
    for name in (*encoder.IMMEDIATE_OPERATIONS, *encoder.LOADS, "jalr"):
        assert decode(encoder.immediate(name, rd, rs1, value)) == Instruction(name, rd, rs1, 0, value)
    for name in encoder.STORES:
        assert decode(encoder.store(name, rs1, rd, value)) == Instruction(name, 0, rs1, rd, value)
    for name in encoder.BRANCHES:
        assert decode(encoder.branch(name, rs1, rd, 2 * value)) == Instruction(name, 0, rs1, rd, 2 * value)


@pytest.mark.parametrize("name", encoder.SHIFTS)
def test_shifts_by_every_distance(name: str) -> None:
    for distance in range(encoder.SHIFTS[name][3] + 1):
        assert decode(encoder.immediate(name, 31, 1, distance)) == Instruction(name, 31, 1, 0, distance)


@given(rd=registers, value=st.integers(-(1 << 19), (1 << 19) - 1))
def test_immediates_of_twenty_bits(rd: int, value: int) -> None:
    assert decode(encoder.jump(rd, 2 * value)) == Instruction("jal", rd, immediate=2 * value)
    for name in ("lui", "auipc"):
        assert decode(encoder.upper(name, rd, value)) == Instruction(name, rd, immediate=value << 12)


FLOAT_OPERATIONS = {
    0x00: "fadd", 0x01: "fsub", 0x02: "fmul", 0x03: "fdiv", 0x04: "fsgnj", 0x05: "fmin/fmax", 0x08: "fcvt",
    0x0B: "fsqrt", 0x14: "fcompare", 0x18: "fcvt", 0x1A: "fcvt", 0x1C: "fmv/fclass", 0x1E: "fmv",
}  # fmt: skip
FLOAT_FUSED = {"fmadd": 0x43, "fmsub": 0x47, "fnmsub": 0x4B, "fnmadd": 0x4F}
FLOAT_MOVES = {"flw": (0x07, 2), "fld": (0x07, 3), "fsw": (0x27, 2), "fsd": (0x27, 3)}


def low(opcode: int, funct3: int) -> tuple[int, int]:
    """Mask and value of an instruction that opcode and funct3 decide."""
    return 0x707F, opcode | funct3 << 12


def high(pattern: tuple[int, int], bits: int, value: int) -> tuple[int, int]:
    """A pattern of which the `bits` highest bits have a value too."""
    return pattern[0] | ((1 << bits) - 1) << (32 - bits), pattern[1] | value << (32 - bits)


def patterns() -> Iterator[tuple[str, tuple[int, int]]]:
    """Each instruction's name, with the mask and the value of the bits that make a word one of it."""
    for name, (opcode, funct3, funct7) in encoder.REGISTER_OPERATIONS.items():
        yield name, high(low(opcode, funct3), 7, funct7)
    for name, (opcode, funct3, upper, longest) in encoder.SHIFTS.items():
        bits = 12 - longest.bit_length()
        yield name, high(low(opcode, funct3), bits, upper >> (12 - bits))
    for name, (opcode, funct3) in (encoder.IMMEDIATE_OPERATIONS | FLOAT_MOVES).items():
        yield name, low(opcode, funct3)
    for opcode, table in ((0x03, encoder.LOADS), (0x23, encoder.STORES), (0x63, encoder.BRANCHES)):
        for name, funct3 in table.items():
            yield name, low(opcode, funct3)
    for name, opcode in (("lui", 0x37), ("auipc", 0x17), ("jal", 0x6F)):
        yield name, (0x7F, opcode)
    for name, opcode, funct3 in (("jalr", 0x67, 0), ("fence", 0x0F, 0), ("fence.i", 0x0F, 1)):
        yield name, low(opcode, funct3)
    for name, funct5 in encoder.ATOMICS.items():
        for suffix, funct3 in ((".w", 2), (".d", 3)):
            mask, value = high(low(0x2F, funct3), 5, funct5)
            yield name + suffix, (mask | (0x1F << 20 if name == "lr" else 0), value)
    for suffix, form in ((".s", 0), (".d", 1)):
        for name, opcode in FLOAT_FUSED.items():
            yield name + suffix, (0x0600_007F, opcode | form << 25)
        for funct5, name in FLOAT_OPERATIONS.items():
            yield name + suffix, high((0x7F, 0x53), 7, funct5 << 2 | form)


def illegal(word: int) -> Instruction:
    return Instruction("illegal", trap=Trap(FaultKind.ILLEGAL_INSTRUCTION, "illegal", f"word {word:#010x}"))


def test_every_word_is_one_instruction_or_illegal() -> None:
    """All opcodes but that of the system, with all values of funct3 and funct7, and some second registers."""
    opcodes = [opcode for opcode in range(3, 1 << 7, 4) if opcode != 0x73]
    words = np.array(
        [
            funct7 << 25 | second << 20 | 0x2A << 14 | funct3 << 12 | 0x15 << 7 | opcode
            for opcode in opcodes
            for second in (0, 1, 31)
            for funct3 in range(1 << 3)
            for funct7 in range(1 << 7)
        ]
    )
    names = np.full(len(words), "illegal", dtype=object)
    for name, (mask, value) in patterns():
        hits = words & mask == value
        assert set(names[hits]) == {"illegal"}, name
        names[hits] = name
    found = [decode(word) for word in words.tolist()]
    assert [one.name for one in found] == names.tolist()
    for word, one in zip(words.tolist(), found, strict=True):
        if one.name == "illegal":
            assert one == illegal(word)
        elif one.name.startswith("f") and not one.name.startswith("fence"):
            assert one == Instruction(one.name, trap=Trap(None, one.name))
        else:
            assert one.trap is None


def expected_control(name: str, operand: int, csr: int) -> Instruction:
    """What a CSR instruction with destination x21 and `operand` is, by ZisK's guest ABI."""
    host = (*range(0x8C0, 0x8E0), *range(0x8F0, 0x900), 0xFFE)
    if csr in host:
        called = f"fcall (CSR {csr:#x})"
        return Instruction(called, trap=Trap(None, called))
    only_reads = operand == 0 and not name.startswith("csrrw")
    if csr >= 0xC00 and not only_reads:
        return Instruction(name, trap=Trap(FaultKind.READ_ONLY_CSR, name, f"CSR {csr:#x}"))
    if name.endswith("i"):
        return Instruction(name, 21, immediate=operand, csr=csr)
    return Instruction(name, 21, operand, csr=csr)


@pytest.mark.parametrize("name", encoder.CSR_OPERATIONS)
def test_every_control_register(name: str) -> None:
    plain = [csr for csr in range(1 << 12) if not 0x800 <= csr <= 0x81A]
    for operand in (0, 1, 31):
        found = [decode(encoder.control(name, 21, csr, operand)) for csr in plain]
        assert found == [expected_control(name, operand, csr) for csr in plain]


def test_precompiles_are_named_whatever_is_done_with_their_registers() -> None:
    def precompile(csr: int) -> Instruction:
        [found] = {decode(encoder.control(name, 5, csr, 6)) for name in encoder.CSR_OPERATIONS}
        assert found.trap == Trap(None, found.name)
        return found

    names = [precompile(csr).name for csr in range(0x800, 0x81B)]
    assert names[0] == "precompile keccakf (CSR 0x800)"
    assert names[5] == "precompile sha256f (CSR 0x805)"
    assert names[17] == "precompile add256 (CSR 0x811)"
    assert names[26] == "precompile profile (CSR 0x81a)"
    assert len({*names}) == 27


def test_words_of_the_system() -> None:
    """Calls, breakpoints and `unimp` are one word each; everything beside them is illegal or a plain trap."""
    named = {
        0x0000_0073: Instruction("ecall"),
        0x0010_0073: Instruction("ebreak", trap=Trap(FaultKind.BREAKPOINT, "ebreak")),
        0xC000_1073: Instruction("unimp", trap=Trap(FaultKind.UNIMP, "unimp")),
    }
    assert {word: decode(word) for word in named} == named
    beside = [word ^ 1 << bit for word in (0x0000_0073, 0x0010_0073) for bit in (7, 11, 15, 19, 21, 28, 31)]
    assert [decode(word) for word in beside] == [illegal(word) for word in beside]
    no_operation = [0x73 | 4 << 12 | csr << 20 | 1 << 7 for csr in (0, 0x340, 0x800, 0xC00)]
    assert [decode(word) for word in no_operation] == [illegal(word) for word in no_operation]
    near_unimp = [0xC000_1073 ^ 1 << bit for bit in (7, 11, 15, 19)]
    written = Instruction("csrrw", trap=Trap(FaultKind.READ_ONLY_CSR, "csrrw", "CSR 0xc00"))
    assert [decode(word) for word in near_unimp] == [written] * 4


@given(st.integers(0, (1 << 32) - 1))
def test_no_word_fails_and_its_fields_are_in_range(word: int) -> None:
    found = decode(word)
    assert {0, found.rd, found.rs1, found.rs2} <= {*range(32)}
    assert 0 <= found.csr < 1 << 12
    assert -(1 << 31) <= found.immediate < 1 << 31


def test_the_text_of_an_instruction_names_its_operands() -> None:
    assert instruction_text(Instruction("addi", 5, 6, 0, -7)) == "addi x5, x6, x0, -7"
    assert instruction_text(Instruction("csrrw", 5, 6, csr=0x340)) == "csrrw x5, x6, x0, csr 0x340, 0"
