"""The two files that nearly every command reads: the guest program and its input."""

from zisk.cli.files import ELF_LIMIT, INPUT_LIMIT, read_bounded


def read_elf(path: str) -> bytes:
    """The bytes of a guest program; whether they are one is for the loader to say."""
    return read_bounded(path, what="guest program", limit=ELF_LIMIT)


def read_input(path: str | None) -> bytes:
    """The bytes of the guest's input; empty where none is named."""
    if path is None:
        return b""
    return read_bounded(path, what="input", limit=INPUT_LIMIT)
