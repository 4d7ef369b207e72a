"""Pages of documentation from AIRs and kinds: Markdown for people that a program parses without doubt.

`docs/tables/index.md` defines the notation. LogUp's own constraints follow from the messages by the rule in
`docs/soundness.md` and are not listed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from types import MappingProxyType

from zisk.field.koalabear import P
from zisk.stark.air import Air, Bus, Interaction
from zisk.stark.errors import AirError
from zisk.stark.expression import Expression, Operation, Selector, Trace, lift
from zisk.stark.kind import Kind
from zisk.stark.public_values import Below

NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*(\[[0-9]+\])?")
"""What a column or public value may be called, so that it needs no quotes."""


def describe_air(air: Air, about: str = "") -> str:
    """The page of one table: columns, public values, constraints and messages.

    Args:
        air: the table.
        about: prose that opens the page, in Markdown.

    Raises:
        AirError: a name cannot be written in the notation, or stands for two columns.
    """
    _check_names(air)
    counts = [_count(one) for one in air.interactions]
    roots = [one.expression for one in air.own_constraints]
    for one, count in zip(air.interactions, counts, strict=True):
        roots += [*one.message, count]
    columns = {Trace.PREPROCESSED: air.preprocessed_names, Trace.MAIN: air.main_names}
    writer = _Writer(f"table {air.name}", air.public_names, columns, _flags(air), roots)
    constraints = [f"{one.name}: {writer.write(one.expression)} = 0" for one in air.own_constraints]
    messages = [
        f"{number}. {'send' if one.sent else 'receive'} {one.bus.name} "
        f"({', '.join(writer.write(element) for element in one.message)}) times {writer.write(count)}"
        for number, (one, count) in enumerate(zip(air.interactions, counts, strict=True), 1)
    ]
    return _page(
        f"# {air.name}",
        about,
        *_section("Columns", _grid("trace | number | name | next row", _column_rows(air))),
        *_section("Public values", _numbered(air.public_names)),
        *_section("Shared expressions", _block(writer.definitions())),
        *_section("Constraints", _block(constraints)),
        *_section("Buses", bus_grid(one.bus for one in air.interactions)),
        *_section("Messages", _block(messages)),
    )


def describe_kind(kind: Kind, pages: Sequence[str]) -> str:
    """The page of a kind: its tables in order of their ids, public values, what they must be and stand for.

    Args:
        kind: the kind.
        pages: for each table, the file name of its page.

    Raises:
        AirError: a public value's name cannot be written in the notation.
    """
    for name in kind.public_names:
        _check_name(kind.name, name)
    writer = _Writer(kind.name, kind.public_names)
    requirements = [
        f"{one.sentence}: {writer.write(one.value)} "
        + (f"below 2^{one.bits}" if isinstance(one, Below) else "is not 0")
        for one in kind.requirements
    ]
    terms = [
        f"{'send' if one.multiplicity > 0 else 'receive'} {one.bus.name} "
        f"({', '.join(writer.write(element) for element in one.message)}) times 1"
        for one in kind.terms
    ]
    tables = (
        f"{place} | [{table.air.name}]({page}) | {table.max_log_height} "
        f"| {'fixed' if table.air.preprocessed_width else 'claimed'} | {sponge}"
        for place, (table, page, sponge) in enumerate(zip(kind.tables, pages, _sponges(kind), strict=True))
    )
    return _page(
        f"# Kind: {kind.name}, size {kind.log_size}",
        _grid("number | log2 size", [f"{kind.number} | {kind.log_size}"]),
        *_section("Tables", _grid("id | table | greatest log2 height | height | sponge", tables)),
        *_section("Public values", _numbered(kind.public_names)),
        *_section("Requirements", _block(requirements)),
        *_section("Buses", bus_grid(one.bus for one in kind.terms)),
        *_section("Public terms", _block(terms)),
    )


def _sponges(kind: Kind) -> list[str]:
    """For each table the number of its own sponge, or that it is in the leaf's."""
    own = [str(number) for number, count in enumerate(kind.sponges, 1) for _ in range(count)]
    return [*own, *["leaf"] * (len(kind.tables) - len(own))]


def bus_grid(buses: Iterable[Bus]) -> str:
    """A table of buses, each once."""
    return _grid(
        "bus | id | scope | length",
        (
            f"{bus.name} | {bus.number} | {bus.scope.name.lower()} | {bus.length}"
            for bus in dict.fromkeys(buses)
        ),
    )


def _check_names(air: Air) -> None:
    names = Counter((*air.preprocessed_names, *air.main_names))
    for name in (*names, *air.public_names):
        _check_name(f"table {air.name}", name, names[name])
    for one in air.own_constraints:
        if ":" in one.name:
            raise AirError(f"table {air.name}: the name of constraint {one.name!r} contains a colon")


def _check_name(owner: str, name: str, columns: int = 1) -> None:
    if not NAME.fullmatch(name) or columns > 1:
        raise AirError(f"{owner}: {name!r} cannot be written as the name of one column or public value")


def _count(one: Interaction) -> Expression:
    """How often a message is sent or received: its multiplicity without the sign of receiving."""
    if one.sent:
        return one.multiplicity
    if _is_negation(one.multiplicity):
        return one.multiplicity.arguments[1]
    return -one.multiplicity


def _is_negation(node: Expression) -> bool:
    return node.operation is Operation.SUB and node.arguments[0] is lift(0)


def _column_rows(air: Air) -> Iterable[str]:
    for number, name in enumerate(air.preprocessed_names):
        yield f"preprocessed | {number} | `{name}` | "
    for number, name in enumerate(air.main_names):
        yield f"main | {number} | `{name}` | {'read' if number in air.next_main_columns else ''}"
    number = 0
    for scope in air.scopes:
        clusters = air.clusters(scope)
        for cluster in clusters:
            messages = " and ".join(str(air.interactions.index(one) + 1) for one in cluster)
            what = f"{scope.name.lower()}, {'messages' if len(cluster) > 1 else 'message'} {messages}"
            if cluster is clusters[-1]:
                yield f"stage 2 | {number} | running sum, {what} | read"
            else:
                yield f"stage 2 | {number} | {what} | "
            number += 1


class _Writer:
    """Writes expressions of one table or kind; those that occur more than once under `roots` by a name.

    Args:
        owner: what errors call the table or kind.
        publics: names of its public values.
        columns: names of its columns.
        flags: expressions that have a name of their own.
        roots: what is written, so that parts of it can be named.
    """

    def __init__(
        self,
        owner: str,
        publics: Sequence[str],
        columns: Mapping[Trace, tuple[str, ...]] = MappingProxyType({}),
        flags: Mapping[Expression, str] = MappingProxyType({}),
        roots: Sequence[Expression] = (),
    ) -> None:
        self._owner, self._publics, self._columns = owner, publics, columns
        self._names: dict[Expression, str] = {}
        uses = Counter(roots)
        order: dict[Expression, None] = {}
        for root in roots:
            _visit(root, uses, order)
        operands: dict[Expression, int] = {}
        unnamed = 0
        for node in order:
            operands[node] = _operands(node, operands, self._names)
            if not _deserves_name(operands[node], uses[node], node in flags):
                continue
            if node not in flags:
                unnamed += 1
            self._names[node] = flags.get(node, str(unnamed))

    def definitions(self) -> list[str]:
        """A line for each named expression, after those that it uses."""
        return [f"#{name} = {self._body(node)[0]}" for node, name in self._names.items()]

    def write(self, node: Expression) -> str:
        """An expression in the notation."""
        return self._text(node)[0]

    def _text(self, node: Expression) -> tuple[str, int]:
        if node in self._names:
            return f"#{self._names[node]}", _ATOM
        return self._body(node)

    def _body(self, node: Expression) -> tuple[str, int]:
        """The text and what binds its parts: nothing, a product or a sum."""
        match node.operation:
            case Operation.CONSTANT:
                text = _number(node.payload)
                return text, _SUM if text.startswith("-") else _ATOM
            case Operation.COLUMN:
                trace, index, following = node.payload
                return self._columns[trace][index] + ("'" if following else ""), _ATOM
            case Operation.SELECTOR:
                return f"${Selector(node.payload).name.lower()}", _ATOM
            case Operation.PUBLIC:
                return f"@{self._publics[node.payload]}", _ATOM
            case Operation.MUL:
                left, right = sorted(node.arguments, key=lambda one: one.operation is not Operation.CONSTANT)
                return f"{self._bound(left, _PRODUCT)} * {self._bound(right, _PRODUCT)}", _PRODUCT
            case Operation.ADD | Operation.SUB:
                return self._sum(node), _SUM
            case _:
                raise AirError(f"{self._owner}: {node.operation.name} has no place on a page")

    def _sum(self, node: Expression) -> str:
        left, right = node.arguments
        minus = node.operation is Operation.SUB
        if right.operation is Operation.CONSTANT and _number(right.payload).startswith("-"):
            return f"{self._text(left)[0]} {'+' if minus else '-'} {_number(right.payload)[1:]}"
        term = self._bound(right, _PRODUCT if minus else _SUM)
        if _is_negation(node):
            return f"-{term}"
        if term.startswith("-"):
            term = f"({term})"
        return f"{self._text(left)[0]} {'-' if minus else '+'} {term}"

    def _bound(self, node: Expression, least: int) -> str:
        text, binding = self._text(node)
        return text if binding >= least else f"({text})"


def _flags(air: Air) -> dict[Expression, str]:
    """Expressions that a constraint `NAME is boolean` names."""
    found: dict[str, Expression] = {}
    for one in air.own_constraints:
        name = one.name.removesuffix(" is boolean").replace(" ", "_")
        if one.name.endswith(" is boolean") and NAME.fullmatch(name):
            found[name] = one.expression.arguments[0]
    return {node: name for name, node in found.items()}


_SUM, _PRODUCT, _ATOM = range(3)


def _visit(root: Expression, uses: Counter[Expression], order: dict[Expression, None]) -> None:
    """List every expression under `root` after its arguments, and count the places where each is used."""
    if root in order:
        return
    for argument in root.arguments:
        _visit(argument, uses, order)
    uses.update(root.arguments)
    order[root] = None


def _operands(node: Expression, known: Mapping[Expression, int], named: Container[Expression]) -> int:
    """How many columns, other values and names an expression reads, constants left out."""
    if not node.arguments:
        return 0 if node.operation is Operation.CONSTANT else 1
    return sum(1 if argument in named else known[argument] for argument in node.arguments)


def _deserves_name(operands: int, uses: int, is_flag: bool) -> bool:
    """Whether a page reads better with a name: for what is long, used often, or a flag of the table."""
    return (uses >= 2 and operands >= 3) or (operands == 2 and (uses >= 4 or (is_flag and uses >= 2)))


def _number(value: int) -> str:
    """A field element as a fraction 1/2^k, a negative number or a positive one, in hexadecimal if large."""
    inverse = pow(value, -1, P) if value > 1 else 0
    if 1 < inverse <= 1 << 24 and inverse & (inverse - 1) == 0:
        return f"1/{inverse}"
    if value > P // 2:
        return f"-{P - value}"
    return hex(value) if value > 1 << 20 else str(value)


def _section(title: str, content: str) -> tuple[str, ...]:
    """A section, left out if it is empty."""
    return (f"## {title}", content) if content else ()


def _grid(head: str, rows: Iterable[str]) -> str:
    rows = list(rows)
    if not rows:
        return ""
    bar = "|".join(["---"] * len(head.split("|")))
    return "\n".join([f"| {head} |", f"|{bar}|", *(f"| {row} |" for row in rows)])


def _numbered(names: Sequence[str]) -> str:
    return _grid("number | name", (f"{place} | `{name}`" for place, name in enumerate(names)))


def _block(lines: Sequence[str]) -> str:
    return "\n".join(["```text", *lines, "```"]) if lines else ""


def _page(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"
