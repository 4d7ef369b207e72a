"""Where compiled kernels stay between processes: kernels look for no folder, whoever owns one says so."""

from typing import Protocol

__all__ = ["CodeStore", "keep", "keep_in", "load"]


class CodeStore(Protocol):
    """Keeps bytes by kind and name, which are names of a folder and of a file in it.

    What comes back is run as code, so nobody may write to it who may not run code here.
    """

    def load(self, kind: str, name: str) -> bytes | None:
        """What was kept of a kind under a name, None where that is nothing."""
        ...

    def keep(self, kind: str, name: str, data: bytes) -> None:
        """Keep bytes where that can be; where not, they are made again next time."""
        ...


_KIND = "kernels"

_store: CodeStore | None = None


def keep_in(store: CodeStore | None) -> None:
    """From now on keep compiled kernels in a store; None, as at first, keeps them in this process alone."""
    global _store
    _store = store


def load(name: str) -> bytes | None:
    """What the store has under a name."""
    return None if _store is None else _store.load(_KIND, name)


def keep(name: str, data: bytes) -> None:
    """Give the store bytes to keep under a name."""
    if _store is not None:
        _store.keep(_KIND, name, data)
