"""Speed of the kernels on one core: `python benches/kernels.py`.

Bare figures are of data in the first caches. Transforms, trees and constraints of whole tables follow, as
the prover runs them; then what other hashes would cost (`docs/soundness.md`).
"""

from __future__ import annotations

import argparse
import dataclasses

import numpy as np
from support.bare import NANOSECOND, measure_bare_speeds
from support.clock import processor_seconds
from support.figures import Figure, show
from support.hash_costs import hash_figures

from zisk.field.quintic import DEGREE
from zisk.kernels.default import new_backend
from zisk.kernels.parameters import P
from zisk.kernels.pool import Pool
from zisk.stark.challenges import BusChallenge
from zisk.stark.commitment import commit_extended
from zisk.stark.evaluation import bind
from zisk.stark.expression import Scope, Selector
from zisk.stark.parameters import parameters_for
from zisk.stark.quotient import constraint_tape
from zisk.stark.scalars import Challenges
from zisk.vm.operations import Family
from zisk.vm.tables.families import FAMILY_TABLES

BOUNDS = {"butterfly": 0.4, "permutation": 140, "multiply": 0.25, "extension_multiply": 4, "product": 0.12}
"""Nanoseconds; 140 is what the multiplier port of one 2.6 GHz core allows at width 24, the others are near
twice what a quiet Zen 5 core takes."""

EXTENSION_BOUND, TREE_BOUND, CONSTRAINT_BOUND = 12, 14, 6
"""Nanoseconds of a cell: of a column extended to two cosets, of an extended row hashed, of a row's
constraints."""

COLUMNS, REPEATS = 60, 3


def whole_tables(log_rows: int) -> list[Figure]:
    """The prover's steps on one table of 2^log_rows rows."""
    generator, inline, rows = np.random.default_rng(1), new_backend(Pool(1)), 1 << log_rows

    def elements(*shape: int) -> np.ndarray:
        return generator.integers(0, P, shape, dtype=np.uint32)

    columns = elements(COLUMNS, rows)
    extending = processor_seconds(lambda: inline.extend([columns], 1, [3]), REPEATS)
    extended, parameters = elements(COLUMNS, 2, rows), parameters_for(128)
    hashing = processor_seconds(lambda: commit_extended([extended], log_rows, parameters, inline), REPEATS)

    air = FAMILY_TABLES[Family.ADDI].air(log_rows)
    cells = air.main_width + DEGREE * air.stage2_width
    one = (1, 2, 3, 4, 5)
    challenges = Challenges(
        {scope: BusChallenge(one, one) for scope in Scope}, dict.fromkeys(Scope, one), one, 0
    )
    main, stage2 = elements(air.main_width, rows), elements(DEGREE * air.stage2_width, rows)
    preprocessed, selectors = elements(0, rows), elements(len(Selector), rows)
    constraining = processor_seconds(
        lambda: inline.evaluate(
            bind(
                constraint_tape(air),
                preprocessed=preprocessed,
                main=main,
                stage2=stage2,
                selectors=selectors,
                publics=(),
                challenges=challenges,
            )
        ),
        REPEATS,
    )
    return [
        Figure(
            "extension_cell_ns",
            "column extended to two cosets, a cell",
            extending / columns.size / NANOSECOND,
            "ns",
            EXTENSION_BOUND,
        ),
        Figure(
            "tree_cell_ns",
            "extended columns hashed to a tree, a cell",
            hashing / extended.size / NANOSECOND,
            "ns",
            TREE_BOUND,
        ),
        Figure(
            "constraint_cell_ns",
            "constraints of addi on one coset, a cell",
            constraining / (cells * rows) / NANOSECOND,
            "ns",
            CONSTRAINT_BOUND,
        ),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python benches/kernels.py", description=__doc__)
    parser.add_argument("--log-rows", type=int, default=18, help="log2 of the rows of whole tables")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    bare = measure_bare_speeds()
    figures = [
        Figure(
            f"{one.name}_ns",
            f"{one.name.replace('_', ' ')}, bare",
            getattr(bare, one.name),
            "ns",
            BOUNDS[one.name],
        )
        for one in dataclasses.fields(bare)
    ]
    figures += [*whole_tables(arguments.log_rows), *hash_figures()]
    show("kernels: nanoseconds of one core", figures, {"log_rows": arguments.log_rows}, arguments.json)


if __name__ == "__main__":
    main()
