"""The kinds of segments have the tables, heights and messages that proofs rely on."""

from __future__ import annotations

import subprocess
import sys

import pytest

from zisk.field.koalabear import P
from zisk.stark.errors import VerificationError
from zisk.stark.expression import Scope
from zisk.stark.kind import Term
from zisk.vm.kinds import core_families, core_kind, edges_kind, job_terms
from zisk.vm.limits import LOG_SIZES, maximal_log_heights
from zisk.vm.memory_map import HALTED
from zisk.vm.operations import Family
from zisk.vm.tables.buses import CHAIN, EXIT, OUTPUT, STATE, STATE_EDGE

PUBLICS = {"index": 3, "pc_in": 10, "pc_out": 20, "end_ts": 41}


@pytest.mark.parametrize("log_size", LOG_SIZES)
def test_core_tables_ascend_and_fixed_ones_come_last(log_size: int) -> None:
    kind = core_kind(log_size)
    fixed = ["shift_powers", "tuple", "range", "bytes", "program"]
    if log_size == 22:
        fixed.remove("tuple")
    names = [air.name for air in kind.airs]
    assert len(names) == len(set(names)) == len(Family) + 1 + len(fixed)
    assert names[len(Family) :] == ["boundary", *fixed]
    heights = [table.max_log_height for table in kind.tables]
    assert heights[: len(Family) + 1] == sorted(heights[: len(Family) + 1])
    assert [air.name for air in kind.airs if air.preprocessed_width] == fixed


@pytest.mark.parametrize("log_size", LOG_SIZES)
def test_families_stand_at_their_limits(log_size: int) -> None:
    limits = maximal_log_heights(log_size)
    families = core_families(log_size)
    assert set(families) == set(Family)
    shapes = core_kind(log_size).tables[: len(families)]
    assert [limits[family] for family in families] == [table.max_log_height for table in shapes]


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
    assert speakers == ["halt", "boundary", "memory", "image"]


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
    assert list(core_kind(16).terms(PUBLICS)) == [
        Term(STATE, (10, 1), 1),
        Term(STATE, (20, 41), -1),
        Term(STATE_EDGE, (3, 10), -1),
        Term(STATE_EDGE, (4, 20), 1),
    ]


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"index": 0}, "core segment number 0 is not 1 to 16777215"),
        ({"index": 1 << 24}, "core segment number 16777216 is not 1 to 16777215"),
        ({"pc_in": HALTED}, "core segment 3 starts after the halt"),
        ({"end_ts": 1}, "core segment 3 ends at timestamp 1, not after 1 to 65536 steps"),
        ({"end_ts": 0}, "core segment 3 ends at timestamp 0, not after 1 to 65536 steps"),
        ({"end_ts": 42}, "core segment 3 ends at timestamp 42, not after 1 to 65536 steps"),
        ({"end_ts": 262149}, "core segment 3 ends at timestamp 262149, not after 1 to 65536 steps"),
    ],
)
def test_impossible_publics_are_refused(changed: dict[str, int], complaint: str) -> None:
    with pytest.raises(VerificationError) as refusal:
        core_kind(16).terms(PUBLICS | changed)
    assert str(refusal.value) == f"proof refused (statement): {complaint}"


def test_a_full_segment_is_possible() -> None:
    assert core_kind(16).terms(PUBLICS | {"end_ts": 262145})[1] == Term(STATE, (20, 262145), -1)


def test_edges_terms() -> None:
    publics = {"index": 2, "previous_key": 7, "last_key": 9}
    assert list(edges_kind().terms(publics)) == [Term(CHAIN, (2, 7), -1), Term(CHAIN, (3, 9), 1)]


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
