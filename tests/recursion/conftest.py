"""A true proof of the toy kind, shared by the tests of its verifier."""

import pytest

from tests.stark.toy import BACKEND, JOB, PROGRAM, toy_fixed, toy_kind, toy_traces
from zisk.field.koalabear import to_montgomery
from zisk.stark.commitment import FixedTables
from zisk.stark.proof import SegmentProof
from zisk.stark.prove import commit_segment, prove_segment


@pytest.fixture(scope="session")
def fixed() -> FixedTables:
    return toy_fixed(toy_kind())


@pytest.fixture(scope="session")
def proof(fixed: FixedTables) -> SegmentProof:
    traces, publics = toy_traces(20, 4, 100)
    segment = commit_segment(fixed, [to_montgomery(trace) for trace in traces], publics, PROGRAM, BACKEND)
    return prove_segment(segment, JOB, BACKEND)
