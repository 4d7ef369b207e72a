"""A proof is taken apart into parts that add up to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.prover.jobs import UNITS, Job
from zisk.field import quintic
from zisk.proof_format.final_proof import FinalProof, encode_final_proof
from zisk.proof_format.job_proof import SMALLEST_SEGMENT, JobProof, decode_job_proof, encode_job_proof
from zisk.proof_format.statement import Claims
from zisk.prover import Program, VerificationError, verify
from zisk.recursion.shapes import final_kind
from zisk.stark.batching import Tree, batching_order, tree_widths
from zisk.stark.parameters import CircuitRole, circuit_parameters, parameters_for
from zisk.stark.proof import SegmentProof, TreeOpening, decode, encode, proof_shape
from zisk.verifier.inspection import PARTS, Inspection, inspect
from zisk.vm.kinds import KINDS, core_kind, edges_kind

WORD = 4
DIGEST = 9 * WORD
ELEMENT = 5 * WORD

EMPTY = JobProof(
    (0,) * 9, 128, 16, 1, Claims(0, (0,) * 64, (1, 1), (0,)), (0,), (bytes(SMALLEST_SEGMENT),) * 2
)


@pytest.fixture(scope="module")
def inspection(job: Job) -> Inspection:
    return inspect(job.proof)


@pytest.mark.slow
def test_parts_add_up_to_the_proof(job: Job, inspection: Inspection) -> None:
    segments = decode_job_proof(job.proof).segments
    assert inspection.size == len(job.proof)
    assert [stark.size for stark in inspection.starks] == [len(segment) for segment in segments]
    assert tuple(inspection.sizes) == PARTS


@pytest.mark.slow
def test_a_proof_is_described_as_it_was_made(job: Job, program: Program, inspection: Inspection) -> None:
    outcome = verify(job.proof, program.key)
    assert (inspection.container, inspection.version) == ("composite", 1)
    assert (inspection.program, inspection.security, inspection.log_size, inspection.units) == (
        outcome.digest,
        outcome.security,
        outcome.log_size,
        UNITS,
    )
    assert inspection.claims == job.challenge.claims
    numbered = [(stark.kind, stark.number) for stark in inspection.starks]
    assert numbered == [*(("core", k + 1) for k in range(outcome.segments)), ("edges", 1)]
    assert [(kind.name, kind.log_size, kind.soundness.bits) for kind in inspection.kinds] == [
        ("core", 16, 128),
        ("edges", 16, 128),
    ]
    assert inspection.weakest.weakest.name == "queries"


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, -1])
def test_sizes_of_a_segment_follow_from_its_kind(
    job: Job, program: Program, inspection: Inspection, place: int
) -> None:
    kind = (core_kind(16), edges_kind())[place]
    key = program.program_key.key_of(KINDS[place], 0)
    proof, order = decode(decode_job_proof(job.proof).segments[place], key), batching_order(kind)
    parameters = parameters_for(128)
    final = 1 << parameters.final_degree_bits(kind.log_size)
    assert inspection.starks[place].sizes == {
        "statement": WORD * (len(kind.tables) + len(kind.public_names)),
        "nonces": WORD * len(proof.nonces),
        "caps": DIGEST * 3 * (1 << parameters.cap_log),
        "sums": ELEMENT * sum(len(air.scopes) for air in kind.airs),
        "openings": ELEMENT * (len(order.places) + len(order.following)),
        **{
            f"rows_{tree.name.lower()}": WORD * sum(tree_widths(kind, tree)) * len(opening.rows)
            for tree, opening in zip(Tree, proof.trees, strict=True)
        },
        "siblings": DIGEST * sum(len(opening.siblings) for opening in proof.trees),
        "fri_layers": DIGEST * sum(len(cap) for cap in proof.fold_caps)
        + sum(8 * ELEMENT * len(layer.rows) + DIGEST * len(layer.siblings) for layer in proof.layers),
        "final_polynomial": ELEMENT * final,
        "framing": WORD + 2 * WORD * (len(proof.trees) + len(proof.layers)),
    }
    assert inspection.starks[place].log_heights == dict(
        zip((air.name for air in kind.airs), proof.log_heights, strict=True)
    )


@pytest.mark.slow
def test_a_false_claim_is_shown_as_it_stands(job: Job, program: Program) -> None:
    proof = decode_job_proof(job.proof)
    false = encode_job_proof(replace(proof, claims=replace(proof.claims, exit_code=77)))
    with pytest.raises(VerificationError):
        verify(false, program.key)
    assert inspect(false).claims.exit_code == 77


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"", "it does not start like a proof of this version"),
        (b"pzK1", "it does not start like a proof of this version"),
        (b"pzJ1", "this is no job proof: it ends too early"),
        (encode_job_proof(replace(EMPTY, log_size=17)), "size 17 does not exist"),
        (
            encode_job_proof(replace(EMPTY, level=96)),
            "security level 96 does not exist: choose 100 or 128",
        ),
        (
            encode_job_proof(replace(EMPTY, segments=(bytes(SMALLEST_SEGMENT),))),
            "1 segments where 2 are claimed",
        ),
        (encode_job_proof(EMPTY), "these bytes are not a segment proof of this version"),
        (encode_job_proof(EMPTY) + b"\0", "this is no job proof: it has bytes after its end"),
    ],
)
def test_what_is_no_proof_is_refused(data: bytes, detail: str) -> None:
    with pytest.raises(VerificationError) as refusal:
        inspect(data)
    assert refusal.value.detail == detail


def folded(compressed: bool) -> bytes:
    """A final proof in which every element is zero: of the right shape, and false."""
    kind = final_kind()
    role = CircuitRole.COMPRESSED if compressed else CircuitRole.FINAL
    parameters = circuit_parameters(128, role)
    shape = proof_shape(kind, parameters)

    def digests(count: int) -> tuple[tuple[int, ...], ...]:
        return ((0,) * 9,) * count

    def elements(count: int) -> tuple[quintic.Element, ...]:
        return (quintic.ZERO,) * count

    def opening(width: int) -> TreeOpening:
        return TreeOpening(np.zeros((2, width), np.uint32), np.zeros((3, 9), np.uint32))

    proof = SegmentProof(
        log_heights=(0,) * shape.tables,
        publics=(0,) * shape.publics,
        main_cap=digests(shape.cap),
        stage2_cap=digests(shape.cap),
        sums=elements(shape.sums),
        quotient_cap=digests(shape.cap),
        here=elements(shape.here),
        following=elements(shape.following),
        fold_caps=tuple(digests(count) for count in shape.fold_caps),
        final_polynomial=elements(shape.final),
        nonces=(0,) * shape.nonces,
        trees=tuple(opening(width) for width in shape.tree_widths),
        layers=tuple(opening(shape.layer_width) for _ in shape.fold_caps),
    )
    return encode_final_proof(
        FinalProof(EMPTY.program, 128, 20, 10, EMPTY.claims, (7,), compressed, encode(proof))
    )


@pytest.mark.parametrize(("compressed", "name"), [(False, "final"), (True, "compressed")])
def test_a_folded_proof_is_one_circuit(compressed: bool, name: str) -> None:
    data = folded(compressed)
    inspection = inspect(data)
    assert (inspection.container, inspection.log_size, inspection.units) == (name, 20, 10)
    assert (inspection.claims, inspection.program) == (EMPTY.claims, bytes(36))
    assert [(stark.kind, stark.number) for stark in inspection.starks] == [(name, 1)]
    assert [(kind.name, kind.log_size, kind.soundness.bits) for kind in inspection.kinds] == [
        ("core", 20, 128),
        ("edges", 16, 128),
        ("leaf or node", 16, 128),
        ("shrink", 15, 128),
        (name, 14, 128),
    ]
    assert (inspection.weakest.bits, inspection.size) == (128, len(data))
    assert tuple(inspection.sizes) == PARTS
