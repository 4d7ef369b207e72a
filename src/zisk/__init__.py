"""Prove the execution of RISC-V programs, on one machine or on as many as you have."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from zisk.version import __version__

if TYPE_CHECKING:
    from zisk.sdk import ProverClient

__all__ = ["ProverClient", "__version__"]

_HOMES = {"ProverClient": "zisk.sdk"}
"""Public names that are imported when first asked for, so that `import zisk` stays cheap."""


def __getattr__(name: str) -> Any:
    """Import a public name from its home on first use.

    Raises AttributeError for every other name.
    """
    if name not in _HOMES:
        raise AttributeError(f"module 'zisk' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
