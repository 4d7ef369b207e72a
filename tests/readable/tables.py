"""Tables and kinds of segments, parsed from their pages in `docs/tables`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.readable.expressions import Formula, Point, parse, split
from tests.readable.field import K
from tests.readable.reader import RefusedError

DOCUMENTS = Path(__file__).parents[2] / "docs" / "tables"

SCOPES = ("local", "global")

MESSAGE = re.compile(r"(?:[0-9]+\. )?(send|receive) (\w+) \((.*)\) times (.*)")

REQUIREMENT = re.compile(r"([^:]+): (.*?) (?:below 2\^([0-9]+)|is not 0)")


@dataclass(frozen=True)
class Message:
    """What a row, or the verifier, puts on a bus (sign 1) or takes from it (sign -1)."""

    scope: str
    bus: int
    elements: Sequence[Formula]
    sign: int
    times: Formula

    def fraction(self, point: Point, alpha: K, beta: K) -> tuple[K, K]:
        """Signed multiplicity and denominator: alpha + bus + sum of beta^j element_j, j from 1."""
        denominator, power = alpha + self.bus, beta
        for element in self.elements:
            denominator = denominator + power * element(point)
            power = power * beta
        return self.times(point) * self.sign, denominator


@dataclass(frozen=True)
class Table:
    """A table: columns by number, own constraints and messages in their order.

    Attributes:
        following: main columns that are read at the next row, ascending.
        shared: named expressions in the order of definition.
    """

    name: str
    preprocessed: Sequence[str]
    main: Sequence[str]
    following: Sequence[int]
    shared: Mapping[str, Formula]
    constraints: Sequence[Formula]
    messages: Sequence[Message]

    @property
    def scopes(self) -> list[str]:
        """Scopes in which the table speaks, local before global."""
        return [scope for scope in SCOPES if self.of_scope(scope)]

    def of_scope(self, scope: str) -> list[Message]:
        """Messages of one scope, in order."""
        return [one for one in self.messages if one.scope == scope]

    def clusters(self, scope: str) -> list[list[Message]]:
        """The messages of each stage-2 column of one scope: two, or one in the last."""
        messages = self.of_scope(scope)
        return [messages[start : start + 2] for start in range(0, len(messages), 2)]

    @property
    def stage2(self) -> int:
        """Number of stage-2 columns over K."""
        return sum(len(self.clusters(scope)) for scope in SCOPES)

    @property
    def running_sums(self) -> list[int]:
        """Numbers of the stage-2 columns that are read at the next row: the last of each scope."""
        ends = [len(self.clusters("local")) - 1, self.stage2 - 1]
        return [ends[SCOPES.index(scope)] for scope in self.scopes]

    def weigh(self, sign: int) -> int:
        """How many messages a row sends (1) or receives (-1) on global buses."""
        return sum(1 for one in self.of_scope("global") if one.sign == sign)


@dataclass(frozen=True)
class Requirement:
    """What a formula of public values must be: below 2^bits, or not zero where there are no bits."""

    meaning: str
    formula: Formula
    bits: int | None

    def check(self, publics: Mapping[str, int]) -> None:
        """Refuse public values that do not meet this."""
        value, *rest = self.formula(Point(publics=publics)).coefficients
        if any(rest) or (value == 0 if self.bits is None else value >= 1 << self.bits):
            raise RefusedError(f"{self.meaning}: public values {dict(publics)} are refused")


@dataclass(frozen=True)
class Kind:
    """A kind of segment: tables in order of their ids, public values, the verifier's own messages.

    `sponges` has for each table the number of its own sponge, or "leaf".
    """

    number: int
    log_size: int
    tables: Sequence[Table]
    greatest_heights: Sequence[int]
    fixed: Sequence[bool]
    sponges: Sequence[str]
    publics: Sequence[str]
    requirements: Sequence[Requirement]
    terms: Sequence[Message]


def read_kind(page: str, folder: Path = DOCUMENTS) -> Kind:
    """A kind from its page, and its tables from theirs in the same folder."""
    text = (folder / page).read_text(encoding="utf-8")
    ((number, log_size),) = _grid(text.partition("\n## ")[0])
    rows = _grid(_section(text, "Tables"))
    buses = _buses(text)
    return Kind(
        int(number),
        int(log_size),
        [read_table((folder / row[1].split("(")[1].rstrip(")")).read_text(encoding="utf-8")) for row in rows],
        [int(row[2]) for row in rows],
        [row[3] == "fixed" for row in rows],
        [row[4] for row in rows],
        [row[1].strip("`") for row in _grid(_section(text, "Public values"))],
        [_requirement(line) for line in _lines(text, "Requirements")],
        [_message(line, buses) for line in _lines(text, "Public terms")],
    )


def read_table(text: str) -> Table:
    """A table from the text of its page."""
    columns = _grid(_section(text, "Columns"))
    main = [row for row in columns if row[0] == "main"]
    buses = _buses(text)
    shared = (line.split(" = ") for line in _lines(text, "Shared expressions"))
    return Table(
        text.partition("\n")[0].removeprefix("# "),
        [row[2].strip("`") for row in columns if row[0] == "preprocessed"],
        [row[2].strip("`") for row in main],
        [int(row[1]) for row in main if row[3] == "read"],
        {name.removeprefix("#"): parse(formula) for name, formula in shared},
        [parse(line.partition(": ")[2].removesuffix(" = 0")) for line in _lines(text, "Constraints")],
        [_message(line, buses) for line in _lines(text, "Messages")],
    )


def _message(line: str, buses: Mapping[str, tuple[int, str]]) -> Message:
    match = MESSAGE.fullmatch(line)
    if match is None:
        raise ValueError(f"{line!r} is not a message in the notation of docs/tables/index.md")
    verb, bus, elements, times = match.groups()
    number, scope = buses[bus]
    formulas = [parse(element) for element in split(elements)]
    return Message(scope, number, formulas, 1 if verb == "send" else -1, parse(times))


def _requirement(line: str) -> Requirement:
    match = REQUIREMENT.fullmatch(line)
    if match is None:
        raise ValueError(f"{line!r} is not a requirement in the notation of docs/tables/index.md")
    meaning, formula, bits = match.groups()
    return Requirement(meaning, parse(formula), None if bits is None else int(bits))


def _buses(text: str) -> dict[str, tuple[int, str]]:
    """Number and scope of each bus by name."""
    return {row[0]: (int(row[1]), row[2]) for row in _grid(_section(text, "Buses"))}


def _section(text: str, title: str) -> str:
    """The text of a section; empty if the page has none."""
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def _grid(text: str) -> list[list[str]]:
    """The rows of a table in Markdown, without its head."""
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def _lines(text: str, title: str) -> list[str]:
    """The lines of a section's block."""
    return _section(text, title).partition("```text\n")[2].partition("```")[0].splitlines()
