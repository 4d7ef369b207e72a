"""Pages of tables: their text, what cannot be written, and that the committed ones are current."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.stark.toy import toy_kind
from zisk.stark.air import Builder, Bus, build_air
from zisk.stark.describe import describe_air, describe_kind
from zisk.stark.errors import AirError
from zisk.stark.kind import Kind
from zisk.vm.kinds import core_kind, edges_kind

DOCUMENTS = Path(__file__).parents[2] / "docs"

ANYTHING = Bus("ANYTHING", 9, 1)

LADDER = """\
# ladder

A ladder.

## Columns

| trace | number | name | next row |
|---|---|---|---|
| main | 0 | `value` | read |
| stage 2 | 0 | running sum, global, message 1 | read |

## Public values

| number | name |
|---|---|
| 0 | `start` |
| 1 | `end` |

## Constraints

```text
starts: $first * (value - @start) = 0
rises: $transition * (value' - value - 1) = 0
ends: $last * (value - @end) = 0
```

## Buses

| bus | id | scope | length |
|---|---|---|---|
| OUTSIDE | 3 | global | 1 |

## Messages

```text
1. send OUTSIDE (value) times 1
```
"""

TOY = """\
# Kind: toy, size 8

| number | log2 size |
|---|---|
| 1 | 8 |

## Tables

| id | table | greatest log2 height | height | sponge |
|---|---|---|---|---|
| 0 | [ladder](ladder.md) | 4 | claimed | 1 |
| 1 | [walk](walk.md) | 8 | claimed | 2 |
| 2 | [squares](squares.md) | 5 | fixed | leaf |

## Public values

| number | name |
|---|---|
| 0 | `start` |
| 1 | `end` |
| 2 | `steps` |
| 3 | `total` |

## Requirements

```text
a walk has less than 64 steps: @steps below 2^6
```

## Buses

| bus | id | scope | length |
|---|---|---|---|
| STEP | 1 | local | 2 |

## Public terms

```text
send STEP (0, 0) times 1
receive STEP (@steps, @total) times 1
```
"""


def generator() -> ModuleType:
    """The script that writes the pages."""
    spec = importlib.util.spec_from_file_location("generate_tables", DOCUMENTS / "generate_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_page_of_a_table() -> None:
    assert describe_air(toy_kind().airs[0], "A ladder.") == LADDER


def test_page_of_a_kind() -> None:
    pages = [f"{air.name}.md" for air in toy_kind().airs]
    assert describe_kind(toy_kind(), pages) == TOY


def test_a_public_value_that_would_need_quotes_is_refused() -> None:
    with pytest.raises(AirError, match="odd: 'low start' cannot be written"):
        describe_kind(Kind("odd", 1, 4, (), ("low start",)), [])


def block(page: str, section: str) -> list[str]:
    """The lines of a section that is one block."""
    return page.split(f"## {section}\n\n```text\n")[1].split("\n```")[0].splitlines()


def test_numbers_signs_and_parentheses() -> None:
    def define(b: Builder) -> None:
        x, y, z = b.column("x"), b.column("y"), b.column("z[0]")
        b.zero("negative constant", x - (y - z) + (-3))
        b.zero("negation", -x - -y)
        b.zero("negated sum", x * -(y + z))
        b.zero("products", (x + 1) * 5 * (y * z))
        b.zero("fraction", (x - y) * pow(65536, -1, 2**31 - 2**24 + 1))
        b.zero("public", b.public("p") - x)
        b.receive(ANYTHING, [x + 0x1400_0000], x * y)
        b.receive(ANYTHING, [x], 2)

    page = describe_air(build_air("signs", define))
    assert block(page, "Constraints") == [
        "negative constant: x - (y - z[0]) - 3 = 0",
        "negation: -x - (-y) = 0",
        "negated sum: x * (-(y + z[0])) = 0",
        "products: 5 * (x + 1) * y * z[0] = 0",
        "fraction: 1/65536 * (x - y) = 0",
        "public: @p - x = 0",
    ]
    assert block(page, "Messages") == [
        "1. receive ANYTHING (x + 0x14000000) times x * y",
        "2. receive ANYTHING (x) times 2",
    ]


def test_what_occurs_twice_is_named() -> None:
    def define(b: Builder) -> None:
        x, y, z, w = (b.column(name) for name in "xyzw")
        flags, total = x + y, x + y + z + w
        b.boolean("any flag", flags)
        b.zero("pair", (y + z) * (y + z))
        b.zero("total", total * (total - 7) * x)
        for place, column in enumerate((x, y, z, w)):
            b.zero(f"often {place}", column * (x * w))

    page = describe_air(build_air("shared", define))
    assert block(page, "Shared expressions") == ["#any_flag = x + y", "#1 = #any_flag + z + w", "#2 = x * w"]
    assert block(page, "Constraints") == [
        "any flag is boolean: #any_flag * (#any_flag - 1) = 0",
        "pair: (y + z) * (y + z) = 0",
        "total: #1 * (#1 - 7) * x = 0",
        *(f"often {place}: {name} * #2 = 0" for place, name in enumerate("xyzw")),
    ]


@pytest.mark.parametrize("name", ["two words", "limb[x]", "x'", "3d", ""])
def test_names_that_would_need_quotes_are_refused(name: str) -> None:
    with pytest.raises(AirError, match="cannot be written"):
        describe_air(build_air("odd", lambda b: b.zero("zero", b.column(name))))


def test_a_name_of_two_columns_is_refused() -> None:
    def define(b: Builder) -> None:
        b.zero("equal", b.preprocessed("value") - b.column("value"))

    with pytest.raises(AirError, match="'value' cannot be written as the name of one column"):
        describe_air(build_air("doubled", define))


def test_a_constraint_name_with_a_colon_is_refused() -> None:
    with pytest.raises(AirError, match="contains a colon"):
        describe_air(build_air("odd", lambda b: b.zero("limb: zero", b.column("limb"))))


def test_committed_pages_are_those_that_the_code_gives() -> None:
    texts = generator().pages()
    committed = {path.name: path.read_text(encoding="utf-8") for path in (DOCUMENTS / "tables").glob("*.md")}
    assert sorted(committed) == sorted(texts), f"run {sys.executable} docs/generate_tables.py"
    stale = [name for name, text in texts.items() if committed[name] != text]
    assert stale == [], f"run {sys.executable} docs/generate_tables.py"


def test_every_kind_has_a_page_that_names_its_tables() -> None:
    for file, kind in {
        "core-16.md": core_kind(16),
        "core-22.md": core_kind(22),
        "edges.md": edges_kind(),
    }.items():
        _check_links(kind, (DOCUMENTS / "tables" / file).read_text())


def _check_links(kind: Kind, page: str) -> None:
    rows = [line for line in page.splitlines() if "](" in line]
    assert [row.split("[")[1].split("]")[0] for row in rows] == [air.name for air in kind.airs]
