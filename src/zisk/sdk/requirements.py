"""What has to be installed for more than verification under a key."""

import importlib

__all__ = ["require_cluster", "require_proving"]


def require_proving(what: str, instead: str) -> None:
    """Check that what proves and sets up can be imported; `what` takes it, `instead` is the other way.

    Raises:
        ImportError: it cannot; the text says what is missing and what to do.
    """
    _require(("blake3", "numba"), what, instead)


def require_cluster(what: str, instead: str) -> None:
    """Check that what speaks to a coordinator can be imported; see `require_proving`."""
    _require(("google.protobuf", "grpc"), what, instead)


def _require(packages: tuple[str, ...], what: str, instead: str) -> None:
    for name in packages:
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise ImportError(
                f"{what} takes {name}, which cannot be imported here; "
                f"install pyzisk with all it depends on, or {instead}",
                name=name,
            ) from error
