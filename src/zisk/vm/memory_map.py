"""The machine's memory map: byte addresses, word keys and the regions that exist.

A *key* is an 8-byte word number: byte address / 8, below 2^29.
Source of the addresses: ZisK's guest ABI.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from zisk.choices import PUBLIC_WORDS

INPUT_BASE = 0x4000_0000
"""Word of the host's advice; the input file follows it."""
INPUT_DATA = 0x4000_0008
"""First byte of the input."""
INPUT_SIZE = 128 << 20
"""Bytes of the input region, the advice word included: the cap of ZisK's emulator."""
INPUT_CAPACITY = INPUT_SIZE - 8
"""Largest input in bytes."""

ROM_BASE = 0x8000_0000
ROM_SIZE = 128 << 20

RAM_BASE = 0xA000_0000
RAM_SIZE = 512 << 20

SCRATCH_COUNT = 8
"""Words u0..u7 that only micro-operations name; they follow the 32 registers."""
UART_ADDRESS = 0xA000_0200
EXTRA_PARAMETERS = 0xA000_0F00
EXTRA_PARAMETERS_END = 0xA000_1000
CSR_BASE = 0xA000_8000
CSR_END = 0xA001_0000
OUTPUT_BASE = 0xA001_0000
OUTPUT_WORDS = PUBLIC_WORDS // 2
"""Words of the output area that are public: 64 values of 32 bits."""
OUTPUT_END = 0xA002_0000
DATA_BASE = 0xA002_0000
"""First address at which a guest may place initialised data."""

REGISTER_KEY = RAM_BASE // 8
"""Key of register x0's word; register i is the word `REGISTER_KEY + i`."""

BOOT_REGISTERS = {10: INPUT_BASE, 11: OUTPUT_BASE}
"""Registers that are not zero when the guest starts: a0 and a1."""
BOOT_CSRS = {0xF12: 0xFFFEEEE}
"""CSRs that are not zero when the guest starts: marchid, by which a guest knows the machine."""

CODE_INDEX_LIMIT = 1 << 26
"""Instruction indices (address - ROM_BASE) / 2 are below this."""
MICRO_BASE = 1 << 26
"""Index of the first micro-operation that is not the first of its instruction."""
HALTED = 1 << 27
"""Program counter after the halt; no row of any program has it."""
NOWHERE = HALTED + 1
"""Stands for a static jump target that lies outside the code region; no row has it."""


class RegionKind(IntEnum):
    """What a region's words hold when the run starts."""

    ZERO = 0
    INPUT = 1
    OUTPUT = 2
    IMAGE = 3


class Region(NamedTuple):
    """Words `start` (first key) to `end` (one past the last key), all of one kind."""

    start: int
    end: int
    kind: RegionKind


def csr_address(number: int) -> int:
    """Byte address of the word of CSR `number` (0..4095)."""
    return CSR_BASE + 8 * number


def fixed_regions() -> list[Region]:
    """Regions that every program has, ascending, before image words are cut out of them."""
    return [
        Region(INPUT_DATA // 8, (INPUT_BASE + INPUT_SIZE) // 8, RegionKind.INPUT),
        Region(REGISTER_KEY + 1, REGISTER_KEY + 32 + SCRATCH_COUNT, RegionKind.ZERO),
        Region(UART_ADDRESS // 8, UART_ADDRESS // 8 + 1, RegionKind.ZERO),
        Region(EXTRA_PARAMETERS // 8, EXTRA_PARAMETERS_END // 8, RegionKind.ZERO),
        Region(CSR_BASE // 8, CSR_END // 8, RegionKind.ZERO),
        Region(OUTPUT_BASE // 8, OUTPUT_BASE // 8 + OUTPUT_WORDS, RegionKind.OUTPUT),
        Region(OUTPUT_BASE // 8 + OUTPUT_WORDS, OUTPUT_END // 8, RegionKind.ZERO),
        Region(DATA_BASE // 8, (RAM_BASE + RAM_SIZE) // 8, RegionKind.ZERO),
    ]


def region_table(image_keys: npt.NDArray[np.uint32]) -> list[Region]:
    """Regions of a program whose image words have the given ascending keys.

    Together they cover exactly what is mapped; image words belong to image regions alone.
    Neighbouring regions of one kind are joined.
    """
    keys = image_keys.astype(np.int64)
    gaps = np.flatnonzero(np.diff(keys) != 1) + 1
    runs = [(int(run[0]), int(run[-1]) + 1) for run in np.split(keys, gaps) if len(run)]
    pieces = [Region(start, end, RegionKind.IMAGE) for start, end in runs]
    for region in fixed_regions():
        position = region.start
        for start, end in runs:
            if end <= position or start >= region.end:
                continue
            if start > position:
                pieces.append(Region(position, start, region.kind))
            position = end
        if position < region.end:
            pieces.append(Region(position, region.end, region.kind))
    joined: list[Region] = []
    for piece in sorted(pieces):
        if joined and joined[-1].end == piece.start and joined[-1].kind == piece.kind:
            joined[-1] = Region(joined[-1].start, piece.end, piece.kind)
        else:
            joined.append(piece)
    return joined
