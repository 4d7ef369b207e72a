"""What a bench prints: figures with their bounds, as a table for people or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from support.machine import describe_machine


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured or counted number.

    Attributes:
        key: its name in JSON.
        text: its name for people.
        bound: what it should keep to; None where nothing was promised.
        at_least: whether the bound is a lower one.
    """

    key: str
    text: str
    value: float
    unit: str = ""
    bound: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        """Whether it keeps to its bound."""
        if self.bound is None:
            return None
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def show(title: str, figures: Sequence[Figure], details: Mapping[str, Any], as_json: bool) -> None:
    """Print a bench's figures; `details` are parts of the JSON that are no single figures."""
    if as_json:
        print(json.dumps(_as_dict(title, figures, details), indent=2))
        return
    table = Table(
        title=title, title_justify="left", caption=describe_machine()["text"], caption_justify="left"
    )
    for name in ("figure", "value", "bound", "met"):
        table.add_column(name, justify="left" if name in ("figure", "met") else "right")
    for one in figures:
        bound = "" if one.bound is None else f"{'≥' if one.at_least else '≤'} {_number(one.bound)}"
        verdict = {None: "", True: "yes", False: "NO"}[one.met]
        table.add_row(one.text, f"{_number(one.value)} {one.unit}".strip(), bound, verdict)
    Console().print(table)


def _as_dict(title: str, figures: Sequence[Figure], details: Mapping[str, Any]) -> dict[str, Any]:
    bounds = {
        one.key: {"bound": one.bound, "at_least": one.at_least, "met": one.met}
        for one in figures
        if one.bound is not None
    }
    values = {one.key: one.value for one in figures}
    return {"bench": title, "machine": describe_machine(), **values, "bounds": bounds, **details}


def _number(value: float) -> str:
    if isinstance(value, int) or abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"
