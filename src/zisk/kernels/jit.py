"""Compile a Python function to a kernel and keep the machine code between processes.

Numba's own cache keys a function on its own file, so a change in a function it calls goes unnoticed, and it
keeps an index that two processes can overwrite for each other. Here `code_store` has one entry per compiled
signature, named by a digest of everything the code depends on.
No setting of Numba and no environment variable is changed.
"""

import hashlib
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any, ParamSpec, TypeVar

import llvmlite
import numba
import numpy as np
from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from zisk.kernels import code_store
from zisk.kernels.sources import source_digest

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

CHECKSUM_BYTES = 32

COMPILER = (numba.__version__, llvmlite.__version__, sys.implementation.cache_tag)
"""What makes machine code of a source, and runs it."""

_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": False}


def kernel(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile `function` with Numba on its first call for each signature, without the interpreter lock.

    Integer division follows NumPy (no exception), indices are not checked, machine code is kept on disk.
    """
    return _compile_lazily(function, {})


def inline_kernel(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile a small `function` so that LLVM copies it into every kernel that calls it."""
    return _compile_lazily(function, {"forceinline": True})


def borrowing_kernel(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """The same for a function that borrows its arrays: it must neither make nor return one.

    It then counts no references to them. Counting takes two atomic additions for each array at each call,
    where the compiler does not see that they cancel; it does not behind branches.
    """
    return _compile_lazily(function, {"forceinline": True, "_nrt": False})


def _compile_lazily(
    function: Callable[Parameters, Result], options: dict[str, Any]
) -> Callable[Parameters, Result]:
    dispatcher: Any = numba.njit(**_OPTIONS, **options)(function)
    dispatcher._cache = KernelCache(function)
    return dispatcher


class KernelCache(_Cache):
    """The compiled signatures of one function in the store.

    Where the store keeps nothing, and for a function whose source is in no file, each process compiles again.
    """

    def __init__(self, function: Callable[..., object]) -> None:
        self._function = function
        self._enabled = True

    @property
    def cache_path(self) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Nothing: the store knows where it keeps what."""
        return ""

    def enable(self) -> None:
        """Use the store from now on."""
        self._enabled = True

    def disable(self) -> None:
        """Leave the store alone from now on."""
        self._enabled = False

    def flush(self) -> None:
        """Forget nothing: entries of other sources are never read, so none is ever stale."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the compiled result for a signature, or None if there is no sound entry for it."""
        target_context.refresh()
        name = self._name(sig, target_context.codegen())
        content = None if name is None else code_store.load(name)
        if content is None:
            return None
        checksum, payload = content[:CHECKSUM_BYTES], content[CHECKSUM_BYTES:]
        if hashlib.sha256(payload).digest() != checksum:
            return None
        return CompileResult._rebuild(target_context, *pickle.loads(payload))

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep the compiled result for a signature."""
        name = self._name(sig, data.codegen)
        if name is None or data.lifted or data.library.has_dynamic_globals:
            return
        payload = dumps(data._reduce())
        code_store.keep(name, hashlib.sha256(payload).digest() + payload)

    def _name(self, sig: Any, codegen: Any) -> str | None:
        """The name of a signature in the store, None where the store is not used."""
        source = Path(self._function.__code__.co_filename)
        if not self._enabled or not source.is_file():
            return None
        name = f"{self._function.__module__}.{self._function.__qualname__}"
        key = hashlib.sha256(repr((name, sig, codegen.magic_tuple(), COMPILER)).encode())
        key.update(source_digest(source))
        key.update(_function_digest(self._function))
        return f"{name.replace('<locals>', '')}-{key.hexdigest()[:24]}"


def _function_digest(function: Callable[..., object]) -> bytes:
    """A digest of code, closure and of the constants that the code takes from its module.

    It tells generated functions of one name apart; for functions in files it adds to the digest of the
    sources the constants that come from elsewhere.
    """
    digest = hashlib.sha256()
    code: CodeType = function.__code__
    _update_with_code(digest, code)
    for cell in function.__closure__ or ():
        digest.update(_constant_bytes(cell.cell_contents))
    for name in code.co_names:
        digest.update(_constant_bytes(function.__globals__.get(name)))
    return digest.digest()


def _update_with_code(digest: Any, code: CodeType) -> None:
    digest.update(code.co_code + repr((code.co_names, code.co_varnames, code.co_freevars)).encode())
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            _update_with_code(digest, constant)
        else:
            digest.update(repr(constant).encode())


def _constant_bytes(value: object) -> bytes:
    if isinstance(value, np.ndarray):
        return repr((value.dtype.str, value.shape)).encode() + value.tobytes()
    if isinstance(value, (bool, int, float, str, bytes, tuple, np.generic)):
        return repr(value).encode()
    return b""
