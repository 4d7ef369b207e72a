"""At the edges that qemu's user mode can show, guests do what they do there.

In qemu a guest writes a word to standard output or ends by a signal; here it has an exit code or a fault.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from tests.vm import encoder
from tests.vm.edge_guests import END, FIRST, Pieces, compressed, constant, guest, halt_with, jump_to
from tests.vm.guest_elf import Part, data_part
from tests.vm.test_code_edges import LAST_HALF, LAST_WORD, LINKS, NEAR, PAD, RA, T0, jalr
from zisk.vm.errors import FaultKind, GuestFault
from zisk.vm.executor import execute
from zisk.vm.program import load_program

QEMU = shutil.which("qemu-riscv64")
pytestmark = pytest.mark.skipif(
    QEMU is None, reason="qemu-riscv64 is not installed (Debian: apt-get install qemu-user)"
)

PAGE = 0x1000
ENTRY = FIRST + 0x400
SCRATCH = 0xA003_0000
DATA = data_part(bytes(64), SCRATCH)
SIGNALS: dict[FaultKind | None, str] = {
    FaultKind.ILLEGAL_INSTRUCTION: "SIGILL",
    FaultKind.BREAKPOINT: "SIGTRAP",
    FaultKind.UNMAPPED_ACCESS: "SIGSEGV",
    FaultKind.READ_ONLY_STORE: "SIGSEGV",
    FaultKind.JUMP_OUTSIDE_CODE: "SIGSEGV",
}
NAMES = {-4: "SIGILL", -5: "SIGTRAP", -11: "SIGSEGV"}


def print_register(register: int) -> list[int]:
    """Write a register to standard output as a Linux program does, and exit."""
    return [
        encoder.immediate("addi", 12, register, 0),
        *constant(11, SCRATCH),
        encoder.store("sd", 11, 12, 0),
        encoder.immediate("addi", 10, 0, 1),
        encoder.immediate("addi", 12, 0, 8),
        encoder.immediate("addi", 17, 0, 64),
        encoder.ECALL,
        encoder.immediate("addi", 10, 0, 0),
        encoder.immediate("addi", 17, 0, 93),
        encoder.ECALL,
    ]


def in_qemu(elf: bytes, folder: Path) -> int | str:
    """The number that a guest writes, or the signal that ends it."""
    path = folder / "guest.elf"
    path.write_bytes(elf)
    path.chmod(0o755)
    done = subprocess.run([str(QEMU), str(path)], capture_output=True, timeout=60, check=False)
    return struct.unpack("<Q", done.stdout)[0] if done.returncode == 0 else NAMES[done.returncode]


def here(elf: bytes) -> int | str:
    """The exit code, or the signal that stands for the fault."""
    try:
        return execute(load_program(elf), b"", log_size=16).exit_code
    except GuestFault as fault:
        return SIGNALS[fault.fault]


def by_page(pieces: Pieces) -> Pieces:
    """The same code with one section in a page, as qemu maps no two there."""
    pages: dict[int, bytes] = {}
    for address, piece in sorted(pieces.items()):
        content = piece if isinstance(piece, bytes) else encoder.assemble(piece)
        first = next((one for one in pages if one // PAGE == address // PAGE), address)
        pages[first] = pages.get(first, b"").ljust(address - first, b"\0") + content
    return dict(pages)


def both(
    pieces: Pieces, ending: int, register: int, folder: Path, *parts: Part
) -> tuple[int | str, int | str]:
    """What qemu and this machine make of a guest that ends at `ending` with a register as its result."""
    there, own = (
        guest(by_page(pieces | {ending: words}), ENTRY, DATA, *parts)
        for words in (print_register(register), halt_with(register))
    )
    return in_qemu(there, folder), here(own)


@pytest.mark.parametrize("name", LINKS)
def test_jumps_at_the_end_of_the_code_link_as_in_qemu(name: str, tmp_path: Path) -> None:
    case = LINKS[name]
    ending = NEAR if name == "jal" else PAD
    assert both({ENTRY: case.start} | case.edge, ending, RA, tmp_path) == (case.code, case.code)


CODE = {
    "addi falls off the end": {LAST_WORD: [encoder.immediate("addi", RA, 0, 1)]},
    "c.nop falls off the end": {LAST_HALF: [0x0001]},
    "a branch over the end": {LAST_WORD: [encoder.branch("beq", 0, 0, 8)]},
    "jal to the end": {LAST_WORD: [encoder.jump(RA, 4)]},
    "jal over the end": {LAST_WORD: [encoder.jump(RA, (1 << 20) - 2)]},
    "jalr to 0": {LAST_WORD: [jalr(RA, 0)]},
    "jalr below 0": {LAST_WORD: [jalr(RA, 0, -2)]},
    "c.jr to the end": {LAST_HALF: [compressed("c.jr", 31)]},
    "ebreak": {LAST_HALF: b"\x02\x90"},
    "zeros": {LAST_HALF: bytes(2)},
    "no encoding": {LAST_WORD: b"\xff\xff\xff\xff"},
}


@pytest.mark.parametrize("name", CODE)
def test_code_that_leaves_the_region_ends_as_in_qemu(name: str, tmp_path: Path) -> None:
    """x31 holds the address of the last instruction; `c.jr` goes behind it."""
    (at,) = CODE[name]
    start = jump_to(at)
    if name == "c.jr to the end":
        start = [*constant(T0, at), *constant(31, END), jalr(0, T0)]
    expected, found = both(CODE[name] | {ENTRY: start}, PAD, RA, tmp_path)
    assert isinstance(expected, str)
    assert found == expected


def test_an_instruction_over_the_end_is_illegal_where_qemu_cannot_fetch_it(tmp_path: Path) -> None:
    code: Pieces = {ENTRY: jump_to(LAST_HALF), LAST_HALF: b"\x13\x00"}
    assert both(code, PAD, RA, tmp_path) == ("SIGSEGV", "SIGILL")


@pytest.mark.parametrize(
    "target", [END, END + 1, 1 << 32, PAD + (1 << 32), PAD + (1 << 63), (1 << 32) - 2, (1 << 64) - 2]
)
def test_jumps_far_away_end_as_in_qemu(target: int, tmp_path: Path) -> None:
    code = [*constant(T0, target), jalr(RA, T0)]
    assert both({ENTRY: code}, PAD, RA, tmp_path) == ("SIGSEGV", "SIGSEGV")


@pytest.mark.parametrize(
    ("at", "upper"), [(END - 8, 0x7FFFF), (FIRST, 0x80000), (FIRST, 0x7FFFF), (END - 8, 0)]
)
def test_addresses_from_the_pc_are_those_of_qemu(at: int, upper: int, tmp_path: Path) -> None:
    """Up to 2^32 and over it, and down to 0."""
    ending = NEAR if at > PAD else PAD
    edge: Pieces = {at: [encoder.upper("auipc", RA, upper), encoder.jump(0, ending - at - 4)]}
    expected, found = both({ENTRY: jump_to(at)} | edge, ending, RA, tmp_path)
    assert found == expected == at + (upper << 12 if upper < 0x80000 else (upper << 12) - (1 << 32))


RAM_END = 0xC000_0000
LAST_PAGE = data_part(bytes(range(256)) * (PAGE // 256), RAM_END - PAGE)
"""The last page of the RAM."""

LOADS, STORES = ("lb", "lhu", "lw", "ld"), ("sb", "sh", "sw", "sd")
WIDTHS = dict(zip((*LOADS, *STORES), (1, 2, 4, 8) * 2, strict=True))


def access(name: str, address: int) -> list[int]:
    """A load into x1, or a store of ones and then a load of the last word."""
    base = constant(T0, address)
    if name in LOADS:
        return [*base, encoder.immediate(name, RA, T0, 0)]
    store = [encoder.immediate("addi", RA, 0, -1), encoder.store(name, T0, RA, 0)]
    return [*base, *store, *constant(T0, RAM_END - 8), encoder.immediate("ld", RA, T0, 0)]


@pytest.mark.parametrize("name", WIDTHS)
def test_accesses_at_the_end_of_the_ram_are_those_of_qemu(name: str, tmp_path: Path) -> None:
    """But for one kind: what is misaligned in the last word would take a word that there is not."""
    for distance in (-9, -8, -7, -6, -4, -3, -2, -1, 0):
        address = RAM_END + distance
        code = [*access(name, address), *jump_to(PAD)]
        expected, found = both({ENTRY: code}, PAD, RA, tmp_path, LAST_PAGE)
        crossing = address % WIDTHS[name] != 0 and -8 <= distance <= -WIDTHS[name]
        assert found == ("SIGSEGV" if crossing else expected), hex(address)
        assert not crossing or isinstance(expected, int)
