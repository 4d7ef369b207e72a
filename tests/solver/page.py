"""The page `docs/shown.md`: what is on it, and how it is read back."""

from __future__ import annotations

import re
from dataclasses import astuple, dataclass
from pathlib import Path

from tests.solver.all_claims import all_claims
from tests.solver.claim import Claim
from tests.solver.digests import air_digest, source_digest
from tests.solver.drop_one import EXCEPTIONS, tables

PAGE = Path(__file__).parents[2] / "docs" / "shown.md"

OPENING = Path(__file__).with_name("opening.md")
"""What the page opens with."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Figures of leaving out the parts of one table, by what came of it."""

    refuted: int
    undecided: int
    unnoticed: int


@dataclass(frozen=True, slots=True)
class Record:
    """What a page says: processor seconds of each claim by name, and of each table drop-one and digests."""

    seconds: dict[str, str]
    dropped: dict[str, Dropped]
    digests: dict[str, tuple[str, str]]


def current_digests(table: str) -> tuple[str, str]:
    """Digests of a table's AIRs and of the code of its claims, as they are now."""
    return air_digest(table), source_digest(table)


def written(record: Record) -> str:
    """The text of the page; rows are there for what the record has."""
    claims = [claim for claim in all_claims() if claim.name in record.seconds]
    lines = [
        OPENING.read_text(),
        "## Claims\n",
        _head("table", "operation", "what is shown", "how", "sizes", "s"),
    ]
    lines += [f"{_row(claim)} {record.seconds[claim.name]} |" for claim in claims]
    lines += ["", "## Left out, one at a time\n", _LEFT_OUT, _head(*_FIGURES)]
    known = [table for table in tables() if table in record.dropped]
    figures = {table: astuple(record.dropped[table]) for table in known}
    figures["together"] = tuple(map(sum, zip(*figures.values(), strict=True)))
    lines += [f"| {table} | {' | '.join(map(str, (sum(one), *one)))} |" for table, one in figures.items()]
    lines += ["", "Not noticed, and why:\n"]
    lines += [_head("table", "part", "reason")]
    lines += [
        f"| {table} | {part} | {why} |" for table in known for part, why in EXCEPTIONS.get(table, {}).items()
    ]
    lines += ["", "## Digests\n", "Of each table's AIRs, and of the code that shows its claims.\n"]
    lines += [_head("table", "AIRs", "claims")]
    shown = [(table, *record.digests[table]) for table in tables() if table in record.digests]
    lines += [f"| {table} | `{airs}` | `{code}` |" for table, airs, code in shown]
    return "\n".join(lines) + "\n"


_LEFT_OUT = (
    "Each constraint and each message of a table is left out once, and some claim of the table must notice: "
    "a counter-example refutes it, or the solver cannot decide it any more, which fails its test too.\n"
)
_FIGURES = ("table", "parts", "refuted", "not decided", "not noticed")


def read() -> Record:
    """What the page says; nothing where there is none yet."""
    text = PAGE.read_text() if PAGE.exists() else ""
    seconds = {}
    for claim in all_claims():
        found = re.search(re.escape(_row(claim)) + r" ([\d.]+) \|$", text, re.MULTILINE)
        if found:
            seconds[claim.name] = found[1]
    dropped = {
        table: Dropped(*map(int, figures.split(" | ")))
        for table, figures in re.findall(r"^\| (\w+) \| \d+ \| (\d+ \| \d+ \| \d+) \|$", text, re.MULTILINE)
        if table != "together"
    }
    digests = {
        table: (airs, code)
        for table, airs, code in re.findall(r"^\| (\w+) \| `(\w+)` \| `(\w+)` \|$", text, re.MULTILINE)
    }
    return Record(seconds, dropped, digests)


def rows_on_page() -> list[str]:
    """The rows of claims, as they stand on the page, without times."""
    text = PAGE.read_text() if PAGE.exists() else ""
    return [line.rpartition("|")[0].rpartition("|")[0] + "|" for line in _claim_lines(text)]


def rows_wanted() -> list[str]:
    """The rows of the registered claims, without times."""
    return [_row(claim) for claim in all_claims()]


def _claim_lines(text: str) -> list[str]:
    section = text.partition("## Claims\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| ")][1:]


def _row(claim: Claim) -> str:
    sizes = ", ".join(map(str, claim.sizes)) or "any"
    return f"| {claim.table} | {claim.subject} | {claim.statement} | {claim.method} | {sizes} |"


def _head(*names: str) -> str:
    return f"| {' | '.join(names)} |\n|{'|'.join(['---'] * len(names))}|"
