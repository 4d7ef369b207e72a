"""Leaves over segments of the toy machine: what they say, and that every part of it is stated."""

from __future__ import annotations

import pytest

from tests.recursion.attacks.machine import (
    CHUNKS,
    ProvedSegment,
    core_leaf,
    core_segment,
    edges_leaf,
    edges_segment,
    program,
    proved,
)
from tests.recursion.attacks.weak import accepted, free_hints, refused
from tests.recursion.laboratory import lay_out
from tests.stark.attacks.kinds import PLAIN
from tests.stark.toy import JOB
from zisk.field.koalabear import P
from zisk.field.quintic import ZERO
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import CircuitError
from zisk.recursion.interface import INTERFACE_LENGTH, Interface
from zisk.recursion.leaf import record_leaf
from zisk.recursion.segment_hints import SegmentHints
from zisk.stark.verify import check_segment
from zisk.vm.kinds.core import KIND as CORE
from zisk.vm.kinds.edges import KIND as EDGES


@pytest.fixture(scope="module", params=["core", "edges"])
def leaf(request: pytest.FixtureRequest) -> tuple[Circuit, ProvedSegment, SegmentHints]:
    if request.param == "core":
        segment = proved(core_segment(2, 5, 9))
        return core_leaf(), segment, segment.core_hints()
    segment = proved(edges_segment(CHUNKS, 3, 77))
    return edges_leaf(), segment, segment.edges_hints()


def test_a_leaf_says_what_the_verifier_finds(leaf: tuple[Circuit, ProvedSegment, SegmentHints]) -> None:
    circuit, segment, hints = leaf
    found = check_segment(segment.proof, segment.key, program().digest, JOB)
    keys = tuple(range(21, 30))
    said = Interface(
        program=program().digest,
        binding=JOB.binding,
        alpha=JOB.bus.alpha,
        beta=JOB.bus.beta,
        keys=keys,
        digest=found.leaf,
        count=1,
        weight=found.weight,
        total=found.global_sum,
    )
    assert said == segment.interface()
    accepted(circuit, said.values, hints)


def test_a_kind_that_a_program_has_no_key_of_has_no_leaf() -> None:
    for own, others in ((CORE, [EDGES]), (EDGES, [CORE])):
        with pytest.raises(CircuitError, match=f"{own.name}: a program has no key of this kind"):
            record_leaf(own, others, own.of_job(16), PLAIN)


def test_any_root_of_allowed_keys_is_said(leaf: tuple[Circuit, ProvedSegment, SegmentHints]) -> None:
    """A leaf verifies no circuit; who verifies the leaf has the root from it, and compares."""
    circuit, segment, hints = leaf
    accepted(circuit, [*segment.interface().values[:28], *[7] * 9, *segment.interface().values[37:]], hints)


def test_every_other_public_value_is_stated(leaf: tuple[Circuit, ProvedSegment, SegmentHints]) -> None:
    circuit, segment, hints = leaf
    values = segment.interface().values
    assert len(values) == INTERFACE_LENGTH
    for place in {*range(INTERFACE_LENGTH)} - {*range(28, 37)}:
        refused(circuit, [(one + (k == place)) % P for k, one in enumerate(values)], hints)


def test_changed_hints_are_refused(leaf: tuple[Circuit, ProvedSegment, SegmentHints]) -> None:
    circuit, segment, hints = leaf
    for place in range(0, len(hints.values), 53):
        changed = [(one + (k == place)) % P for k, one in enumerate(hints.values)]
        refused(circuit, segment.interface().values, SegmentHints(changed, hints.gamma))


@pytest.mark.slow
def test_every_hint_has_one_value(leaf: tuple[Circuit, ProvedSegment, SegmentHints]) -> None:
    circuit, segment, hints = leaf
    assert free_hints(circuit, segment.interface().values, hints) == []


def test_the_filled_tables_satisfy_every_chip(leaf: tuple[Circuit, ProvedSegment, SegmentHints]) -> None:
    circuit, segment, hints = leaf
    trial = lay_out(circuit, segment.interface().values, hints.values, (hints.gamma, ZERO), log_size=13)
    lie = trial.claims([*trial.publics[10:-1], (trial.publics[-1] + 1) % P])
    assert trial.violations(publics=lie)
