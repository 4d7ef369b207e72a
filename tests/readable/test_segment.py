"""Segments of the toy kind: the readable verifier and the package agree on what is true."""

from pathlib import Path

import numpy as np
import pytest

from tests.readable.field import K, P
from tests.readable.parameters import Parameters
from tests.readable.proof import SegmentProof
from tests.readable.proving import regions
from tests.readable.reader import RefusedError
from tests.readable.segment import JobChallenge, Key, check_segment
from tests.readable.tables import Kind, read_kind
from tests.stark.toy import BACKEND, JOB, PROGRAM, WEAK, toy_fixed, toy_kind, toy_traces
from zisk.field.koalabear import to_montgomery
from zisk.stark.commitment import FixedTables
from zisk.stark.describe import describe_air, describe_kind
from zisk.stark.errors import VerificationError
from zisk.stark.parameters import SecurityParameters
from zisk.stark.proof import encode
from zisk.stark.prove import commit_segment, prove_segment
from zisk.stark.verify import verify_segment

KIND = toy_kind()
FIXED = toy_fixed(KIND)
PARAMETERS = Parameters(
    WEAK.level,
    queries=WEAK.queries,
    query_work=WEAK.query_grinding_bits,
    local_work=WEAK.local_grinding_bits,
)
KEY = Key([height + 1 for height in FIXED.key.fixed_log_heights], FIXED.key.cap)
CHALLENGE = JobChallenge(JOB.binding, K(JOB.bus.alpha), K(JOB.bus.beta))


@pytest.fixture(scope="module")
def kind(tmp_path_factory: pytest.TempPathFactory) -> Kind:
    """The toy kind, read from pages written for this test."""
    folder: Path = tmp_path_factory.mktemp("tables")
    for air in KIND.airs:
        (folder / f"{air.name}.md").write_text(describe_air(air))
    pages = [f"{air.name}.md" for air in KIND.airs]
    (folder / "toy.md").write_text(describe_kind(KIND, pages))
    return read_kind("toy.md", folder)


def prove(steps: int, ladder: int, fixed: FixedTables = FIXED) -> bytes:
    """A proof of a true statement."""
    traces, publics = toy_traces(steps, ladder, 100)
    matrices = [to_montgomery(trace) for trace in traces]
    return encode(prove_segment(commit_segment(fixed, matrices, publics, PROGRAM, BACKEND), JOB, BACKEND))


@pytest.fixture(scope="module")
def valid() -> bytes:
    """A proof with three tables of different heights."""
    return prove(20, 4)


def verify(data: bytes, kind: Kind, **changes: object) -> K:
    """The global sum of a valid proof."""
    arguments: dict = {"key": KEY, "program": PROGRAM, "job": CHALLENGE} | changes
    return check_segment(SegmentProof(data, kind, PARAMETERS), **arguments)


def both_refuse(data: bytes, kind: Kind) -> None:
    """Neither verifier takes these bytes."""
    with pytest.raises(RefusedError):
        verify(data, kind)
    with pytest.raises(VerificationError):
        verify_segment(data, FIXED.key, PROGRAM, JOB)


@pytest.mark.parametrize(("steps", "ladder"), [(20, 4), (1, 1), (32, 16), (2, 1)])
def test_true_statements_are_accepted(steps: int, ladder: int, kind: Kind) -> None:
    data = prove(steps, ladder)
    accepted = verify_segment(data, FIXED.key, PROGRAM, JOB)
    assert verify(data, kind).coefficients == accepted.global_sum
    read = SegmentProof(data, kind, PARAMETERS)
    assert read.publics == accepted.publics
    assert read.weight == accepted.weight == ladder


def test_parameters_of_other_roles(kind: Kind) -> None:
    """Another rate, other caps and ends of folding, proof-of-work before the first folds and gamma."""
    package = SecurityParameters(
        level=128,
        queries=5,
        query_grinding_bits=2,
        batching_grinding_bits=3,
        fold_grinding_bits=(4,),
        log_blowup=3,
        smallest_final_bits=2,
        cap_log=4,
    )
    parameters = Parameters(
        128,
        queries=5,
        query_work=2,
        batch_work=3,
        fold_work=(4,),
        log_blowup=3,
        least_log_degree=2,
        cap_depth=4,
    )
    fixed = toy_fixed(KIND, package)
    data = prove(20, 4, fixed)
    accepted = verify_segment(data, fixed.key, PROGRAM, JOB)
    read, key = SegmentProof(data, kind, parameters), Key(KEY.fixed, fixed.key.cap)
    assert (len(read.main_cap), len(read.fri_caps), len(read.final), len(read.nonces)) == (16, 2, 4, 3)
    assert check_segment(read, key, PROGRAM, CHALLENGE).coefficients == accepted.global_sum


def test_every_region_matters(valid: bytes, kind: Kind) -> None:
    words = np.frombuffer(valid, dtype="<u4")
    for places in regions(SegmentProof(valid, kind, PARAMETERS), words.size).values():
        for place in {places[0], places[len(places) // 2], places[-1]}:
            changed = words.copy()
            changed[place] = (int(changed[place]) + 1) % P
            both_refuse(changed.tobytes(), kind)


def test_an_element_plus_p_is_refused(valid: bytes, kind: Kind) -> None:
    words = np.frombuffer(valid, dtype="<u4").copy()
    small = int(np.flatnonzero(words[1:] < 2**32 - P)[5]) + 1
    words[small] += P
    both_refuse(words.tobytes(), kind)
    with pytest.raises(RefusedError, match="which is not below p"):
        verify(words.tobytes(), kind)


@pytest.mark.parametrize("length", [0, 3, 4, 8, 1000, -4, -1])
def test_truncated_bytes_are_refused(length: int, valid: bytes, kind: Kind) -> None:
    both_refuse(valid[:length], kind)


def test_bytes_after_the_end_are_refused(valid: bytes, kind: Kind) -> None:
    both_refuse(valid + bytes(4), kind)


def test_another_key_program_or_challenge_is_refused(valid: bytes, kind: Kind) -> None:
    cap = [tuple(KEY.cap[-1]), *KEY.cap[1:]]
    others = {
        "key": Key(KEY.fixed, cap),
        "program": (*PROGRAM[:8], 0),
        "job": JobChallenge(JOB.binding, CHALLENGE.beta, CHALLENGE.alpha),
    }
    for name, other in others.items():
        with pytest.raises(RefusedError):
            verify(valid, kind, **{name: other})


def test_a_fixed_height_is_the_keys(valid: bytes, kind: Kind) -> None:
    with pytest.raises(RefusedError, match="table squares cannot have 2\\^5 rows"):
        verify(valid, kind, key=Key([0, 0, 5], KEY.cap))
