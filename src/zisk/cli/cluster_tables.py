"""What `zisk cluster` prints: tables that fit the terminal, ages, and messages as JSON."""

import json
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from zisk.printable import printable

if TYPE_CHECKING:
    from google.protobuf.message import Message

_LEAST_LETTERS = 8
"""Letters of an id that are shown at least; more where these would fit several."""

_UNBOUNDED = 10_000
"""Width of a table that no terminal bounds."""


def print_json(message: "Message") -> None:
    """Print a message as one JSON object on one line; what is not known is null."""
    print(json.dumps(_as_dict(message), separators=(", ", ": ")), flush=True)


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows below their headings; on a terminal the widest cells are cut until a row fits a line."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="")
    for heading in headings:
        table.add_column(heading, overflow="ellipsis")
    for row in rows:
        table.add_row(*(Text(printable(cell), no_wrap=True, overflow="ellipsis") for cell in row))
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _UNBOUNDED)
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        print(line.rstrip())


def print_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    """Print labels and what they stand for, those without a text left out."""
    shown = [(label, text) for label, text in pairs if text]
    width = max((len(label) for label, _ in shown), default=0)
    for label, text in shown:
        print(f"{label:<{width}}  {printable(text)}")


def short_ids(ids: Iterable[str]) -> dict[str, str]:
    """How each id begins, in as many letters as tell them all apart."""
    whole = list(dict.fromkeys(ids))
    letters = _LEAST_LETTERS
    while len({each[:letters] for each in whole}) < len(whole):
        letters += 1
    return {each: each[:letters] for each in whole}


def span_text(seconds: float) -> str:
    """A length of time in its two or three first digits."""
    if seconds < 100:
        return f"{max(0.0, seconds):.0f} s"
    if seconds < 100 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 100 * 3600 else f"{seconds / 86400:.0f} d"


def since_text(instant: float) -> str:
    """How long ago an instant was, by the clock of this machine."""
    return span_text(time.time() - instant)


def instant_text(instant: float) -> str:
    """An instant as it is written in UTC, to the second."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _as_dict(message: "Message") -> dict[str, Any]:
    """The fields of a message in the order of the protocol."""
    from google.protobuf.message import Message

    def value_of(value: Any) -> Any:
        return _as_dict(value) if isinstance(value, Message) else value

    report: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if field.is_repeated:
            report[field.name] = [value_of(each) for each in value]
        else:
            known = not field.has_presence or message.HasField(field.name)
            report[field.name] = value_of(value) if known else None
    return report
