"""Everything that can be wrong with a guest, as one small tree of errors.

Each message names the cause and what the user can do about it.
"""

from __future__ import annotations

from enum import StrEnum

from zisk.errors import ErrorKind, ZiskError


class GuestError(ZiskError):
    """Base of every error that the guest program or its input causes."""

    kind = ErrorKind.INPUT


class InvalidGuestError(GuestError):
    """The file cannot be loaded as a guest program."""


class NotAnElfError(InvalidGuestError):
    """The file does not start as an ELF file does, or is cut short."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"not an ELF file: {detail}; give the linked program that the compiler wrote")


class WrongElfClassError(InvalidGuestError):
    """The file is an ELF file for another kind of machine."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"the ELF file is {found}, but guests are 64-bit little-endian RISC-V executables; "
            "build with -march=rv64imac -mabi=lp64"
        )


class MalformedElfError(InvalidGuestError):
    """A header or section table of the ELF file contradicts itself."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"damaged ELF file: {detail}; link the program again")


class SectionOutsideMapError(InvalidGuestError):
    """A section asks for addresses where the machine has no such memory.

    Fields: section (name), address, size in bytes.
    """

    def __init__(self, section: str, address: int, size: int, allowed: str) -> None:
        super().__init__(
            f"section {section} occupies {address:#x}..{address + size:#x}, outside the machine's map; "
            f"link it to {allowed}"
        )
        self.section = section
        self.address = address
        self.size = size


class NoEntryPointError(InvalidGuestError):
    """The entry address is not the start of an instruction."""

    def __init__(self, entry: int) -> None:
        super().__init__(
            f"the entry point {entry:#x} is not the start of an instruction; "
            "set ENTRY(_start) in the linker script and place _start in an executable section"
        )
        self.entry = entry


class ProgramTooLargeError(InvalidGuestError):
    """The program has more micro-operations than one segment's program table can hold.

    Fields: rows needed, log_size asked for. `fitting` is the size that has room; where it is None, none has,
    and rows are those counted until that was clear.
    """

    def __init__(self, rows: int, log_size: int, fitting: int | None) -> None:
        needed = f"{rows} rows of code" + ("" if fitting is not None else " or more")
        remedy = f"use size {fitting}" if fitting is not None else "remove code; no size fits"
        super().__init__(
            f"the program needs {needed}, size {log_size} has room for {1 << log_size}; {remedy}"
        )
        self.rows = rows
        self.log_size = log_size


class ImageTooLargeError(InvalidGuestError):
    """The program has more initial words than its key has room for. Fields: words needed, limit."""

    def __init__(self, words: int, limit: int) -> None:
        super().__init__(
            f"code, constants and data fill {words} words of 8 bytes or more, a program's key has room for "
            f"{limit}; remove some, or have the guest read them from its input"
        )
        self.words = words
        self.limit = limit


class TooManyRegionsError(InvalidGuestError):
    """The sections cut memory into more regions than their table holds. Fields: regions needed, limit."""

    def __init__(self, regions: int, limit: int) -> None:
        super().__init__(
            f"the sections cut memory into {regions} regions, their table has room for {limit}; "
            "join sections in the linker script, so that there are no gaps between them"
        )
        self.regions = regions
        self.limit = limit


class InputTooLargeError(GuestError):
    """The input does not fit the input region. Fields: size and limit in bytes."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"the input has {size} bytes, the input region holds {limit}; give a smaller input")
        self.size = size
        self.limit = limit


class StepLimitError(GuestError):
    """The run did not end within the limit. Fields: limit in steps, None where another machine met it."""

    kind = ErrorKind.STEP_LIMIT
    limit: int | None = None

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"the guest did not halt within {limit} steps; raise --max-steps, or check it for an endless loop"
        )
        self.limit = limit


class UnsupportedInstructionError(GuestError):
    """The guest executed an instruction that this version cannot prove yet.

    Fields: pc (byte address), word (raw instruction), name.
    """

    def __init__(self, pc: int, word: int, name: str) -> None:
        super().__init__(
            f"not supported yet: {name} at pc {pc:#x} (word {word:#010x}); "
            "build the guest without it (plain RV64IMAC: -march=rv64imac -mabi=lp64)"
        )
        self.pc = pc
        self.word = word
        self.name = name


class FaultKind(StrEnum):
    """Why the machine stopped a guest."""

    ILLEGAL_INSTRUCTION = "illegal instruction"
    UNIMP = "unimp (the guest aborted itself)"
    BREAKPOINT = "ebreak"
    READ_ONLY_CSR = "write to a read-only CSR"
    UNKNOWN_SYSTEM_CALL = "unknown system call"
    UNMAPPED_ACCESS = "access to unmapped memory"
    READ_ONLY_STORE = "store to read-only memory"
    REGISTER_ZERO_STORE = "store to the word of register x0"
    ADVICE_WORD = "access to the host's advice word (not supported yet)"
    JUMP_OUTSIDE_CODE = "jump to something that is not an instruction"


_REMEDY = {
    FaultKind.ILLEGAL_INSTRUCTION: "check that data is not executed and build with -march=rv64imac",
    FaultKind.UNIMP: "look for the panic or failed assertion in the guest's UART output",
    FaultKind.BREAKPOINT: "remove the breakpoint from the guest",
    FaultKind.READ_ONLY_CSR: "remove the CSR write from the guest",
    FaultKind.UNKNOWN_SYSTEM_CALL: "end the guest with a7 = 93; no other system call exists",
    FaultKind.UNMAPPED_ACCESS: "check the pointer against the machine's memory map",
    FaultKind.READ_ONLY_STORE: "place variables in .data or .bss; code, constants and input are fixed",
    FaultKind.REGISTER_ZERO_STORE: "check the pointer; x0 stays zero",
    FaultKind.ADVICE_WORD: "build the guest without fcalls",
    FaultKind.JUMP_OUTSIDE_CODE: "check function pointers, return addresses and the stack",
}


class GuestFault(GuestError):  # noqa: N818 - a fault is the guest's own end, named as in the design
    """The guest did something that ends the run; a faulted run cannot be proved.

    Fields: fault, pc (byte address of the instruction), instruction (its text), detail. Where another machine
    met it, they are None and empty: the text says it all.
    """

    kind = ErrorKind.GUEST_FAULT
    fault: FaultKind | None = None
    pc: int | None = None
    detail: str = ""
    instruction: str = ""

    def __init__(self, fault: FaultKind, pc: int, detail: str, instruction: str = "") -> None:
        where = f"pc {pc:#x}" + (f" ({instruction})" if instruction else "")
        tail = f": {detail}" if detail else ""
        super().__init__(f"guest fault: {fault.value} at {where}{tail}; {_REMEDY[fault]}")
        self.fault = fault
        self.pc = pc
        self.detail = detail
        self.instruction = instruction
