"""The registry holds kinds that keys, circuits and the bounds of soundness can tell apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.vm.kinds.tally import KIND as TALLY
from tests.vm.kinds.tally import tally_kind
from zisk.choices import LOG_SIZES
from zisk.stark.air import Bus
from zisk.stark.errors import AirError
from zisk.stark.expression import Scope
from zisk.stark.kind import CIRCUIT_KIND_NUMBER, Kind
from zisk.stark.soundness import PUBLIC_TERMS
from zisk.vm.kinds import CLAIM_NAMES, KINDS, core_kind, edges_kind, job_terms
from zisk.vm.kinds.core import KIND as CORE
from zisk.vm.kinds.edges import KIND as EDGES
from zisk.vm.kinds.registry import in_order
from zisk.vm.segment_kind import KeyPlan, SegmentKind


def test_the_kinds_of_this_version() -> None:
    assert KINDS == (CORE, EDGES)
    assert CLAIM_NAMES == ("core_segments", "edges_segments", "last_key")
    assert [(kind.name, kind.number, kind.sizes, kind.keys) for kind in KINDS] == [
        ("core", 1, (16, 18, 20, 22), KeyPlan.ONE),
        ("edges", 2, (16,), KeyPlan.BY_CHUNK),
    ]
    assert all(kind.is_required for kind in KINDS)


def test_names_of_leaves() -> None:
    assert [kind.leaf_of(20) for kind in KINDS] == ["core leaf 20", "edges leaf"]


@pytest.mark.parametrize("log_size", LOG_SIZES)
def test_shapes_in_a_job(log_size: int) -> None:
    assert [kind.of_job(log_size) for kind in KINDS] == [core_kind(log_size), edges_kind()]


def test_an_id_stands_for_one_bus_in_all_kinds() -> None:
    buses: dict[int, Bus] = {}
    for kind in (kind.of_job(log_size) for kind in KINDS for log_size in LOG_SIZES):
        spoken = [one.bus for air in kind.airs for one in air.interactions]
        for bus in (*spoken, *(term.bus for term in kind.terms)):
            assert buses.setdefault(bus.number, bus) == bus


def test_a_job_has_no_more_terms_than_soundness_counts() -> None:
    values = dict.fromkeys(CLAIM_NAMES, 1)
    terms = job_terms(entry=0, exit_code=0, outputs=[0] * 64, **values)
    assert len(terms) <= PUBLIC_TERMS
    assert {term.bus.scope for term in terms} == {Scope.GLOBAL}


@pytest.mark.parametrize("kinds", [(CORE, EDGES, TALLY), (TALLY, EDGES, CORE), (EDGES, TALLY, CORE)])
def test_kinds_stand_by_number(kinds: tuple[SegmentKind, ...]) -> None:
    assert in_order(kinds) == (CORE, EDGES, TALLY)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"number": EDGES.number}, "share a number or a name", id="a number twice"),
        pytest.param({"name": "core"}, "share a number or a name", id="a name twice"),
        pytest.param({"claims": ("last_key",)}, "share a number or a name", id="a claim twice"),
        pytest.param({"claims": ("core_segments",)}, "share a number or a name", id="a count twice"),
        pytest.param({"number": 0}, "have numbers from 1", id="number 0"),
        pytest.param({"number": CIRCUIT_KIND_NUMBER}, "without that of circuits", id="number of circuits"),
        pytest.param({"sizes": (16, 18)}, "sizes are those of a job or one", id="some sizes"),
        pytest.param({"sizes": ()}, "sizes are those of a job or one", id="no size"),
    ],
)
def test_kinds_that_cannot_be_told_apart_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(AirError, match=message):
        in_order((CORE, EDGES, replace(TALLY, **changes)))


def shaped(**changes: Any) -> Kind:
    return replace(tally_kind(), **changes)


def test_a_shape_that_fits_is_taken() -> None:
    assert TALLY.of_job(20) is tally_kind()


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        pytest.param(shaped(number=5), "its shape is tally, 5, of size 8", id="another number"),
        pytest.param(shaped(name="other"), "its shape is other, 4, of size 8", id="another name"),
        pytest.param(shaped(log_size=9), "its shape is tally, 4, of size 9", id="another size"),
        pytest.param(
            shaped(public_names=("before", "index", "after")), "first public value", id="no index first"
        ),
        pytest.param(
            shaped(tables=tuple(t for t in core_kind(16).tables if t.air.name == "halt"), log_size=8),
            "without a preprocessed column",
            id="not preprocessed",
        ),
        pytest.param(
            shaped(terms=tally_kind().terms * 2), "more than 2 terms on global buses", id="four terms"
        ),
    ],
)
def test_a_shape_that_keys_and_circuits_cannot_take_is_refused(shape: Kind, message: str) -> None:
    with pytest.raises(AirError, match=message):
        replace(TALLY, shape=lambda _: shape).of_job(16)


def test_a_segment_without_weight_is_refused() -> None:
    """Soundness counts segments by their weights."""
    light = shaped(tables=(edges_kind().tables[1],), log_size=16)
    with pytest.raises(AirError, match="would weigh nothing"):
        replace(TALLY, sizes=(16,), shape=lambda _: light).of_job(16)
