"""The committed guests compute what the host computes."""

from __future__ import annotations

import hashlib
import struct
from importlib.resources import files
from pathlib import Path

import pytest

from zisk.vm.errors import FaultKind, GuestFault, StepLimitError, UnsupportedInstructionError
from zisk.vm.executor import Execution, execute
from zisk.vm.program import load_program

EXAMPLES = Path(__file__).parents[2] / "examples"


def run_guest(name: str, data: bytes, max_steps: int | None = None) -> Execution:
    """Execute a committed guest."""
    return execute(
        load_program((EXAMPLES / name / f"{name}.elf").read_bytes()), data, log_size=16, max_steps=max_steps
    )


def given_input(name: str, input_name: str) -> bytes:
    """A committed input."""
    return (EXAMPLES / name / "inputs" / f"{input_name}.bin").read_bytes()


def record(content: bytes) -> bytes:
    """One record of an input."""
    return struct.pack("<Q", len(content)) + content + bytes(-len(content) % 8)


def number(value: int) -> bytes:
    """Input of one number."""
    return record(struct.pack("<Q", value))


def test_demo_guest_hashes_and_has_the_size_that_the_demo_wants() -> None:
    program = load_program(files("zisk.data").joinpath("sha-hasher.elf").read_bytes())
    result = execute(program, files("zisk.data").joinpath("sha-hasher.input").read_bytes(), log_size=16)
    digest = bytes(32)
    for _ in range(75):
        digest = hashlib.sha256(digest).digest()
    assert struct.pack("<8I", *result.outputs[:8]) == digest
    assert result.outputs[8:] == (0,) * 56
    assert result.exit_code == 0
    assert 330_000 <= result.cycles <= 500_000
    assert result.segments >= 3


def test_packaged_demo_is_the_committed_example() -> None:
    data = files("zisk.data")
    assert (
        data.joinpath("sha-hasher.elf").read_bytes() == (EXAMPLES / "sha-hasher/sha-hasher.elf").read_bytes()
    )
    assert data.joinpath("sha-hasher.input").read_bytes() == given_input("sha-hasher", "75")


def test_fibonacci() -> None:
    result = run_guest("fibonacci", given_input("fibonacci", "90"))
    assert result.outputs[0] | result.outputs[1] << 32 == 2_880_067_194_370_816_120


def test_sort() -> None:
    data = given_input("sort", "1000")
    numbers = sorted(struct.unpack("<1000i", data[8:]))
    total = sum(i * value for i, value in enumerate(numbers)) % 2**64
    expected = [1000, numbers[0], numbers[500], numbers[999], total & 0xFFFF_FFFF, total >> 32]
    assert run_guest("sort", data).outputs[:6] == tuple(value % 2**32 for value in expected)
    assert run_guest("sort", record(b"")).exit_code == 1


def divide(a: int, b: int) -> tuple[int, int]:
    """Quotient rounded towards zero and remainder."""
    quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    return quotient, a - quotient * b


def test_malloc_and_division() -> None:
    data = given_input("malloc-division", "105")
    words = struct.unpack("<210Q", data[8:])
    sums = [0, 0, 0, 0]
    for a, b in zip(words[::2], words[1::2], strict=True):
        if b == 0:
            continue
        signed = divide(*(value - 2**64 if value >> 63 else value for value in (a, b)))
        for i, value in enumerate((*signed, a // b, a % b)):
            sums[i] = (sums[i] + value) % 2**64
    result = run_guest("malloc-division", data)
    assert struct.unpack("<4Q", struct.pack("<8I", *result.outputs[:8])) == tuple(sums)
    assert result.uart == b"105 pairs\n"


@pytest.mark.parametrize(
    ("way", "kind"),
    [
        (0, FaultKind.UNIMP),
        (1, FaultKind.BREAKPOINT),
        (2, FaultKind.READ_ONLY_CSR),
        (3, FaultKind.UNMAPPED_ACCESS),
        (4, FaultKind.READ_ONLY_STORE),
        (5, FaultKind.REGISTER_ZERO_STORE),
        (6, FaultKind.ADVICE_WORD),
        (7, FaultKind.JUMP_OUTSIDE_CODE),
        (8, FaultKind.UNKNOWN_SYSTEM_CALL),
        (11, FaultKind.ILLEGAL_INSTRUCTION),
    ],
)
def test_the_fault_guest_fails_as_told(way: int, kind: FaultKind) -> None:
    with pytest.raises(GuestFault) as fault:
        run_guest("fault", number(way))
    assert fault.value.fault == kind


def test_the_fault_guest_reaches_what_is_not_supported_yet() -> None:
    with pytest.raises(UnsupportedInstructionError, match=r"fadd\.d"):
        run_guest("fault", number(9))
    with pytest.raises(UnsupportedInstructionError, match="keccakf"):
        run_guest("fault", number(10))


def test_the_fault_guest_can_loop_or_return() -> None:
    with pytest.raises(StepLimitError):
        run_guest("fault", number(12), max_steps=10_000)
    assert run_guest("fault", number(55)).exit_code == 55
