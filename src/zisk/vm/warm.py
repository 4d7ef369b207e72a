"""Compiles the interpreter's kernels by running the demo's guest over no work at all."""

from __future__ import annotations

from importlib.resources import files

from zisk.vm.executor import execute, record_all, record_none
from zisk.vm.program import load_program

_NO_HASHES = (8).to_bytes(8, "little") + bytes(8)


def warm() -> None:
    """Compile the interpreter for running and for recording, and the kernels that sort a log."""
    program = load_program(files("zisk.data").joinpath("sha-hasher.elf").read_bytes())
    for record in (record_none, record_all):
        execute(program, _NO_HASHES, log_size=16, record=record)
