"""The machine that figures were measured on."""

from __future__ import annotations

import os
import platform
import resource
import sys
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
import numpy as np

BYTES_OF_PEAK = 1 if sys.platform == "darwin" else 1024
"""Unit of the operating system's peak memory."""


def describe_machine() -> dict[str, Any]:
    """Processor, cores that this process may use, load at this moment, and versions."""
    facts = {
        "processor": _processor(),
        "code_for": llvmlite.binding.get_host_cpu_name(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "numba": numba.__version__,
        "numpy": np.__version__,
    }
    text = (
        "{processor} ({code_for}), {cores} cores, load {load}, Python {python}, Numba {numba}, NumPy {numpy}"
    )
    return {"text": text.format(**facts), **facts}


def peak_gigabytes() -> float:
    """The most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES_OF_PEAK / 1e9


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())
