"""Tables and buses of a segment."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from drawing.canvas import LETTER, WIDTH, Canvas
from drawing.example import SEGMENTS
from zisk.choices import DEFAULT_LOG_SIZE
from zisk.stark.air import Bus
from zisk.stark.expression import Scope
from zisk.stark.kind import Kind
from zisk.stark.public_values import PublicTerm, Term
from zisk.vm.kinds import KINDS, core_families
from zisk.vm.memory_map import OUTPUT_WORDS
from zisk.vm.segment_kind import JobValues
from zisk.vm.tables import buses

NAMES_X, BUS_X, BUS_STEP, LINE, HEADER = 20, 390, 42, 30, 120


@dataclass(frozen=True)
class Row:
    """Tables that speak on the same buses in the same way: what they are, and what each bus has of them."""

    names: tuple[str, ...]
    sends: frozenset[str]
    receives: frozenset[str]


def _rows(kind: Kind) -> list[Row]:
    """The tables of a kind: those that execute steps, those that have words, those that answer."""
    families = core_families(kind.log_size) if kind.name == "core" else (None,) * len(kind.tables)
    signatures: dict[tuple[int, frozenset[str], frozenset[str]], list[str]] = {}
    for air, family in zip(kind.airs, families, strict=True):
        sends = frozenset(one.bus.name for one in air.interactions if one.sent)
        receives = frozenset(one.bus.name for one in air.interactions if not one.sent)
        order = 0 if family is not None else 1 if sends else 2
        signatures.setdefault((order, sends, receives), []).append(air.name)
    ordered = sorted(signatures.items(), key=lambda item: (item[0][0], -len(item[1]), item[1]))
    return [Row(tuple(names), sends, receives) for (_, sends, receives), names in ordered]


def _terms(name: str, terms: Sequence[PublicTerm | Term]) -> Row:
    return Row(
        (name,),
        frozenset(term.bus.name for term in terms if term.multiplicity > 0),
        frozenset(term.bus.name for term in terms if term.multiplicity < 0),
    )


def _all_buses() -> list[Bus]:
    known = [bus for bus in vars(buses).values() if isinstance(bus, Bus)]
    return sorted(known, key=lambda bus: bus.number)


def _meanings() -> dict[str, str]:
    """What the code says of each bus, in its first sentence."""
    body = ast.parse(inspect.getsource(buses)).body
    meanings = {}
    for one, following in pairwise(body):
        match one, following:
            case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(text))):
                bus = getattr(buses, name)
                meanings[bus.name] = text.split(";")[0].split("\n")[0].rstrip(".")
            case _:
                pass
    return meanings


def tables() -> str:
    """Which tables of a segment speak on which buses, and where segments meet."""
    shown = _all_buses()
    places = {bus.name: BUS_X + BUS_STEP * number for number, bus in enumerate(shown)}
    canvas = Canvas("Tables and buses of a segment")
    canvas.text(20, 26, f"Tables and buses of segments of size {DEFAULT_LOG_SIZE}", "title")
    canvas.dot(26, 48, filled=True)
    canvas.text(38, 52, "sends", "faint")
    canvas.dot(86, 48, filled=False)
    canvas.text(98, 52, "receives", "faint")
    canvas.text(20, 74, "A bus is in balance: what is sent is received.", "faint")
    canvas.text(20, 90, "A local bus balances in each segment (short lines),", "faint")
    canvas.text(20, 106, "a global one in the whole job (long lines).", "faint")
    for bus in shown:
        x = places[bus.name]
        canvas.parts.append(f'<g transform="translate({x + 4:g} {HEADER - 8}) rotate(-50)">')
        canvas.text(0, 0, bus.name, "strong" if bus.scope is Scope.GLOBAL else "")
        canvas.parts.append("</g>")
    blocks: list[tuple[str, str, list[Row]]] = []
    for segments in KINDS:
        kind = segments.of_job(DEFAULT_LOG_SIZE)
        rows = [*_rows(kind), _terms("public values of the segment", kind.terms)]
        blocks.append((kind.name, f"{kind.name} segment: {len(kind.tables)} tables", rows))
    outputs = (0,) * (2 * OUTPUT_WORDS)
    own = [
        term
        for kind in KINDS
        for term in kind.job_terms(JobValues(0, 0, outputs, SEGMENTS[kind.name], (0,) * len(kind.claims)))
    ]
    blocks.append(("shared", "job", [_terms("entry, exit code, outputs, numbers of segments", own)]))
    end = HEADER + sum(LINE * len(rows) + 44 for _, _, rows in blocks)
    marks = Canvas("")
    y = float(HEADER)
    for style, title, rows in blocks:
        height = LINE * len(rows) + 32
        canvas.box(10, y, WIDTH - 20, height, "band", corner=6)
        canvas.box(10, y, 6, height, style, corner=2)
        canvas.text(NAMES_X + 6, y + 20, title, "strong")
        for row in rows:
            for bus in shown:
                if bus.scope is Scope.LOCAL and bus.name in row.sends | row.receives:
                    x = places[bus.name]
                    marks.line(x, y + 24, x, y + height - 8, "hair")
        y += height + 12
    for bus in shown:
        if bus.scope is Scope.GLOBAL:
            canvas.line(places[bus.name], HEADER + 8, places[bus.name], end - 20, "hair")
    canvas.parts += dict.fromkeys(marks.parts)
    y = float(HEADER)
    for _, _, rows in blocks:
        for number, row in enumerate(rows):
            _draw_row(canvas, row, y + 32 + LINE * number + 12, places)
        y += LINE * len(rows) + 44
    for number, (name, meaning) in enumerate(_meanings().items()):
        canvas.text(20, end + 18 + 18 * number, name, "strong")
        canvas.text(110, end + 18 + 18 * number, meaning, "faint")
    return canvas.svg(end + 18 * len(shown) + 16)


def _draw_row(canvas: Canvas, row: Row, y: float, places: Mapping[str, float]) -> None:
    lines = [""]
    for name in row.names:
        longer = f"{lines[-1]}, {name}" if lines[-1] else name
        if LETTER * len(longer) > BUS_X - NAMES_X - 14:
            lines[-1] += ","
            lines.append(name)
        else:
            lines[-1] = longer
    for number, line in enumerate(lines):
        canvas.text(NAMES_X + 6, y + 4 + 14 * (number - (len(lines) - 1) / 2), line)
    for name, x in places.items():
        sent, received = name in row.sends, name in row.receives
        if sent:
            canvas.dot(x - (7 if received else 0), y, filled=True)
        if received:
            canvas.dot(x + (7 if sent else 0), y, filled=False)
