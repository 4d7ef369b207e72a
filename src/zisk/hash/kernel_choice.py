"""Whether a permutation runs on kernels: where they are loaded already, or where it pays to load them.

Kernels are a hundred times as fast, but loading Numba takes as long as some thousand permutations without it.
So a process that verifies one small proof never loads it, and one that has much to hash soon does. Both ways
give the same numbers.
"""

import importlib
import sys
from functools import cache
from typing import Any

LOADING_COST = 2_000
"""Permutations of one state in plain integers that take about as long as loading the kernels: 0.3 s."""

STATES_PER_COST = 50
"""States that NumPy permutes, beside a first one, in the time that plain integers take for one."""

_spent = 0


def hashing_kernels(name: str, calls: int, states: int) -> Any:
    """The module `name` of `zisk.kernels.cpu`, or None where the caller does without.

    Without, the caller would permute `calls` times, `states` states at a time.
    """
    global _spent
    module = sys.modules.get(f"zisk.kernels.cpu.{name}")
    if hasattr(module, "warm"):  # the last definition: another thread may be in the middle of the import
        return module
    _spent += calls * (1 + states // STATES_PER_COST)
    return _load(name) if _spent > LOADING_COST else None


@cache
def _load(name: str) -> Any:
    try:
        return importlib.import_module(f"zisk.kernels.cpu.{name}")
    except ImportError:
        return None
