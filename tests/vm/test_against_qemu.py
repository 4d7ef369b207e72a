"""Random programs leave the same registers and memory here as under qemu's user-mode emulator."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.vm import encoder
from tests.vm.guest_elf import DATA_ADDRESS, code_part, data_part, write_elf
from tests.vm.random_programs import (
    DATA_SIZE,
    epilogue,
    halt,
    print_data_and_halt,
    prologue,
    random_body,
    random_data,
)
from zisk.vm.executor import execute
from zisk.vm.program import load_program

QEMU = shutil.which("qemu-riscv64")


def final_data(code: bytes, content: bytes) -> bytes:
    """Data area after a run on the machine under test."""
    program = load_program(write_elf([code_part(code), data_part(content)]))
    touched = execute(program, b"", log_size=16).touched
    words = np.frombuffer(content, "<u8").copy()
    place = touched.key.astype(np.int64) - DATA_ADDRESS // 8
    inside = (place >= 0) & (place < len(words))
    words[place[inside]] = touched.final[inside]
    return words.tobytes()


@pytest.mark.skipif(QEMU is None, reason="qemu-riscv64 is not installed (Debian: apt-get install qemu-user)")
@pytest.mark.parametrize("seed", range(12))
def test_random_programs_agree_with_qemu(seed: int, tmp_path: Path) -> None:
    generator = random.Random(seed)
    content = random_data(generator)
    assert len(content) == DATA_SIZE
    body = prologue() + random_body(generator, 1500) + epilogue()
    path = tmp_path / "program.elf"
    path.write_bytes(
        write_elf([code_part(encoder.assemble(body + print_data_and_halt())), data_part(content)])
    )
    path.chmod(0o755)
    expected = subprocess.run([str(QEMU), str(path)], capture_output=True, timeout=60, check=True).stdout
    assert final_data(encoder.assemble(body + halt()), content).hex() == expected.hex()
