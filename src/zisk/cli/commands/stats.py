"""`zisk stats`: where the cells of a proof go, counted without proving."""

import argparse

from zisk.cli import arguments, inputs
from zisk.cli.progress import command_progress
from zisk.cli.reports import print_report
from zisk.exit_codes import ExitCode


def add_parser(subparsers: arguments.Subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "stats",
        help="count the cells of a proof, table by table",
        description="Run a guest and count the cells that a proof of the run commits to, table by table.",
    )
    arguments.add_elf(parser)
    arguments.add_inputs(parser)
    arguments.add_size(parser)
    arguments.add_max_steps(parser)
    arguments.add_json(parser)
    parser.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> ExitCode:
    """Run the guest, count, and report."""
    elf = inputs.read_elf(parsed.elf)
    data = inputs.read_input(parsed.inputs)
    from zisk.cli.statistics import count_cells

    with command_progress() as progress:
        statistics = count_cells(
            elf, data, log_size=parsed.size, max_steps=parsed.max_steps, progress=progress
        )
    tables = [
        {
            "kind": each.kind,
            "table": each.table,
            "rows": each.rows,
            "cells": each.cells,
            "cells_per_instruction": round(each.cells / statistics.cycles, 4),
            "padding": round(each.padding, 4),
        }
        for each in statistics.tables
    ]
    total = {
        "cells": statistics.cells,
        "cells_per_instruction": round(statistics.cells / statistics.cycles, 4),
        "padding": round(statistics.padding, 4),
    }
    report = {
        "cycles": statistics.cycles,
        "steps": statistics.steps,
        "segments": statistics.segments,
        "total": total,
        "tables": tables,
    }
    lines = [
        ("cycles", f"{statistics.cycles:,}"),
        ("steps", f"{statistics.steps:,}"),
        ("segments", ", ".join(f"{number:,} {kind}" for kind, number in statistics.segments.items())),
        ("", ""),
        ("table", f"{'rows':>14}{'cells':>16}{'cells/cycle':>13}{'padding':>9}"),
    ]
    lines += [
        (
            f"{each['kind']} {each['table']}",
            f"{each['rows']:>14,}{each['cells']:>16,}"
            f"{each['cells_per_instruction']:>13.2f}{each['padding']:>9.1%}",
        )
        for each in tables
    ]
    lines.append(
        (
            "total",
            f"{'':>14}{total['cells']:>16,}{total['cells_per_instruction']:>13.2f}{total['padding']:>9.1%}",
        )
    )
    print_report(report, lines, as_json=parsed.json)
    return ExitCode.OK
