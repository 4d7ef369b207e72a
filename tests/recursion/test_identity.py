"""The algebraic part of the verifier, over numbers: true proofs pass, changed values do not."""

from __future__ import annotations

import dataclasses

import pytest

from tests.stark.toy import JOB, PROGRAM
from zisk.field import quintic
from zisk.field.quintic import Element
from zisk.recursion.algebra import Numbers
from zisk.recursion.heights import constant_heights
from zisk.recursion.identity import Claims, bus_totals, check_domains, constraint_identity
from zisk.stark.commitment import FixedTables
from zisk.stark.expression import Scope
from zisk.stark.proof import SegmentProof
from zisk.stark.transcript_order import CheckedWork, SegmentTranscript
from zisk.stark.verify import check_segment

BASIS: list[Element] = [quintic.element(int(k == place) for k in range(5)) for place in range(5)]


@pytest.fixture(scope="module")
def claims(fixed: FixedTables, proof: SegmentProof) -> Claims[Element]:
    transcript = SegmentTranscript(fixed.key, CheckedWork(proof.nonces))
    transcript.commit_main(PROGRAM, proof.log_heights, proof.publics, proof.main_cap)
    local = transcript.local_challenge(JOB)
    fold = transcript.constraint_challenge(proof.stage2_cap, proof.sums)
    return Claims(
        kind=fixed.key.kind,
        heights=constant_heights(proof.log_heights),
        publics=[quintic.from_base(value) for value in proof.publics],
        buses={Scope.LOCAL: (local.alpha, local.beta), Scope.GLOBAL: (JOB.bus.alpha, JOB.bus.beta)},
        sums=proof.sums,
        fold=fold,
        zeta=transcript.point(proof.quotient_cap),
        here=proof.here,
        following=proof.following,
        basis=BASIS,
    )


def test_a_true_proof_satisfies_the_identity(claims: Claims[Element]) -> None:
    check_domains(Numbers(), claims.zeta, claims.kind.log_size, 1)
    left, right = constraint_identity(Numbers(), claims)
    assert left == right


def test_bus_totals_are_those_of_the_verifier(
    claims: Claims[Element], fixed: FixedTables, proof: SegmentProof
) -> None:
    expected = check_segment(proof, fixed.key, PROGRAM, JOB).global_sum
    assert bus_totals(Numbers(), claims) == {Scope.LOCAL: quintic.ZERO, Scope.GLOBAL: expected}


@pytest.mark.parametrize("field", ["here", "following", "sums"])
def test_every_opened_value_and_sum_matters(claims: Claims[Element], field: str) -> None:
    for place in range(len(getattr(claims, field))):
        values = list(getattr(claims, field))
        values[place] = quintic.add(values[place], quintic.ONE)
        left, right = constraint_identity(Numbers(), dataclasses.replace(claims, **{field: values}))
        assert left != right, place


@pytest.mark.parametrize("place", range(4))
def test_every_public_value_matters(claims: Claims[Element], place: int) -> None:
    values = list(claims.publics)
    values[place] = quintic.add(values[place], quintic.ONE)
    changed = dataclasses.replace(claims, publics=values)
    left, right = constraint_identity(Numbers(), changed)
    assert left != right or bus_totals(Numbers(), changed)[Scope.LOCAL] != quintic.ZERO


def test_points_of_either_domain_are_refused() -> None:
    for point in (1, 3 ** (1 << 14)):
        with pytest.raises(ZeroDivisionError):
            check_domains(Numbers(), quintic.from_base(point), 8, 1)
