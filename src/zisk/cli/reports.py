"""What a command prints when it is done: lines for people, or one JSON object."""

import io
import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from zisk.printable import printable


def escape_what_cannot_be_encoded() -> None:
    """Have standard output show what its encoding does not have as an escape, instead of raising an error.

    Names of files are bytes, and not all of them are text.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def print_report(report: Mapping[str, Any], lines: Iterable[tuple[str, str]], *, as_json: bool) -> None:
    """Print a report on standard output.

    `report` is the whole of it, made of JSON values.
    `lines` are the label and text of each line for people, printed when `as_json` is false.
    """
    if as_json:
        print(json.dumps(report, separators=(", ", ": ")))
        return
    shown = list(lines)
    width = max((len(label) for label, _ in shown), default=0)
    for label, text in shown:
        print(f"{label:<{width}}  {printable(text)}".rstrip())


def outputs_text(outputs: Iterable[int]) -> str:
    """The public words in hexadecimal, without the zeros at the end."""
    words = list(outputs)
    while words and words[-1] == 0:
        words.pop()
    return " ".join(f"{word:08x}" for word in words) if words else "none"


def outputs_bytes(outputs: Iterable[int]) -> bytes:
    """The 64 public words as the 256 bytes that the guest wrote."""
    return b"".join(word.to_bytes(4, "little") for word in outputs)


def rate_text(count: int, seconds: float, unit: str) -> str:
    """A speed in three digits and a prefix, such as "12.3 M cycles/s"."""
    speed = count / seconds if seconds > 0 else 0.0
    for prefix, scale in (("G ", 1e9), ("M ", 1e6), ("k ", 1e3)):
        if speed >= scale:
            return f"{speed / scale:.3g} {prefix}{unit}/s"
    return f"{speed:.3g} {unit}/s"


def size_text(count: int) -> str:
    """A number of bytes with a binary prefix."""
    if count < 1 << 10:
        return f"{count} bytes"
    if count < 1 << 20:
        return f"{count / (1 << 10):.1f} KiB"
    return f"{count / (1 << 20):.1f} MiB"
