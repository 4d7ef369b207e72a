"""A guest program as the machine executes it: micro-operations, initial words, regions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from zisk.choices import LOG_SIZES
from zisk.vm import memory_map
from zisk.vm.compressed import expand_compressed
from zisk.vm.decode import Instruction, Trap, decode, instruction_text
from zisk.vm.elf import ElfImage, Section, read_elf
from zisk.vm.errors import (
    FaultKind,
    ImageTooLargeError,
    NoEntryPointError,
    ProgramTooLargeError,
    TooManyRegionsError,
)
from zisk.vm.expand import expand
from zisk.vm.expansion import Micro
from zisk.vm.limits import IMAGE_WORDS_LIMIT, LARGEST_PROGRAM, REGIONS_LIMIT
from zisk.vm.memory_map import Region
from zisk.vm.operations import BRANCHES, TRAP

Words = npt.NDArray[np.uint64]
Indices = npt.NDArray[np.uint32]
Bytes = npt.NDArray[np.uint8]

_MASK = (1 << 64) - 1


@dataclass(frozen=True, eq=False, slots=True)
class Program:
    """A loaded guest.

    The arrays have one entry per micro-operation (*slot*), in program order:

    - `pc`, `next`: indices (`docs/machine.md`); for branches `next` is the successor when not taken, for jalr
      the index that the link register receives as address, for halt `HALTED`;
    - `op`: number of the `Operation`, 0 for a trap; `rd`, `rs1`, `rs2`: register words 0..39, 0 where unused;
    - `imm0`, `imm1`: low and high 16 bits of the immediate's low half; `sign`: 1 where its upper half is all
      ones, 0 where it is zero; `immediate`: all of it as one word; for branches the taken target's index;
    - `first`: whether the slot is the first of its instruction;
    - `address`, `word`: byte address and raw encoding of the instruction that the slot belongs to.

    `entry` is an index. `image_keys` ascend; `image_values` are the words with which memory starts there.
    `traps` says why a slot is not executable.
    """

    entry: int
    pc: Indices
    next: Indices
    op: Bytes
    rd: Bytes
    rs1: Bytes
    rs2: Bytes
    imm0: Indices
    imm1: Indices
    sign: Bytes
    immediate: Words
    first: npt.NDArray[np.bool_]
    address: Indices
    word: Indices
    image_keys: Indices
    image_values: Words
    regions: tuple[Region, ...]
    traps: dict[int, Trap]

    @property
    def slots(self) -> int:
        """Number of micro-operations."""
        return len(self.pc)

    def instruction_text(self, slot: int) -> str:
        """Readable form of the instruction that a slot belongs to."""
        trap = self.traps.get(slot)
        return trap.name if trap is not None else instruction_text(_decode_raw(int(self.word[slot])))


def load_program(elf: bytes, log_size: int | None = None) -> Program:
    """Load a guest from the bytes of its ELF file.

    With `log_size` the program must fit the program table of segments of that size.
    Raises a subclass of `InvalidGuestError`.
    """
    image = read_elf(elf)
    rows = _Rows()
    for section in image.sections:
        if section.executable:
            rows.add_section(section)
    entry = index_of(image.entry)
    if image.entry % 2 or entry not in rows.starts:
        raise NoEntryPointError(image.entry)
    program = rows.finish(entry, *_initial_words(image))
    if log_size is not None and program.slots > 1 << log_size:
        fitting = next(size for size in LOG_SIZES if program.slots <= 1 << size)
        raise ProgramTooLargeError(program.slots, log_size, fitting)
    return program


def index_of(address: int) -> int:
    """Instruction index of a byte address, `NOWHERE` for addresses that no code can have."""
    index = (address - memory_map.ROM_BASE) >> 1
    return index if 0 <= index < memory_map.CODE_INDEX_LIMIT else memory_map.NOWHERE


@lru_cache(maxsize=65_536)
def _decode_raw(raw: int) -> Instruction:
    """Decode an encoding of 16 bits (upper half zero, low bits not both set) or 32 bits."""
    if raw & 3 == 3:
        if raw & 0x1F == 0x1F:
            return _illegal(raw)
        return decode(raw)
    word = expand_compressed(raw)
    return _illegal(raw) if word is None else decode(word)


def _illegal(raw: int, what: str = "") -> Instruction:
    detail = f"encoding {raw:#x}{what}"
    return Instruction("illegal", trap=Trap(FaultKind.ILLEGAL_INSTRUCTION, "illegal", detail))


def _cut_off(raw: int) -> Instruction:
    return _illegal(raw, ", cut off by the end of its section")


class _Rows:
    """Collects slots while sections are decoded."""

    def __init__(self) -> None:
        self.starts: set[int] = set()
        self.traps: dict[int, Trap] = {}
        self._rows: list[tuple[int, ...]] = []
        self._micro = memory_map.MICRO_BASE

    def add_section(self, section: Section) -> None:
        """Decode a section linearly, from its first byte.

        Raises `ProgramTooLargeError` where no size has room for so many slots.
        """
        content, position = section.content, 0
        while position + 2 <= len(content):
            raw = int.from_bytes(content[position : position + 2], "little")
            length = 2
            if raw & 3 == 3:
                raw = int.from_bytes(content[position : position + 4], "little")
                length = min(4, len(content) - position)
            self._add(section.address + position, length, raw)
            if len(self._rows) > LARGEST_PROGRAM:
                raise ProgramTooLargeError(len(self._rows), max(LOG_SIZES), None)
            position += length

    def _add(self, address: int, length: int, raw: int) -> None:
        """Append the slots of one instruction."""
        instruction = _decode_raw(raw) if length == 4 or raw & 3 != 3 else _cut_off(raw)
        index, following = index_of(address), index_of(address + length)
        self.starts.add(index)
        if instruction.trap is not None:
            self.traps[len(self._rows)] = instruction.trap
            self._rows.append((index, following, TRAP, 0, 0, 0, 0, 1, address, raw))
            return
        micros = expand(instruction, address, length)
        places = [index, *range(self._micro, self._micro + len(micros) - 1), following]
        self._micro += len(micros) - 1
        for position, micro in enumerate(micros):
            successor, immediate = _successor(micro, places, position)
            if micro.operation == micro.operation.HALT:
                successor = memory_map.HALTED
            row = (places[position], successor, micro.operation, micro.rd, micro.rs1, micro.rs2)
            self._rows.append((*row, immediate & _MASK, position == 0, address, raw))

    def finish(self, entry: int, keys: Indices, values: Words) -> Program:
        """Program with the collected slots and the given initial words."""
        columns = list(zip(*self._rows, strict=True))
        immediate = np.array(columns[6], np.uint64)
        op = np.array(columns[2], np.uint8)
        regions = tuple(memory_map.region_table(keys))
        if len(regions) > REGIONS_LIMIT:
            raise TooManyRegionsError(len(regions), REGIONS_LIMIT)
        return Program(
            entry=entry,
            pc=np.array(columns[0], np.uint32),
            next=np.array(columns[1], np.uint32),
            op=op,
            rd=np.array(columns[3], np.uint8),
            rs1=np.array(columns[4], np.uint8),
            rs2=np.array(columns[5], np.uint8),
            imm0=(immediate & np.uint64(0xFFFF)).astype(np.uint32),
            imm1=(immediate >> np.uint64(16) & np.uint64(0xFFFF)).astype(np.uint32),
            sign=(immediate >> np.uint64(63)).astype(np.uint8),
            immediate=immediate,
            first=np.array(columns[7], np.bool_),
            address=np.array(columns[8], np.uint32),
            word=np.array(columns[9], np.uint32),
            image_keys=keys,
            image_values=values,
            regions=regions,
            traps=self.traps,
        )


def _successor(micro: Micro, places: list[int], position: int) -> tuple[int, int]:
    """Static successor and immediate of a row; the immediate of branches is the taken target."""
    falls_to = places[position + 1]
    if micro.leaves_to is not None:
        target = index_of(micro.leaves_to)
    elif micro.target is not None:
        target = places[micro.target]
    else:
        target = falls_to
    if micro.operation in BRANCHES:
        return falls_to, target
    return target, micro.immediate


def _initial_words(image: ElfImage) -> tuple[Indices, Words]:
    """Keys, ascending, and values of all words that do not simply start as zero.

    A section of ROM is followed by one word of zeros: a misaligned load takes the next word too, and the
    last word of a section must be readable at every offset.
    Raises `ImageTooLargeError`.
    """
    words_at_least = -(-sum(len(section.content) for section in image.sections) // 8)
    if words_at_least > IMAGE_WORDS_LIMIT:
        raise ImageTooLargeError(words_at_least, IMAGE_WORDS_LIMIT)
    keys: list[npt.NDArray[np.int64]] = []
    values: list[Words] = []
    for section in image.sections:
        lead = section.address % 8
        content = bytes(lead) + section.content
        content += bytes(-len(content) % 8)
        if section.address < memory_map.ROM_BASE + memory_map.ROM_SIZE - len(content):
            content += bytes(8)
        words = np.frombuffer(content, "<u8").astype(np.uint64)
        keys.append(section.address // 8 + np.arange(len(words), dtype=np.int64))
        values.append(words)
    boot = {memory_map.REGISTER_KEY + register: word for register, word in memory_map.BOOT_REGISTERS.items()}
    boot |= {memory_map.csr_address(csr) // 8: word for csr, word in memory_map.BOOT_CSRS.items()}
    keys.append(np.array(list(boot), np.int64))
    values.append(np.array(list(boot.values()), np.uint64))
    all_keys = np.concatenate(keys)
    order = np.argsort(all_keys, kind="stable")
    unique, starts = np.unique(all_keys[order], return_index=True)
    if len(unique) > IMAGE_WORDS_LIMIT:
        raise ImageTooLargeError(len(unique), IMAGE_WORDS_LIMIT)
    # Sections never overlap, so words shared at their ends combine by or.
    merged = np.bitwise_or.reduceat(np.concatenate(values)[order], starts)
    return unique.astype(np.uint32), merged
