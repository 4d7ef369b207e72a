"""The one place that chooses a backend for those who name none."""

from __future__ import annotations

from functools import cache

from zisk.kernels.backend import Backend
from zisk.kernels.pool import Pool, default_pool


def new_backend(pool: Pool) -> Backend:
    """A backend fed by the threads of a pool; loads the kernels."""
    from zisk.kernels.cpu.backend import CpuBackend

    return CpuBackend(pool)


@cache
def default_backend() -> Backend:
    """The backend of this process, with a thread for every core it may use."""
    return new_backend(default_pool())
