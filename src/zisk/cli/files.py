"""Reading the files that a command is given, with bounds checked before anything is read."""

import os
import stat
from pathlib import Path
from urllib.parse import unquote, urlsplit

from zisk.cli.failures import CommandError
from zisk.cluster.protocol.limits import MAX_PROGRAM_BYTES, MAX_PROOF_BYTES
from zisk.errors import ErrorKind

ELF_LIMIT = MAX_PROGRAM_BYTES
"""Largest guest program, in bytes: what a cluster takes as well."""

INPUT_LIMIT = 1 << 30
"""Largest input file, in bytes: the size of the input region of the ZisK map. The machine may take less."""

PROOF_LIMIT = MAX_PROOF_BYTES
"""Largest proof, in bytes: what a client takes from a coordinator as well."""


def read_bounded(path: str, *, what: str, limit: int, magic: bytes = b"") -> bytes:
    """The bytes of a regular file or a pipe, refused before reading where it is larger than `limit`.

    `what` names the file's role in messages, such as "proof"; `path` may be a file URI.
    Where the file does not start with `magic`, nothing beyond that is read, and that much is returned:
    enough for its reader to refuse it.
    Raises CommandError with INPUT, saying what to do.
    """
    place = local_path(path, what=what)
    try:
        descriptor = os.open(place, os.O_RDONLY)
    except FileNotFoundError:
        raise CommandError(
            ErrorKind.INPUT, f"{what} {path}: no such file; check the path, or make the file first"
        ) from None
    except OSError as error:
        raise CommandError(
            ErrorKind.INPUT, f"{what} {path}: {error.strerror}; check path and permissions"
        ) from None
    try:
        status = os.fstat(descriptor)
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISFIFO(status.st_mode)):
            raise CommandError(
                ErrorKind.INPUT, f"{what} {path}: neither a file nor a pipe; name the {what} file itself"
            )
        if status.st_size > limit:
            raise _too_large(path, what, f"{status.st_size:,} bytes", limit)
        with open(descriptor, "rb", closefd=False) as file:
            data = file.peek(len(magic))[: len(magic)]
            if magic.startswith(data):
                data = file.read(limit + 1)
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise _too_large(path, what, "more", limit)
    return data


def local_path(path: str, *, what: str) -> Path:
    """The local path of a path or a file URI.

    Raises CommandError with USAGE for any other kind of URI, and for what can be no path.
    """
    place = path
    if "://" in path:
        try:
            parts = urlsplit(path)
        except ValueError:
            raise CommandError(
                ErrorKind.USAGE, f"{what} {path}: this is no URI; write file:///PATH, or the path alone"
            ) from None
        if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
            raise CommandError(
                ErrorKind.USAGE,
                f"{what} {path}: only paths and file:// URIs can be read here; fetch the file first",
            )
        place = unquote(parts.path)
    if "\0" in place:
        raise CommandError(
            ErrorKind.USAGE, f"{what} {path}: a path cannot have a zero byte in it; check the path"
        )
    return Path(place)


def _too_large(path: str, what: str, size: str, limit: int) -> CommandError:
    """The refusal of a file beyond its bound."""
    return CommandError(
        ErrorKind.INPUT,
        f"{what} {path}: {size} where at most {limit:,} bytes are taken; check that this is the {what} meant",
    )
