"""The kinds of segments have the tables, heights and messages that proofs rely on."""

from __future__ import annotations

import subprocess
import sys

import pytest

from zisk.choices import LOG_SIZES
from zisk.field.koalabear import P
from zisk.stark.batching import Tree, tree_widths
from zisk.stark.expression import Scope
from zisk.stark.public_values import Term
from zisk.vm.kinds import (
    CORE_LEAF,
    CORE_SPONGES,
    SEGMENT_LIMIT,
    core_families,
    core_kind,
    edges_kind,
    job_terms,
)
from zisk.vm.limits import maximal_log_heights
from zisk.vm.memory_map import HALTED
from zisk.vm.operations import Family
from zisk.vm.tables.buses import CHAIN, EXIT, OUTPUT, STATE, STATE_EDGE


@pytest.mark.parametrize("log_size", LOG_SIZES)
def test_every_core_table_has_one_place_and_one_sponge(log_size: int) -> None:
    kind = core_kind(log_size)
    fixed = {"shift_powers", "tuple", "range", "bytes", "program"} - ({"tuple"} if log_size == 22 else set())
    names = [air.name for air in kind.airs]
    assert sorted(names) == sorted([*(family.name.lower() for family in Family), "boundary", *fixed])
    assert {air.name for air in kind.airs if air.preprocessed_width} == fixed
    assert names == [name for sponge in (*CORE_SPONGES, CORE_LEAF) for name in sponge if name in names]
    assert kind.sponges == tuple(len(sponge) for sponge in CORE_SPONGES)


@pytest.mark.parametrize(
    ("log_size", "columns"),
    [(16, (22, 749, 935)), (18, (22, 749, 935)), (20, (22, 749, 935)), (22, (19, 748, 955))],
)
def test_columns_that_a_core_proof_opens(log_size: int, columns: tuple[int, int, int]) -> None:
    """By tree, but for the ten of the quotient: a circuit hashes all of them at every query."""
    trees = (Tree.PREPROCESSED, Tree.MAIN, Tree.STAGE2)
    assert tuple(sum(tree_widths(core_kind(log_size), tree)) for tree in trees) == columns


@pytest.mark.parametrize("log_size", LOG_SIZES)
def test_families_stand_at_their_limits(log_size: int) -> None:
    limits = maximal_log_heights(log_size)
    tables = zip(core_families(log_size), core_kind(log_size).tables, strict=True)
    assert {family: table.max_log_height for family, table in tables if family is not None} == limits


@pytest.mark.parametrize("log_size", LOG_SIZES)
def test_no_bus_can_carry_p_messages(log_size: int) -> None:
    """Of all tables at their greatest heights; `Kind` refuses a bus that could."""
    loads: dict[str, int] = {}
    for table in core_kind(log_size).tables:
        for one in table.air.interactions:
            loads[one.bus.name] = loads.get(one.bus.name, 0) + (1 << table.max_log_height)
    assert max(loads.values()) < P


def test_only_edges_boundary_and_halt_speak_to_other_segments() -> None:
    speakers = [
        air.name for kind in (core_kind(20), edges_kind()) for air in kind.airs if air.fractions(Scope.GLOBAL)
    ]
    assert sorted(speakers) == ["boundary", "halt", "image", "memory"]


def test_edges_tables() -> None:
    kind = edges_kind()
    assert (kind.number, kind.log_size, kind.public_names) == (2, 16, ("index", "previous_key", "last_key"))
    assert [(table.air.name, table.max_log_height) for table in kind.tables] == [
        ("memory", 16),
        ("region", 16),
        ("image", 16),
        ("range", 16),
    ]


def test_core_terms() -> None:
    assert core_kind(16).public_terms([3, 10, 20, 41]) == [
        Term(STATE, (10, 1), 1),
        Term(STATE, (20, 41), -1),
        Term(STATE_EDGE, (3, 10), -1),
        Term(STATE_EDGE, (4, 20), 1),
    ]


@pytest.mark.parametrize(
    ("publics", "complaint"),
    [
        ((0, 10, 20, 41), "core segments are numbered from 1, but index is 0"),
        ((1 << 24, 10, 20, 41), "core segments have numbers below 16777216, but index is 16777216"),
        ((3, HALTED, 20, 41), "no core segment starts after the halt, but pc_in is 134217728"),
        ((3, 10, 20, 1), "a core segment ends after 1 to 65536 steps, but end_ts is 1"),
        ((3, 10, 20, 0), "a core segment ends after 1 to 65536 steps, but end_ts is 0"),
        ((3, 10, 20, 42), "a core segment ends after 1 to 65536 steps, but end_ts is 42"),
        ((3, 10, 20, 262149), "a core segment ends after 1 to 65536 steps, but end_ts is 262149"),
    ],
)
def test_impossible_publics_are_refused(publics: tuple[int, ...], complaint: str) -> None:
    assert core_kind(16).unmet(publics) == [complaint]


@pytest.mark.parametrize("log_size", LOG_SIZES)
@pytest.mark.parametrize("publics", [(1, 0, HALTED, 5), (SEGMENT_LIMIT - 1, HALTED - 1, 0, 0)])
def test_the_first_and_the_longest_segment_are_possible(log_size: int, publics: tuple[int, ...]) -> None:
    end_ts = publics[3] or 1 + (4 << log_size)
    assert core_kind(log_size).unmet((*publics[:3], end_ts)) == []


@pytest.mark.parametrize("log_size", LOG_SIZES)
def test_the_end_timestamps_allowed_are_those_after_whole_steps(log_size: int) -> None:
    """All residues that an attacker could choose come in through the inverse of four: these are the edges."""
    last = 1 + (4 << log_size)
    quarters = [(1 + 4 * steps + P * wraps) % P for steps in (0, 1, 1 << log_size) for wraps in (0, 1, 2, 3)]
    tried = {*range(20), *range(last - 20, last + 20), *range(P - 20, P), *quarters}
    allowed = {end_ts for end_ts in tried if not core_kind(log_size).unmet((1, 0, 0, end_ts))}
    assert allowed == tried & set(range(5, last + 1, 4))


def test_edges_terms() -> None:
    assert edges_kind().public_terms([2, 7, 9]) == [Term(CHAIN, (2, 7), -1), Term(CHAIN, (3, 9), 1)]


def test_edges_segments_have_no_requirements() -> None:
    assert edges_kind().unmet([0, P - 1, P - 1]) == []


def test_job_terms() -> None:
    outputs = [0x0001_0002 + index for index in range(64)]
    terms = job_terms(
        entry=5, core_segments=4, edges_segments=2, last_key=99, exit_code=0x1_0002_0003, outputs=outputs
    )
    assert terms == [
        Term(STATE_EDGE, (1, 5), 1),
        Term(STATE_EDGE, (5, HALTED), -1),
        Term(EXIT, (3, 2, 1, 0), -1),
        *(Term(OUTPUT, (index, 2 + index, 1), -1) for index in range(64)),
        Term(CHAIN, (1, 0), 1),
        Term(CHAIN, (3, 99), -1),
    ]


def test_a_job_has_64_outputs() -> None:
    with pytest.raises(ValueError, match="a job has 64 output words, not 1"):
        job_terms(entry=5, core_segments=4, edges_segments=2, last_key=99, exit_code=0, outputs=[1])


def test_a_verifier_needs_no_compiler() -> None:
    """Describing the tables loads no kernel, so whoever only verifies does not wait for Numba."""
    script = "import sys, zisk.vm.kinds; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
