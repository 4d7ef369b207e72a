"""Instructions that expand into several micro-operations compute what the manual says."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vm import encoder
from tests.vm.guest_elf import code_part, write_elf
from tests.vm.random_programs import halt
from tests.vm.semantics import MASK, sign_extend, signed
from zisk.vm.executor import Run
from zisk.vm.program import load_program

LOW = 2**32 - 1
INPUT, OUTPUT, A, B, C = 10, 11, 5, 6, 7
EDGES = [0, 1, 2, 2**31 - 1, 2**31, LOW, 2**32, 2**63 - 1, 2**63, MASK, MASK - 1, 2**64 - 2**31]
words = st.one_of(st.sampled_from(EDGES), st.integers(0, MASK))


def quotient(a: int, b: int) -> int:
    """Division of signed numbers, towards zero; by zero it is -1."""
    return (abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)) if b else -1


def remainder(a: int, b: int) -> int:
    """Remainder that goes with `quotient`; by zero it is a."""
    return a - b * quotient(a, b) if b else a


def narrow(function: Callable[[int, int], int]) -> Callable[[int, int], int]:
    """The 32-bit form of a function of signed numbers."""
    return lambda a, b: sign_extend(function(signed(a, 32), signed(b, 32)), 32)


MEANINGS: dict[str, Callable[[int, int], int]] = {
    "mul": lambda a, b: a * b & MASK,
    "mulh": lambda a, b: signed(a) * signed(b) >> 64 & MASK,
    "mulhsu": lambda a, b: signed(a) * b >> 64 & MASK,
    "mulhu": lambda a, b: a * b >> 64,
    "mulw": narrow(lambda a, b: a * b),
    "div": lambda a, b: quotient(signed(a), signed(b)) & MASK,
    "rem": lambda a, b: remainder(signed(a), signed(b)) & MASK,
    "divu": lambda a, b: a // b if b else MASK,
    "remu": lambda a, b: a % b if b else a,
    "divw": narrow(quotient),
    "remw": narrow(remainder),
    "divuw": lambda a, b: sign_extend((a & LOW) // (b & LOW), 32) if b & LOW else MASK,
    "remuw": lambda a, b: sign_extend((a & LOW) % (b & LOW) if b & LOW else a, 32),
    "sub": lambda a, b: (a - b) & MASK,
    "subw": narrow(lambda a, b: a - b),
    "sltu": lambda a, b: int(a < b),
    "slt": lambda a, b: int(signed(a) < signed(b)),
}
ATOMIC_MEANINGS: dict[str, Callable[[int, int], int]] = {
    "amoswap": lambda old, b: b,
    "amoadd": lambda old, b: old + b,
    "amoxor": lambda old, b: old ^ b,
    "amoand": lambda old, b: old & b,
    "amoor": lambda old, b: old | b,
    "amomin": min,
    "amomax": max,
}


def outputs_of(code: list[int], *inputs: int) -> tuple[int, ...]:
    """The 32 words of output that instructions leave; x5 and x6 hold the first two words of the input."""
    start = [encoder.immediate("ld", A, INPUT, 8), encoder.immediate("ld", B, INPUT, 16)]
    program = load_program(write_elf([code_part(encoder.assemble([*start, *code, *halt()]))]))
    run = Run(program, struct.pack(f"<{len(inputs)}Q", *inputs), log_size=16)
    assert len(list(run)) == 1
    assert run.result is not None
    return struct.unpack("<32Q", struct.pack("<64I", *run.result.outputs))


def put(register: int, position: int) -> int:
    """Instruction that stores a register to a 64-bit output word."""
    return encoder.store("sd", OUTPUT, register, 8 * position)


@settings(max_examples=150, deadline=None)
@given(a=words, b=words)
def test_arithmetic(a: int, b: int) -> None:
    code: list[int] = []
    for position, name in enumerate(MEANINGS):
        code += [encoder.register(name, C, A, B), put(C, position)]
    expected = tuple(meaning(a, b) for meaning in MEANINGS.values())
    assert outputs_of(code, a, b)[: len(MEANINGS)] == expected


@pytest.mark.parametrize("name", MEANINGS)
def test_operands_may_coincide_or_be_zero(name: str) -> None:
    """Forms: (rd, rs1, rs2) with rd equal to a source, both sources equal, and x0 in each place."""
    meaning = MEANINGS[name]
    for a, b in ((2**63, MASK), (MASK - 6, 3), (7, MASK - 1), (5, 0)):
        code = [
            encoder.register("add", C, A, 0), encoder.register(name, C, C, B), put(C, 0),
            encoder.register("add", C, B, 0), encoder.register(name, C, A, C), put(C, 1),
            encoder.register(name, C, A, A), put(C, 2),
            encoder.register(name, C, A, 0), put(C, 3),
            encoder.register(name, C, 0, B), put(C, 4),
            encoder.register(name, C, 0, 0), put(C, 5),
            encoder.register(name, 0, A, B), put(0, 6),
            encoder.register("add", C, A, 0), encoder.register(name, C, C, C), put(C, 7),
        ]  # fmt: skip
        pairs = [(a, b), (a, b), (a, a), (a, 0), (0, b), (0, 0)]
        expected = (*(meaning(*pair) for pair in pairs), 0, meaning(a, a))
        assert outputs_of(code, a, b)[:8] == expected, (a, b)


@settings(max_examples=60, deadline=None)
@given(old=words, b=words)
def test_atomics(old: int, b: int) -> None:
    code: list[int] = []
    expected: list[int] = []
    names = [*ATOMIC_MEANINGS, "amominu", "amomaxu"]
    for position, name in enumerate(names):
        meaning = ATOMIC_MEANINGS[name.removesuffix("u")]
        unsigned = name.endswith("u")
        point = encoder.immediate("addi", 28, OUTPUT, 8 * position)
        code += [point, encoder.store("sd", 28, A, 0), encoder.atomic(name, 8, C, 28, B)]
        x, y = (old, b) if unsigned else (signed(old), signed(b))
        expected.append(meaning(x, y) & MASK)
    assert outputs_of([*code, put(C, 16)], old, b) == (*expected, *[0] * (16 - len(names)), old, *[0] * 15)


@settings(max_examples=60, deadline=None)
@given(old=words, b=words, upper=st.booleans())
def test_atomics_of_half_words(old: int, b: int, upper: bool) -> None:
    code: list[int] = []
    expected: list[int] = []
    shift = 32 if upper else 0
    held = old >> shift & LOW
    names = [*ATOMIC_MEANINGS, "amominu", "amomaxu"]
    for position, name in enumerate(names):
        meaning = ATOMIC_MEANINGS[name.removesuffix("u")]
        point = encoder.immediate("addi", 28, OUTPUT, 8 * position)
        code += [
            encoder.store("sd", OUTPUT, A, 8 * position),
            encoder.immediate("addi", 28, OUTPUT, 8 * position + shift // 8) if upper else point,
            encoder.atomic(name, 4, C, 28, B),
        ]
        x, y = (held, b & LOW) if name.endswith("u") else (signed(held, 32), signed(b, 32))
        expected.append(old & (LOW if upper else MASK - LOW) | (meaning(x, y) & LOW) << shift)
    result = outputs_of([*code, put(C, 16)], old, b)
    assert result == (*expected, *[0] * (16 - len(names)), sign_extend(held, 32), *[0] * 15)


def test_store_conditional_always_succeeds() -> None:
    code = [
        encoder.store("sd", OUTPUT, A, 0),
        encoder.atomic("lr", 8, C, OUTPUT, 0),
        encoder.atomic("sc", 8, 28, OUTPUT, B),
        put(C, 1),
        put(28, 2),
        encoder.atomic("sc", 8, 0, OUTPUT, 0),
    ]
    assert outputs_of(code, 123, 456)[:3] == (0, 123, 0)
    assert outputs_of(code[:-1], 123, 456)[:3] == (456, 123, 0)


def test_control_registers_exchange_set_and_clear() -> None:
    code = [
        encoder.control("csrrw", C, 0x340, A), put(C, 0),
        encoder.control("csrrs", C, 0x340, B), put(C, 1),
        encoder.control("csrrc", C, 0x340, A), put(C, 2),
        encoder.control("csrrsi", C, 0x340, 21), put(C, 3),
        encoder.control("csrrci", C, 0x340, 5), put(C, 4),
        encoder.control("csrrwi", C, 0x340, 9), put(C, 5),
        encoder.control("csrrw", A, 0x340, A), put(A, 6),
        encoder.control("csrrs", C, 0xC00, 0), put(C, 7),
    ]  # fmt: skip
    a, b = 0xFF00, 0x0FF0
    assert outputs_of(code, a, b)[:8] == (0, a, a | b, b & ~a, b & ~a | 21, (b & ~a | 21) & ~5, 9, 0)
