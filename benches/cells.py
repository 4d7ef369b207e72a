"""Cells that a proof commits to for each instruction, table by table: `python benches/cells.py`.

Counted, not measured: used rows of main and LogUp columns over all segments, divided by the cycles.
Committed cells are those of all rows; a run's price grows with them and with its number of segments.
"""

from __future__ import annotations

import argparse

from support.figures import Figure, show
from support.guests import INPUTS, input_for, read_guest

from zisk.cli.statistics import Statistics, count_cells

CELLS_BOUND = 90
"""Used cells of one instruction."""
PADDING_BOUND = 0.25
"""Share of committed cells in unused rows."""
LOG_SEGMENTS = 2
"""Runs are about 2^LOG_SEGMENTS segments long: padding says little about a run shorter than one."""


def totals(guest: str, counted: Statistics) -> list[Figure]:
    """What has a bound, and what a cut of segments weighs against each other."""
    name, cells = guest.replace("-", "_"), counted.cells / counted.cycles
    committed, segments = cells / (1 - counted.padding), counted.segments["core"] * 2**22 / counted.cycles
    return [
        Figure(f"{name}_cells_per_cycle", f"{guest}: cells per instruction", cells, "", CELLS_BOUND),
        Figure(f"{name}_padding", f"{guest}: padding", counted.padding, "", PADDING_BOUND),
        Figure(f"{name}_committed_per_cycle", f"{guest}: committed cells per instruction", committed),
        Figure(f"{name}_segments", f"{guest}: core segments of 2^22 cycles", segments),
    ]


def by_table(counted: Statistics) -> list[dict[str, object]]:
    """Rows of the report on one guest, the heaviest table first."""
    rows: list[dict[str, object]] = [
        {
            "kind": table.kind,
            "table": table.table,
            "width": table.width,
            "rows": table.rows,
            "cells_per_cycle": table.cells / counted.cycles,
            "padding": table.padding,
        }
        for table in sorted(counted.tables, key=lambda table: table.cells, reverse=True)
    ]
    return rows


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(prog="python benches/cells.py", description=__doc__)
    parser.add_argument("--size", type=int, default=20, help="log2 of the steps of a segment")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures: list[Figure] = []
    tables: dict[str, list[dict[str, object]]] = {}
    for guest in INPUTS:
        data, _ = input_for(guest, 1 << (arguments.size + LOG_SEGMENTS))
        counted = count_cells(read_guest(guest), data, log_size=arguments.size)
        figures += totals(guest, counted)
        tables[guest] = by_table(counted)
    show(f"cells: size {arguments.size}", figures, {"size": arguments.size, "tables": tables}, arguments.json)
    if not arguments.json:
        for guest, rows in tables.items():
            _print_tables(guest, rows)


def _print_tables(guest: str, rows: list[dict[str, object]]) -> None:
    print(f"\n{guest:<30}{'width':>6}{'rows':>11}{'cells/instruction':>19}{'padding':>9}")
    for row in rows:
        if row["rows"]:
            name = f"  {row['kind']} {row['table']}"
            print(
                f"{name:<30}{row['width']:>6}{row['rows']:>11,}"
                f"{row['cells_per_cycle']:>19.3f}{row['padding']:>9.1%}"
            )


if __name__ == "__main__":
    main()
