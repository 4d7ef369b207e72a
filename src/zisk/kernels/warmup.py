"""Compile every kernel ahead of its first use.

Each module of `zisk.kernels.cpu` may have a function `warm()` that calls its kernels once on tiny inputs, one
call per signature in use. Kernels that live elsewhere announce theirs with `register`.
"""

import hashlib
import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path

from zisk.kernels import code_store
from zisk.kernels.sources import source_digest

Progress = Callable[[str, int, int], None]
"""Called as progress(name, done, total) after each group of kernels."""

_registered: dict[str, Callable[[], None]] = {}


def register(name: str, warm: Callable[[], None]) -> None:
    """Add the kernels of a module outside this package, under a name that is shown to people."""
    _registered[name] = warm


def warm_up(progress: Progress | None = None) -> None:
    """Call every kernel once, so that its machine code is in the store and in this process."""
    groups = _groups()
    for done, (name, warm) in enumerate(groups, 1):
        warm()
        if progress is not None:
            progress(name, done, len(groups))
    code_store.keep(_marker(), b"")


def is_warm() -> bool:
    """Whether the kernels of these sources were compiled for this processor before."""
    return code_store.load(_marker()) is not None


def group_count() -> int:
    """How many groups of kernels there are: the `total` that a progress callback is told."""
    return len(_groups())


def _groups() -> list[tuple[str, Callable[[], None]]]:
    from zisk.kernels import cpu

    found: list[tuple[str, Callable[[], None]]] = []
    for entry in sorted(pkgutil.iter_modules(cpu.__path__), key=lambda entry: entry.name):
        module = importlib.import_module(f"{cpu.__name__}.{entry.name}")
        if hasattr(module, "warm"):
            found.append((entry.name, module.warm))
    return found + sorted(_registered.items())


def _marker() -> str:
    """The entry of the store that says that the kernels are warm.

    Its name covers the compiler, the processor, what was warmed, and the sources that this reaches.
    """
    from llvmlite import binding

    from zisk.kernels.jit import COMPILER

    groups = _groups()
    features = binding.get_host_cpu_features().flatten()
    names = [name for name, _ in groups]
    digest = hashlib.sha256(repr((COMPILER, binding.get_host_cpu_name(), features, names)).encode())
    for _, warm in groups:
        digest.update(source_digest(Path(warm.__code__.co_filename)))
    return f"warm-{digest.hexdigest()[:20]}"
