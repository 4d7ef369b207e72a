"""The pages of the tables mean what the code of the tables means."""

import random
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path

import pytest

from tests.readable.expressions import Point, parse
from tests.readable.field import K, P
from tests.readable.reader import RefusedError
from tests.readable.tables import DOCUMENTS, Message, Requirement, Table, read_kind, read_table
from zisk.field import quintic
from zisk.field.quintic import Element
from zisk.recursion.shapes import final_kind
from zisk.stark.air import Air, Interaction
from zisk.stark.challenges import BusChallenge
from zisk.stark.expression import Expression, Operation, Scope, Selector, Trace
from zisk.stark.kind import Kind
from zisk.vm.kinds import core_kind, edges_kind

KINDS = {
    **{f"core-{size}.md": core_kind(size) for size in (16, 18, 20, 22)},
    "edges.md": edges_kind(),
    "circuit.md": final_kind(),
}

ALPHA, BETA = (1, 2, 3, 4, 5), (9, 8, 7, 6, 5)


def random_point(air: Air, seed: int) -> Point:
    """A value for everything that formulas of a table may read."""
    source = random.Random(seed)
    names = (*air.preprocessed_names, *air.main_names)
    draw = {name: K([source.randrange(P) for _ in range(5)]) for name in names}
    following = {name: K([source.randrange(P) for _ in range(5)]) for name in names}
    selectors = {name: K([source.randrange(P) for _ in range(5)]) for name in ("first", "last", "transition")}
    return Point(draw, following, {name: source.randrange(P) for name in air.public_names}, selectors)


class Code:
    """Evaluates expressions of the code at a point, with the package's field."""

    def __init__(self, air: Air, point: Point) -> None:
        self._air, self._point = air, point
        self._known: dict[Expression, Element] = {}

    def value(self, node: Expression) -> Element:
        """An expression's value."""
        if node not in self._known:
            self._known[node] = self._compute(node)
        return self._known[node]

    def _compute(self, node: Expression) -> Element:
        values = [self.value(argument) for argument in node.arguments]
        match node.operation:
            case Operation.CONSTANT:
                return quintic.from_base(node.payload)
            case Operation.PUBLIC:
                return quintic.from_base(self._point.publics[self._air.public_names[node.payload]])
            case Operation.SELECTOR:
                return element(self._point.selectors[Selector(node.payload).name.lower()])
            case Operation.COLUMN:
                trace, index, following = node.payload
                names = self._air.main_names if trace is Trace.MAIN else self._air.preprocessed_names
                return element((self._point.following if following else self._point.columns)[names[index]])
            case Operation.ADD:
                return quintic.add(*values)
            case Operation.SUB:
                return quintic.sub(*values)
            case Operation.MUL:
                return quintic.mul(*values)
            case _:
                raise AssertionError(node.operation)

    def message(self, one: Interaction) -> tuple[object, ...]:
        """Bus, signed multiplicity and elements."""
        elements = [self.value(part) for part in one.message]
        return one.bus.number, one.bus.scope.name.lower(), self.value(one.multiplicity), elements


def element(value: K) -> Element:
    """An element of K as the package writes it."""
    return quintic.element(value.coefficients)


def check_table(air: Air, table: Table, seed: int) -> None:
    """Every number, constraint and message of a page is that of the code."""
    assert (table.name, tuple(table.preprocessed), tuple(table.main)) == (
        air.name,
        air.preprocessed_names,
        air.main_names,
    )
    assert tuple(table.following) == air.next_main_columns
    assert table.stage2 == air.stage2_width
    assert tuple(table.running_sums) == air.running_sum_columns
    point = random_point(air, seed)
    for name, formula in table.shared.items():
        point.shared[name] = formula(point)
    code = Code(air, point)
    expected = [code.value(one.expression) for one in air.own_constraints]
    assert [element(one(point)) for one in table.constraints] == expected
    assert [message_values(one, point) for one in table.messages] == [
        code.message(one) for one in air.interactions
    ]


def message_values(one: Message, point: Point) -> tuple[object, ...]:
    """Bus, signed multiplicity and elements, from a page."""
    elements = [element(part(point)) for part in one.elements]
    return one.bus, one.scope, element(one.times(point) * one.sign), elements


@pytest.mark.parametrize("page", KINDS)
def test_pages_mean_what_the_tables_mean(page: str) -> None:
    kind, read = KINDS[page], read_kind(page)
    assert (read.number, read.log_size, tuple(read.publics)) == (
        kind.number,
        kind.log_size,
        kind.public_names,
    )
    assert list(read.greatest_heights) == [table.max_log_height for table in kind.tables]
    assert list(read.fixed) == [air.preprocessed_width > 0 for air in kind.airs]
    for number, (air, table) in enumerate(zip(kind.airs, read.tables, strict=True)):
        check_table(air, table, seed=number)


def as_many(values: Sequence[int], kind: Kind) -> tuple[int, ...]:
    """As many public values as a kind has, the given ones over and over."""
    return tuple(islice(cycle(values), len(kind.public_names)))


@pytest.mark.parametrize("page", KINDS)
def test_public_terms_are_those_of_the_code(page: str) -> None:
    kind, read = KINDS[page], read_kind(page)
    for publics in ((1, 2, 134217728, 5), (7, 0, 3, 4001)):
        values = as_many(publics, kind)
        named = kind.public_values(values)
        challenge = BusChallenge(ALPHA, BETA)
        expected = [
            (
                one.bus.number,
                one.bus.scope is Scope.GLOBAL,
                one.multiplicity,
                challenge.fingerprint(one.bus.number, one.message),
            )
            for one in kind.public_terms(values)
        ]
        found = []
        for term in read.terms:
            count, denominator = term.fraction(Point(publics=named), K(ALPHA), K(BETA))
            signed = 1 if count == 1 else -1 if count == P - 1 else 0
            found.append((term.bus, term.scope == "global", signed, denominator.coefficients))
        assert found == expected


def met(read: Sequence[Requirement], publics: dict[str, int]) -> list[str]:
    """The meanings of the requirements that public values meet, from a page."""
    found = []
    for one in read:
        with suppress(RefusedError):
            one.check(publics)
            found.append(one.meaning)
    return found


@pytest.mark.parametrize("page", KINDS)
def test_requirements_are_those_of_the_code(page: str) -> None:
    kind, read = KINDS[page], read_kind(page)
    assert [one.meaning for one in read.requirements] == [one.sentence for one in kind.requirements]
    longest = 4 * 2**kind.log_size + 1
    cases = [
        (index, pc_in, 9, end_ts)
        for index in (0, 1, (1 << 24) - 1, 1 << 24, P - 1)
        for pc_in in (0, (1 << 27) - 1, 1 << 27)
        for end_ts in (0, 1, 5, 6, 9, longest, longest + 1, longest + 4)
    ]
    allowed = 0
    for case in cases:
        values = as_many(case, kind)
        expected = [one.sentence for one in kind.requirements if one.is_met(values)]
        assert met(read.requirements, kind.public_values(values)) == expected
        allowed += not kind.unmet(values)
    assert allowed == (2 * 2 * 3 if kind.requirements else len(cases))


def test_what_is_no_requirement_is_refused(tmp_path: Path) -> None:
    text = (DOCUMENTS / "edges.md").read_text() + "\n## Requirements\n\n```text\n@index is odd\n```\n"
    for page in DOCUMENTS.glob("*.md"):
        (tmp_path / page.name).write_text(page.read_text())
    (tmp_path / "edges.md").write_text(text)
    with pytest.raises(ValueError, match="not a requirement"):
        read_kind("edges.md", tmp_path)


@pytest.mark.parametrize(
    "text", ["", "a +", "(a", "a)", "a b", "2 ** 3", "a ? b", "- -a", "#", "a -- b", "1/"]
)
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not in the notation"):
        parse(text)


def test_formulas() -> None:
    point = Point(
        {"a[0]": K.of(5), "b": K.of(7)}, {"b": K.of(11)}, {"n": 3}, {"first": K.of(2)}, {"x_1": K.of(13)}
    )
    texts = ["-a[0] + b * 2", "b' - (b - 0x10) * @n", "1/2 * $first * #x_1", "-(a[0] - b)"]
    assert [parse(text)(point) for text in texts] == [K.of(value) for value in (9, 38, 13, 2)]


def test_a_page_that_is_damaged_is_refused() -> None:
    text = (DOCUMENTS / "logic.md").read_text().replace("1. receive", "1. accept")
    with pytest.raises(ValueError, match="not a message"):
        read_table(text)
