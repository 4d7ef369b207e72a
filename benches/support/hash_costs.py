"""What other hashes would make of a core proof and of a leaf: `docs/soundness.md`, section 17.

Speeds and counts are of this run. Shares and seconds of proofs are those that `docs/performance.md` shows,
from another machine.
"""

from __future__ import annotations

from support.bare import NANOSECOND
from support.counted import count_core_proof
from support.figures import Figure
from support.leaf_hashes import BLAKE3_COLUMNS, per_query
from support.other_hashes import LOG_SIZE, MORE_EXTERNAL, MORE_INTERNAL, HashSpeeds, measure_hashes
from zisk.field.quintic import DEGREE
from zisk.kernels.poseidon2_constants import WIDTH
from zisk.recursion.shapes import INNER_LOG_HEIGHTS, inner_kind
from zisk.stark.parameters import parameters_for
from zisk.vm.kinds import core_kind

GUEST, LOG_CYCLES, LEVEL = "sha-hasher", 20, 128
"""The run whose hashing is counted; it has one full core segment."""
LEAF_SIZES = (20, 22)

HASH_SECONDS, HASH_SHARE = 2.94, 0.587
"""Of the core proof of that run: "Where the time goes" in `docs/performance.md`."""
LEAF_FILL_SECONDS, LEAF_PROVE_SECONDS = 0.09, 0.74
"""Of core leaf 20: "To the final proof" in `docs/performance.md`."""


def hash_figures() -> list[Figure]:
    """What is measured, what it makes of a core proof, and what leaf circuits would have to verify."""
    speeds = measure_hashes()
    counts = [one.permutations for one in count_core_proof(GUEST, LOG_SIZE, LOG_CYCLES, LEVEL)]
    saved = HASH_SECONDS * max(counts) / sum(counts) * (1 - speeds.compression / speeds.poseidon2)
    return [
        *_speed_figures(speeds),
        *_core_figures(speeds, sum(counts)),
        Figure("segment_permutations", "permutations of a full core segment of it", max(counts)),
        Figure("blake3_saved_seconds", "page's seconds that BLAKE3 saves such a segment", saved, "s"),
        *_leaf_figures(saved),
    ]


def _more_rounds(speeds: HashSpeeds) -> float:
    """What Poseidon2 with more rounds takes over what it takes."""
    added = MORE_EXTERNAL * speeds.external_round + MORE_INTERNAL * speeds.internal_round
    return 1 + added / speeds.poseidon2


def _speed_figures(speeds: HashSpeeds) -> list[Figure]:
    return [
        Figure("poseidon2_ns", "Poseidon2, in turns with the next", speeds.poseidon2, "ns"),
        Figure("poseidon1_ns", "Poseidon", speeds.poseidon1, "ns"),
        Figure("poseidon1_ratio", "Poseidon over Poseidon2", speeds.ratio),
        Figure("external_round_ns", "external round of Poseidon2", speeds.external_round, "ns"),
        Figure("internal_round_ns", "internal round of Poseidon2", speeds.internal_round, "ns"),
        Figure(
            "more_rounds_ratio",
            f"Poseidon2 with {MORE_EXTERNAL} external and {MORE_INTERNAL} internal rounds more, over it",
            _more_rounds(speeds),
        ),
        Figure("blake3_ns", "BLAKE3, a compression of a long message", speeds.compression, "ns"),
        Figure("blake3_ratio", "Poseidon2 over BLAKE3", speeds.poseidon2 / speeds.compression),
        Figure("blake3_bytes", "BLAKE3, long message", speeds.long_bytes, "GB/s"),
        Figure(
            "blake3_row_bytes",
            f"BLAKE3, rows of {speeds.row_bytes} bytes, a call each",
            speeds.row_bytes / speeds.row,
            "GB/s",
        ),
    ]


def _core_figures(speeds: HashSpeeds, permutations: int) -> list[Figure]:
    seconds = permutations * NANOSECOND
    figures = [
        Figure(
            "core_permutations",
            f"permutations of a core proof, {GUEST}, 2^{LOG_CYCLES} cycles, size {LOG_SIZE}",
            permutations,
        ),
        Figure("core_poseidon2_seconds", "with Poseidon2", seconds * speeds.poseidon2, "s"),
        Figure("core_poseidon1_seconds", "with Poseidon", seconds * speeds.poseidon1, "s"),
        Figure("core_blake3_seconds", "as many BLAKE3 compressions", seconds * speeds.compression, "s"),
    ]
    for key, text, ratio in (
        ("more_rounds", "more rounds", _more_rounds(speeds)),
        ("poseidon1", "Poseidon", speeds.ratio),
        ("blake3", "BLAKE3", speeds.compression / speeds.poseidon2),
    ):
        whole = 1 + HASH_SHARE * (ratio - 1)
        figures.append(Figure(f"core_{key}_ratio", f"core proof with {text}, over ours", whole))
    return figures


def _leaf_figures(saved: float) -> list[Figure]:
    """Cells of BLAKE3 in a leaf, and below how many a compression pays where it saves so many seconds."""
    parameters = parameters_for(LEVEL)
    tables = {
        air.name: (air, air.main_width + DEGREE * air.stage2_width, 1 << height)
        for air, height in zip(inner_kind().airs, INNER_LOG_HEIGHTS, strict=True)
    }
    air, width, rows = tables["poseidon"]
    leaf, freed = sum(cells * height for _, cells, height in tables.values()), width * rows
    cell = (LEAF_FILL_SECONDS + LEAF_PROVE_SECONDS) / leaf
    more = air.main_width + MORE_EXTERNAL * WIDTH + MORE_INTERNAL
    figures = [
        Figure("permutation_columns", "columns of a permutation in circuits", air.main_width),
        Figure("more_rounds_columns", "the same with more rounds, one for each cube", more),
        Figure("leaf_cells", "cells that a leaf commits to", leaf),
        Figure("leaf_cell_ns", "page's time of such a cell", cell / NANOSECOND, "ns"),
        Figure("freed_cells", f"cells of its {rows:,} rows of permutations", freed),
        Figure("blake3_saved_cells", "cells in the time that BLAKE3 saves a segment", saved / cell),
        Figure(
            "blake3_paying_columns",
            "columns of a compression that both pay for",
            (saved / cell + freed) / rows,
        ),
        Figure("blake3_columns", "columns of a BLAKE3 compression in the published table", BLAKE3_COLUMNS),
    ]
    for size in LEAF_SIZES:
        query = per_query(core_kind(size), parameters)
        compressions = query.compressions * parameters.queries
        cells = compressions * BLAKE3_COLUMNS
        name = f"core leaf {size}"
        figures += [
            Figure(f"permutations_{size}", f"{name}: permutations of a query", query.permutations),
            Figure(f"compressions_{size}", f"{name}: BLAKE3 instead", query.compressions),
            Figure(f"all_compressions_{size}", f"{name}: compressions of all queries", compressions),
            Figure(f"blake3_cells_{size}", f"{name}: their cells", cells),
            Figure(f"blake3_growth_{size}", f"{name}: over what it commits to", cells / leaf),
            Figure(
                f"blake3_seconds_{size}",
                f"{name}: page's time of these, less those freed",
                (cells - freed) * cell,
                "s",
            ),
        ]
    return figures
