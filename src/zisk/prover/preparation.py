"""Compiling the kernels: once for each processor and version of the code, as a step of its own."""

from __future__ import annotations

from zisk.kernels.warmup import group_count, is_warm, warm_up
from zisk.progress import NULL_PROGRESS, Progress
from zisk.vm import announce_kernels


def is_prepared() -> bool:
    """Whether an earlier run of this code on this processor has compiled every kernel."""
    announce_kernels()
    return is_warm()


def prepare(progress: Progress = NULL_PROGRESS) -> None:
    """Compile every kernel that is not compiled yet."""
    if is_prepared():
        return
    with progress.phase("compile kernels", total=group_count()) as advance:
        warm_up(lambda _name, _done, _total: advance())
