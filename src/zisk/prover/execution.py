"""Running a guest without proving it."""

from __future__ import annotations

from zisk.choices import DEFAULT_LOG_SIZE
from zisk.progress import NULL_PROGRESS, Progress
from zisk.prover.program_setup import Program
from zisk.vm import executor
from zisk.vm.executor import Execution
from zisk.vm.program import load_program


def execute(
    program: Program | bytes,
    data: bytes,
    *,
    log_size: int = DEFAULT_LOG_SIZE,
    max_steps: int | None = None,
    progress: Progress = NULL_PROGRESS,
) -> Execution:
    """Run a guest, set up or as ELF bytes, to its halt.

    `log_size` sizes the segments that are counted; a program that is set up has its own.

    Raises:
        GuestError: the bytes are no guest, or the guest does not run to its halt.
    """
    if isinstance(program, Program):
        guest, log_size = program.guest, program.log_size
    else:
        guest = load_program(program, log_size)
    return executor.execute(guest, data, log_size=log_size, max_steps=max_steps, progress=progress)
