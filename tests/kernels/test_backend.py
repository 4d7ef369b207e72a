"""What the prover knows of a device is its backend: with arrays that nobody can read, proofs are the same."""

from __future__ import annotations

import pytest

from tests.kernels.fake_backend import FakeBackend, Kept
from tests.stark.toy import BACKEND, JOB, PROGRAM, toy_fixed, toy_kind, toy_traces
from zisk.field.koalabear import to_montgomery
from zisk.kernels.backend import Backend
from zisk.kernels.default import default_backend, new_backend
from zisk.kernels.pool import Pool, default_pool
from zisk.stark.check import TableTrace, check_tables
from zisk.stark.evaluation import bind
from zisk.stark.proof import encode
from zisk.stark.prove import CommittedSegment, commit_segment, prove_segment
from zisk.stark.scalars import Challenges
from zisk.stark.tape import compile_outputs

KIND = toy_kind()
OPERATIONS = {
    "upload": 6,
    "take": 25,
    "extend": 3,
    "hash_tables": 4,
    "hash_rows": 1,
    "merkle_levels": 5,
    "logup_columns": 1,
    "selectors": 3,
    "fold_constraints": 1,
    "quotient_columns": 1,
    "open_columns": 1,
    "deep_codeword": 1,
    "fold": 1,
    "interpolate": 1,
    "grind": 2,
}
"""What a segment of the toy asks for: three tables, four trees, one round of FRI, two proofs-of-work."""


def committed(backend: Backend) -> CommittedSegment:
    """A segment of the toy, its tables where the backend keeps them."""
    traces, publics = toy_traces(20, 4, 100)
    matrices = [backend.upload(to_montgomery(trace)) for trace in traces]
    return commit_segment(toy_fixed(KIND, backend=backend), matrices, publics, PROGRAM, backend)


def test_a_proof_has_the_same_bytes_and_takes_as_many_operations_as_it_has_steps() -> None:
    fake = FakeBackend(Pool(2))
    assert encode(prove_segment(committed(fake), JOB, fake)) == encode(
        prove_segment(committed(BACKEND), JOB, BACKEND)
    )
    assert dict(fake.counts) == OPERATIONS


def test_the_judge_reads_tables_through_the_backend() -> None:
    fake = FakeBackend(Pool(1))
    segment = committed(fake)
    tables = [
        TableTrace(air, fixed, main, tuple(segment.publics[place] for place in places))
        for air, fixed, main, places in zip(
            KIND.airs, segment.fixed.values, segment.traces, KIND.public_places, strict=True
        )
    ]
    found = check_tables(tables, KIND.public_terms(segment.publics), fake)
    assert {one.what for one in found} == {
        f"message (3, {value}) is left over 1 times" for value in range(100, 104)
    }


def test_a_device_takes_no_array_of_this_process() -> None:
    (table, _, _), _ = toy_traces(20, 4, 100)
    tape = compile_outputs([one.expression for one in KIND.airs[0].own_constraints])
    with pytest.raises(TypeError, match="no ndarray: upload it"):
        FakeBackend(Pool(1)).evaluate(
            bind(
                tape,
                preprocessed=None,
                main=to_montgomery(table),
                stage2=None,
                selectors=None,
                publics=(100, 103),
                challenges=Challenges(),
            )
        )


def test_arrays_show_their_size_and_no_more() -> None:
    kept = FakeBackend(Pool(1)).upload(to_montgomery([[1, 2], [3, 4]]))
    assert (kept.shape, kept.nbytes, kept.reshape(4).shape) == ((2, 2), 16, (4,))
    assert not hasattr(Kept, "__getitem__")
    assert not hasattr(Kept, "__array__")


def test_a_process_has_one_default_backend_on_its_default_pool() -> None:
    assert default_backend() is default_backend()
    assert default_backend().pool is default_pool()
    assert new_backend(Pool(3)).pool.threads == 3
