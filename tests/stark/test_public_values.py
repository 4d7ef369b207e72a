"""Public values as data: evaluation, and what a kind and a verifier make of it."""

from __future__ import annotations

import pytest

from tests.stark.toy import BACKEND, JOB, PROGRAM, STEP, toy_fixed, toy_kind, toy_traces
from zisk.field.koalabear import P, inverse, to_montgomery
from zisk.stark.check import check_publics
from zisk.stark.errors import AirError, Rejection, VerificationError
from zisk.stark.expression import Expression, Trace, column, public
from zisk.stark.kind import Kind
from zisk.stark.proof import encode
from zisk.stark.prove import commit_segment, prove_segment
from zisk.stark.public_values import (
    Below,
    NotZero,
    PublicTerm,
    Requirement,
    Residues,
    Term,
    evaluate,
    places_read,
    receive,
    send,
)
from zisk.stark.verify import verify_segment

A, B = public(0), public(1)


def kind_of(*terms: PublicTerm, requirements: tuple[Requirement, ...] = ()) -> Kind:
    """A kind of two public values and no tables."""
    return Kind("pair", 9, 4, (), ("a", "b"), terms, requirements)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (A, 5),
        (A + 1, 6),
        (A - B, P - 2),
        (-A, P - 5),
        (A * B + 2 * A, 45),
        ((A - 1) * inverse(4), 1),
        ((A - B) * (A - B), 4),
        (A * 0, 0),
    ],
)
def test_expressions_are_evaluated_modulo_p(expression: Expression, value: int) -> None:
    assert evaluate(Residues(), expression, [5, 7]) == value


def test_places_read() -> None:
    assert [places_read(one) for one in (A * (B - 1), B + B, A * 0 + 3)] == [{0, 1}, {1}, set()]


def test_terms_are_messages_of_the_public_values() -> None:
    kind = kind_of(send(STEP, A + 1, 0), receive(STEP, B, A - B))
    assert kind.public_terms([5, 7]) == [Term(STEP, (6, 0), 1), Term(STEP, (7, P - 2), -1)]


def test_unmet_requirements_are_named_with_what_is_found() -> None:
    kind = kind_of(
        requirements=(Below(A - B, 3, "a exceeds b by at most 7"), NotZero(A * B, "neither is zero"))
    )
    assert kind.unmet([8, 1]) == []
    assert kind.unmet([0, 0]) == ["neither is zero, but a is 0 and b is 0"]
    assert kind.unmet([9, 1]) == ["a exceeds b by at most 7, but a is 9 and b is 1"]
    assert kind.unmet([0, 1]) == [
        "a exceeds b by at most 7, but a is 0 and b is 1",
        "neither is zero, but a is 0 and b is 1",
    ]


def test_a_kind_refuses_what_it_cannot_evaluate() -> None:
    with pytest.raises(AirError, match=r"there are no public values number \[2\]"):
        kind_of(send(STEP, A, public(2)))
    with pytest.raises(AirError, match=r"there are no public values number \[2\]"):
        kind_of(requirements=(NotZero(public(2), "is there"),))
    with pytest.raises(AirError, match="COLUMN has no place in an expression over public values"):
        kind_of(send(STEP, A, column(Trace.MAIN, 0)))
    with pytest.raises(AirError, match="a public term has 1 elements, bus STEP carries 2"):
        kind_of(send(STEP, A))


@pytest.mark.parametrize("bits", [0, 25])
def test_a_bound_that_no_circuit_can_state_is_refused(bits: int) -> None:
    with pytest.raises(AirError, match=f"1 to 24 bits can be demanded, not {bits}"):
        Below(A, bits, "a is small")


@pytest.mark.parametrize("sentence", ["", "one: two"])
def test_a_sentence_that_no_page_can_hold_is_refused(sentence: str) -> None:
    with pytest.raises(AirError, match="must say what is demanded, without a colon"):
        NotZero(A, sentence)


def test_a_proof_with_impossible_public_values_is_refused_before_all_else() -> None:
    """Its messages do not cancel either: what a requirement forbids is not asked of buses."""
    fixed = toy_fixed(toy_kind())
    traces, publics = toy_traces(20, 4, 100)
    lie = [*publics[:2], 64, publics[3]]
    segment = commit_segment(fixed, [to_montgomery(trace) for trace in traces], lie, PROGRAM, BACKEND)
    with pytest.raises(VerificationError) as caught:
        verify_segment(encode(prove_segment(segment, JOB, BACKEND)), fixed.key, PROGRAM, JOB)
    assert caught.value.reason is Rejection.STATEMENT
    assert caught.value.detail == "toy: a walk has less than 64 steps, but steps is 64"
    assert [str(one) for one in check_publics(fixed.key.kind, lie)] == [caught.value.detail]
    assert check_publics(fixed.key.kind, publics) == []
