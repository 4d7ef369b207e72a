"""Write the pages of all tables and kinds into `docs/tables`: `python docs/generate_tables.py`."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from types import ModuleType

from zisk.choices import LOG_SIZES
from zisk.recursion import buses as circuit_buses
from zisk.recursion.kind import CHIPS
from zisk.recursion.shapes import final_kind
from zisk.stark.air import Air, Bus
from zisk.stark.describe import bus_grid, describe_air, describe_kind
from zisk.stark.kind import Kind
from zisk.vm.kinds import KINDS
from zisk.vm.tables import boundary, buses, image, lookup_tables, memory, program, region
from zisk.vm.tables.families import FAMILY_TABLES

FOLDER = Path(__file__).with_name("tables")

FUNCTIONS = {
    "boundary": boundary.boundary,
    "shift_powers": lookup_tables.shift_table,
    "tuple": lookup_tables.tuple_table,
    "range": lookup_tables.range_table,
    "bytes": lookup_tables.bytes_table,
    "program": program.program_table,
    "memory": memory.memory,
    "region": region.region,
    "image": image.image,
    **{table.air(LOG_SIZES[0]).name: table.air for table in FAMILY_TABLES.values()},
    **{chip.air.name: type(chip) for chip in CHIPS},
}
"""What defines each table."""

NOTATION = """\
# Tables

A page for each table and each kind, written by `docs/generate_tables.py` from the tables' code.
LogUp's own constraints are not listed: they follow from the messages by [soundness.md](../soundness.md).
The circuit kind is that of final and compressed proofs; leaves, nodes and shrink differ in size alone.

{kinds}

## Buses

Messages are in the order of their elements.
`zisk.vm.tables.buses` says what those of segments mean:

{buses}

Circuits have local buses of their own; `zisk.recursion.buses` says what their messages mean:

{circuit_buses}

## Notation

All arithmetic is in F, the integers modulo p = 2^31 - 2^24 + 1.

| sign | meaning |
|---|---|
| `limb[3]` | column of this row; names are letters, digits and `_`, maybe with one index |
| `limb[3]'` | the same column on the next row |
| `@index` | public value of the segment or circuit |
| `#active`, `#7` | expression defined under *Shared expressions*, before its first use |
| `$first`, `$last`, `$transition` | the selectors L_first, L_last and the transition factor |
| `93`, `0x14000000`, `1/65536` | integer, the same in hexadecimal, inverse of an integer |
| `+`, `-`, `*`, `(`, `)` | as usual: `*` binds more, a minus may stand in front of a sum's first term |

    sum     = "-"? product (("+" | "-") product)*
    product = atom ("*" atom)*
    atom    = number | column "'"? | "@" name | "#" name | "$" name | "(" sum ")"

Sections of a page come in a fixed order; one that would be empty is left out.

| section of a table | line |
|---|---|
| Shared expressions | `#name = sum` |
| Constraints | `name: sum = 0`, in the order of the powers of beta; the first colon ends the name |
| Messages | `number. send BUS (sum, ...) times sum`, or `receive`; received counts enter fractions negated |

Main and preprocessed columns are listed with their numbers.
A stage-2 column belongs to one scope and holds the fractions of the messages listed with it.

| section of a kind | line |
|---|---|
| Tables | id, name and page, greatest log2 height, height fixed by the key or claimed, own sponge or `leaf` |
| Public values | in the order of the transcript |
| Requirements | `meaning: sum below 2^bits` or `meaning: sum is not 0`; the first colon ends the meaning |
| Public terms | as messages of tables, added by the verifier once a segment |

Tables with one number share a [sponge of their own](../format.md#trees).
What is below a bound is a sum's canonical form, the integer from 0 to p - 1.
A segment whose public values do not meet the requirements of its kind is refused.
"""


def pages() -> dict[str, str]:
    """The text of every page by file name."""
    texts: dict[str, str] = {}
    kinds = []
    for segments, log_size in ((one, log_size) for one in KINDS for log_size in one.sizes):
        kind = segments.of_job(log_size)
        names = [_add(texts, air, log_size) for air in kind.airs]
        file = f"{kind.name}-{log_size}.md" if segments.has_job_size else f"{kind.name}.md"
        kinds.append((file, kind))
        texts[file] = describe_kind(kind, names)
    circuit = final_kind()
    names = [_add(texts, air, circuit.log_size) for air in circuit.airs]
    texts["circuit.md"] = describe_kind(circuit, names)
    kinds.append(("circuit.md", circuit))
    texts["index.md"] = _index(kinds)
    return texts


def _add(texts: dict[str, str], air: Air, log_size: int) -> str:
    """Add a table's page, under the name of its smallest size with the same text; returns the file name."""
    text = describe_air(air, _about(air))
    for file in (f"{air.name}.md", f"{air.name}-{log_size}.md"):
        if texts.setdefault(file, text) == text:
            return file
    raise ValueError(f"table {air.name} has a third form at size {log_size}: give {file} a name of its own")


def _about(air: Air) -> str:
    """What the code says of a table: the docstring of its module, or of its own part of a shared one."""
    function = FUNCTIONS[air.name]
    module = inspect.getmodule(function)
    subject = function if module is lookup_tables else module
    return inspect.getdoc(subject) or ""


def _index(kinds: list[tuple[str, Kind]]) -> str:
    rows = (f"| [{kind.name}, size {kind.log_size}]({file}) | {len(kind.tables)} |" for file, kind in kinds)
    return NOTATION.format(
        kinds="\n".join(["| kind | tables |", "|---|---|", *rows]),
        buses=_bus_grid(buses),
        circuit_buses=_bus_grid(circuit_buses),
    )


def _bus_grid(module: ModuleType) -> str:
    return bus_grid(bus for bus in vars(module).values() if isinstance(bus, Bus))


def main() -> int:
    """Write the pages and remove those of tables that are gone."""
    FOLDER.mkdir(exist_ok=True)
    texts = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
