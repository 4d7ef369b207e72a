"""Functions that emit the code of a call themselves, in LLVM's language."""

from typing import Any

from numba.extending import intrinsic

emitted: Any = intrinsic
"""Marks a function that emits the code of a call: it gets the types, its caller in a kernel the values."""
