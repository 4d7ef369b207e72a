"""Prove the execution of RISC-V programs, on one machine or on as many as you have."""

from typing import TYPE_CHECKING

from zisk.version import __version__

__all__ = ["ProverClient", "__version__"]

if TYPE_CHECKING:
    from zisk.sdk import ProverClient
else:

    def __getattr__(name: str) -> object:
        """Import `ProverClient` when it is first asked for, so that `import zisk` stays cheap."""
        if name == "ProverClient":
            from zisk.sdk import ProverClient

            return ProverClient
        raise AttributeError(f"module 'zisk' has no attribute {name!r}")
