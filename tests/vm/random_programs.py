"""Random RISC-V programs that end by themselves, for comparison of two machines.

x31 always holds the middle of a data area and x30 is a scratch pointer; all other registers are free.
Branches and jumps only go forward, by a few instructions.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.vm import encoder
from tests.vm.guest_elf import DATA_ADDRESS
from zisk.vm.compressed import expand_compressed
from zisk.vm.decode import decode

DATA_SIZE = 4096
_MIDDLE = DATA_SIZE // 2
RESULTS_OFFSET = 1024
"""Registers x1..x30 are stored from here on, relative to x31, when the program ends."""
_BASE, _POINTER = 31, 30
_INTERESTING = [0, 1, 2, 7, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1, 2**64 - 2**31]


def random_data(generator: random.Random) -> bytes:
    """Content of the data area: numbers near the edges of the word sizes, and random ones."""
    words = [
        generator.choice(_INTERESTING) if generator.random() < 0.4 else generator.getrandbits(64)
        for _ in range(DATA_SIZE // 8)
    ]
    return b"".join(word.to_bytes(8, "little") for word in words)


def prologue() -> list[int]:
    """Point x31 to the middle of the data area and load all other registers from it."""
    to_middle = encoder.immediate("addi", _BASE, _BASE, _MIDDLE // 2)
    words = [
        encoder.upper("lui", _BASE, DATA_ADDRESS >> 13),
        encoder.immediate("slli", _BASE, _BASE, 1),
        to_middle,
        to_middle,
    ]
    return words + [encoder.immediate("ld", i, _BASE, 8 * i) for i in range(1, _BASE)]


def epilogue() -> list[int]:
    """Store x1..x30 behind the area that the body uses."""
    return [encoder.store("sd", _BASE, i, RESULTS_OFFSET + 8 * i) for i in range(1, _BASE)]


def halt() -> list[int]:
    """System call 93."""
    return [encoder.immediate("addi", 17, 0, 93), encoder.ECALL]


def print_data_and_halt() -> list[int]:
    """Write the data area to standard output as a Linux program does, then exit with 0."""
    return [
        encoder.immediate("addi", 10, 0, 1),
        encoder.immediate("addi", 11, _BASE, -_MIDDLE),
        encoder.upper("lui", 12, DATA_SIZE >> 12),
        encoder.immediate("addi", 17, 0, 64),
        encoder.ECALL,
        encoder.immediate("addi", 10, 0, 0),
        *halt(),
    ]


def random_body(generator: random.Random, length: int) -> list[int]:
    """About `length` random instructions."""
    makers: list[tuple[int, Callable[[random.Random], list[int]]]] = [
        (20, _register_operation),
        (12, _immediate_operation),
        (8, _shift),
        (10, _load),
        (10, _store),
        (6, _atomic),
        (2, _upper),
        (14, _compressed),
    ]
    weights = [weight for weight, _ in makers]
    pieces: list[list[int]] = []
    while len(pieces) < length:
        (_, make) = generator.choices(makers, weights)[0]
        pieces.append(make(generator))
        if generator.random() < 0.12:
            skipped = [
                generator.choices(makers, weights)[0][1](generator) for _ in range(generator.randrange(1, 4))
            ]
            size = len(encoder.assemble([word for piece in skipped for word in piece]))
            pieces.append(_transfer(generator, size))
            pieces += skipped
    return [word for piece in pieces for word in piece]


def _source(generator: random.Random) -> int:
    return generator.randrange(31)


def _destination(generator: random.Random) -> int:
    return generator.randrange(30)


def _register_operation(g: random.Random) -> list[int]:
    name = g.choice(list(encoder.REGISTER_OPERATIONS))
    return [encoder.register(name, _destination(g), _source(g), _source(g))]


def _immediate_operation(g: random.Random) -> list[int]:
    name = g.choice(list(encoder.IMMEDIATE_OPERATIONS))
    return [encoder.immediate(name, _destination(g), _source(g), g.randrange(-2048, 2048))]


def _shift(g: random.Random) -> list[int]:
    name = g.choice(list(encoder.SHIFTS))
    return [encoder.immediate(name, _destination(g), _source(g), g.randrange(encoder.SHIFTS[name][3] + 1))]


def _load(g: random.Random) -> list[int]:
    return [
        encoder.immediate(g.choice(list(encoder.LOADS)), _destination(g), _BASE, g.randrange(-1024, 1000))
    ]


def _store(g: random.Random) -> list[int]:
    return [encoder.store(g.choice(list(encoder.STORES)), _BASE, _source(g), g.randrange(-1024, 1000))]


def _upper(g: random.Random) -> list[int]:
    return [encoder.upper(g.choice(["lui", "auipc"]), _destination(g), g.getrandbits(20))]


def _atomic(g: random.Random) -> list[int]:
    width = g.choice([4, 8])
    point = encoder.immediate("addi", _POINTER, _BASE, 8 * g.randrange(-128, 124) + g.choice([0, 8 - width]))
    name = g.choice(list(encoder.ATOMICS))
    if name in ("lr", "sc"):
        load = encoder.atomic("lr", width, _destination(g), _POINTER, 0)
        return [point, load, encoder.atomic("sc", width, _destination(g), _POINTER, _source(g))]
    return [point, encoder.atomic(name, width, _destination(g), _POINTER, _source(g))]


_ALLOWED = {*encoder.REGISTER_OPERATIONS, *encoder.IMMEDIATE_OPERATIONS, *encoder.SHIFTS, "lui"}


def _compressed(g: random.Random) -> list[int]:
    """A 16-bit instruction that only computes, or a load or store relative to a pointer set up before."""
    while True:
        half = g.getrandbits(16)
        if half & 3 == 3:
            continue
        word = expand_compressed(half)
        if word is None:
            continue
        instruction = decode(word)
        if instruction.rd >= _POINTER:
            continue
        if instruction.name in _ALLOWED and _is_specified(half):
            return [half]
        if instruction.name in ("lw", "ld", "sw", "sd"):
            offset = g.randrange(-1024, 488)
            return [encoder.immediate("addi", instruction.rs1, _BASE, offset), half]


def _is_specified(half: int) -> bool:
    """Whether the manual gives the encoding a meaning: immediates of zero are reserved in three of them."""
    quadrant, funct3, immediate = half & 3, half >> 13, half & 0x107C
    if quadrant == 0:
        return half & 0x1FE0 != 0
    if quadrant == 1 and funct3 == 1:
        return half >> 7 & 31 != 0
    return not (quadrant == 1 and funct3 == 3 and immediate == 0)


def _transfer(g: random.Random, size: int) -> list[int]:
    """Branch or jump over the next `size` bytes."""
    kind = g.randrange(4)
    if kind == 0:
        return [encoder.jump(_destination(g), 4 + size)]
    if kind == 1:
        return [
            encoder.upper("auipc", _POINTER, 0),
            encoder.immediate("jalr", _destination(g), _POINTER, 8 + size),
        ]
    name = g.choice(list(encoder.BRANCHES))
    return [encoder.branch(name, _source(g), _source(g), 4 + size)]
