"""A job is folded by whoever has its parts, in any order, and what is not of the job is refused."""

from __future__ import annotations

import dataclasses

import pytest

from tests.prover.jobs import DATA, UNITS, Payloads, Phases
from zisk.field.koalabear import P
from zisk.prover import (
    Aggregation,
    Outcome,
    Program,
    ProofForm,
    UnitProofError,
    execute,
    verify,
)
from zisk.prover.folded_parts import encode_parts

pytestmark = pytest.mark.slow


def test_the_final_proof_shows_the_run(program: Program, final: bytes) -> None:
    run = execute(program, DATA)
    assert verify(final, program.key) == Outcome(
        form=ProofForm.FINAL,
        digest=program.digest,
        exit_code=run.exit_code,
        outputs=run.outputs,
        segments=3,
        steps=None,
        security=128,
        log_size=16,
    )


def test_a_unit_delivers_what_has_no_sibling_with_it(payloads: Payloads) -> None:
    """Unit 0 has segments 0 and 3, which make a subtree; the others have one each."""
    assert [[part.span for part in payloads.parts(unit)] for unit in range(UNITS)] == [
        [(0, 2)],
        [(2, 3)],
        [(3, 4)],
    ]
    assert [payloads.parts(unit)[0].interface.count for unit in range(UNITS)] == [2, 1, 1]


def test_the_order_of_arrival_changes_nothing(program: Program, payloads: Payloads, final: bytes) -> None:
    phases = Phases()
    aggregation = Aggregation(program, payloads.challenge, progress=phases)
    for unit in (2, 0, 1):
        aggregation.add(unit, payloads.units[unit])
    assert phases.of("fold") == [(2, 2)]
    assert aggregation.finish() == final
    assert phases.of("final proof") == [(2, 2)]


def test_parts_survive_their_bytes(payloads: Payloads) -> None:
    for unit, data in enumerate(payloads.units):
        assert encode_parts(unit, payloads.parts(unit)) == data


def refused(program: Program, payloads: Payloads, text: str, *delivered: tuple[int, bytes]) -> None:
    """An aggregation takes what is delivered but the last, which it refuses in words that match."""
    aggregation = Aggregation(program, payloads.challenge)
    *taken, (unit, payload) = delivered
    for one, data in taken:
        aggregation.add(one, data)
    with pytest.raises(UnitProofError, match=text):
        aggregation.add(unit, payload)


def test_what_is_no_payload_of_its_unit_is_refused(program: Program, payloads: Payloads) -> None:
    zero, one = payloads.units[:2]
    refused(program, payloads, "these are no folded parts: it does not start", (0, b""))
    refused(program, payloads, "these are no folded parts: it does not start", (0, b"pzU1" + zero[4:]))
    refused(program, payloads, "these are no folded parts: it ends too early", (0, zero[:-1]))
    refused(program, payloads, "these are no folded parts: it has bytes after its end", (0, zero + b"\0"))
    refused(program, payloads, "the parts of unit 0 are labelled as of unit 1", (0, one))
    refused(program, payloads, "unit 3 delivers, the job has 3 units", (3, one))
    refused(program, payloads, "unit 1 delivers twice", (1, one), (1, one))


def test_parts_that_overlap_or_are_none_are_refused(program: Program, payloads: Payloads) -> None:
    (part,) = payloads.parts(1)
    refused(program, payloads, "2 to 3 of the tree are delivered twice", (1, encode_parts(1, [part, part])))
    for span in ((0, 4), (1, 3), (4, 5), (3, 3)):
        moved = encode_parts(1, [dataclasses.replace(part, span=span)])
        refused(program, payloads, "are no subtree|are folded of another job", (1, moved))


def test_a_part_that_is_there_is_taken_once(program: Program, payloads: Payloads) -> None:
    """Units that were proved again after a worker was lost may deliver what another delivers too."""
    (part,) = payloads.parts(1)
    aggregation = Aggregation(program, payloads.challenge)
    aggregation.add(1, payloads.units[1])
    aggregation.add(2, encode_parts(2, [part]))
    aggregation.add(0, encode_parts(0, [part]))
    with pytest.raises(UnitProofError, match=r"the proofs of segments \[0, 1, 3\] are missing"):
        aggregation.finish()


def test_a_part_at_another_place_is_refused(program: Program, payloads: Payloads) -> None:
    (part,) = payloads.parts(1)
    moved = encode_parts(2, [dataclasses.replace(part, span=(3, 4))])
    refused(program, payloads, "3 to 4 of the tree are folded of another job", (2, moved))


def test_a_part_folded_by_another_circuit_is_refused(program: Program, payloads: Payloads) -> None:
    (part,) = payloads.parts(1)
    cap = ((0,) * 9, *part.key.cap[1:])
    other = dataclasses.replace(part, key=dataclasses.replace(part.key, cap=cap))
    refused(program, payloads, "by a circuit of another version", (1, encode_parts(1, [other])))


def test_a_part_that_does_not_hold_is_refused(program: Program, payloads: Payloads) -> None:
    """Another total; an opened row changed; an opened row left out."""
    (part,) = payloads.parts(1)
    proof = part.proof
    first, *others = proof.trees
    rows = first.rows.copy()
    rows[0, 0] ^= 1
    for change in (
        {"publics": (*proof.publics[:-1], (proof.publics[-1] + 1) % P)},
        {"trees": (dataclasses.replace(first, rows=rows), *others)},
        {"trees": (dataclasses.replace(first, rows=first.rows[1:]), *others)},
    ):
        false = dataclasses.replace(part, proof=dataclasses.replace(proof, **change))
        refused(program, payloads, "2 to 3 of the tree do not hold", (1, encode_parts(1, [false])))


def test_a_missing_unit_is_named(program: Program, payloads: Payloads) -> None:
    aggregation = Aggregation(program, payloads.challenge)
    aggregation.add(2, payloads.units[2])
    with pytest.raises(UnitProofError, match="what unit 0 delivers is missing"):
        aggregation.finish()


def test_a_unit_that_delivers_nothing_is_not_enough(program: Program, payloads: Payloads) -> None:
    aggregation = Aggregation(program, payloads.challenge)
    for unit in range(UNITS):
        aggregation.add(unit, encode_parts(unit, []) if unit else payloads.units[unit])
    with pytest.raises(UnitProofError, match=r"the proofs of segments \[1, 2\] are missing"):
        aggregation.finish()


def test_a_composite_proof_is_not_made_of_folded_parts(program: Program, payloads: Payloads) -> None:
    aggregation = Aggregation(program, payloads.challenge, form=ProofForm.COMPOSITE)
    with pytest.raises(UnitProofError, match="this is no unit proof"):
        aggregation.add(0, payloads.units[0])
