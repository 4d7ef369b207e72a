"""Tasks and results come out of their messages as they went in."""

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zisk.choices import MAXIMAL_UNITS
from zisk.cluster.errors import WireError
from zisk.cluster.protocol import codec
from zisk.cluster.protocol.codec import (
    decode_kept,
    decode_result,
    decode_task,
    encode_kept,
    encode_result,
    encode_task,
)
from zisk.cluster.protocol.generated import distributed_pb2 as wire
from zisk.cluster.protocol.payload import MARK, Inline, Payload, Stored
from zisk.cluster.tasks import (
    AggregateTask,
    AggregationResult,
    Binding,
    Committed,
    ContributeTask,
    ContributionResult,
    Counts,
    Demand,
    ExecuteTask,
    Execution,
    ExecutionResult,
    FailureResult,
    InputPath,
    JobKind,
    JobRequest,
    Kept,
    Piece,
    ProofsResult,
    ProveTask,
    Result,
    SetupResult,
    SetupTask,
    Task,
)
from zisk.errors import JOB_FAILURES, ErrorKind
from zisk.proof_format.forms import ProofForm

INLINE = st.binary(min_size=1, max_size=20).filter(lambda data: not data.startswith(MARK)).map(Inline)
PAYLOADS: st.SearchStrategy[Payload] = INLINE | st.builds(
    Stored, st.binary(min_size=32, max_size=32), st.integers(0, 2**40)
)
UNIT_PROOFS = st.lists(st.tuples(st.integers(0, 100), PAYLOADS), max_size=4).map(tuple)


def requests(kind: JobKind) -> st.SearchStrategy[JobRequest]:
    return st.builds(
        JobRequest,
        kind=st.just(kind),
        hash_id=st.text("0123456789abcdef", min_size=64, max_size=64),
        input=PAYLOADS | st.text(min_size=1, max_size=9).map(InputPath),
        demand=st.integers(1, 100).map(lambda units: Demand(units, None)),
        log_size=st.sampled_from([16, 20]),
        security=st.sampled_from([100, 128]),
        data_id=st.text(max_size=5),
        form=st.sampled_from(ProofForm),
    )


SETUP = st.builds(
    JobRequest,
    kind=st.just(JobKind.SETUP),
    hash_id=st.just("ab" * 32),
    input=st.just(Inline(b"")),
    demand=st.just(Demand(1, None)),
    log_size=st.just(18),
    security=st.just(100),
).map(SetupTask)
RUNS = st.tuples(st.integers(0, 50), st.integers(1, 10)).map(lambda run: range(run[0], run[0] + run[1]))
COMMITMENTS = st.builds(Committed, st.integers(0, 2**32 - 1), st.binary(max_size=64))
PIECES = st.tuples(st.integers(0, 99), st.integers(1, 99), PAYLOADS).map(
    lambda piece: Piece(piece[0], piece[0] + piece[1], piece[2])
)
BINDINGS = st.builds(Binding, st.lists(PAYLOADS, max_size=4).map(tuple), st.binary(max_size=40))
TASKS: st.SearchStrategy[Task] = st.one_of(
    st.builds(
        ContributeTask,
        requests(JobKind.PROVE),
        st.integers(0, 9),
        st.integers(1, 9),
        RUNS,
        st.lists(COMMITMENTS, max_size=3).map(tuple),
    ),
    st.builds(ExecuteTask, requests(JobKind.EXECUTE)),
    st.builds(ProveTask, RUNS, BINDINGS),
    st.builds(AggregateTask, requests(JobKind.PROVE), BINDINGS, UNIT_PROOFS, st.booleans(), st.booleans()),
    SETUP,
)
WORDS = st.lists(st.integers(0, 2**32 - 1), min_size=64, max_size=64).map(tuple)
EXECUTIONS = st.builds(
    Execution,
    steps=st.integers(0, 2**40),
    cycles=st.none() | st.integers(0, 2**40),
    segments=st.integers(0, 2**20),
    exit_code=st.integers(0, 2**64 - 1),
    outputs=WORDS,
    seconds=st.sampled_from([0.0, 0.5, 12.25]),
)
COUNTS = st.builds(Counts, st.integers(1, 2**40), st.integers(0, 2**40))
FAILURES = st.builds(FailureResult, st.sampled_from(sorted(JOB_FAILURES)), st.text(max_size=10))
REFUSALS = st.builds(
    FailureResult, st.just(ErrorKind.BAD_PROOF), st.text(max_size=10), st.integers(0, 2**32 - 1)
)
RESULTS: st.SearchStrategy[Result] = st.one_of(
    st.builds(ContributionResult, PAYLOADS),
    st.builds(ProofsResult, UNIT_PROOFS, st.none() | COUNTS),
    st.just(AggregationResult(None)),
    st.builds(AggregationResult, PAYLOADS),
    st.builds(ExecutionResult, EXECUTIONS),
    FAILURES,
    REFUSALS,
)
PROVE = ProveTask(range(0), Binding((), b""))
LEASES = st.integers(0, 2**64 - 1)


@given(LEASES, TASKS)
def test_tasks_round_trip(lease: int, task: Task):
    message = encode_task("worker", "job", lease, task)
    again = wire.CoordinatorMessage.FromString(message.SerializeToString())
    assert decode_task(again) == ("job", lease, task)


@given(LEASES, COMMITMENTS | PIECES)
def test_what_is_kept_round_trips(lease: int, kept: Kept):
    message = wire.WorkerMessage.FromString(encode_kept("worker", "job", lease, kept).SerializeToString())
    assert (message.work_kept.job_id, message.work_kept.lease) == ("job", lease)
    assert decode_kept(message.work_kept) == kept


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (wire.WorkKept(), "hands nothing in"),
        (wire.WorkKept(piece=wire.ProofPiece(start=3, end=3)), "segments 3 to before 3"),
        (wire.WorkKept(piece=wire.ProofPiece(end=2**20 + 1)), "segments 0 to before 1048577"),
        (wire.WorkKept(committed=wire.SegmentCommitment(commitment=bytes(65))), "at most 64 bytes of a"),
    ],
)
def test_what_nobody_can_go_on_from_is_refused(message: wire.WorkKept, text: str):
    with pytest.raises(WireError, match=text):
        decode_kept(message)


@given(LEASES, RESULTS)
def test_results_round_trip(lease: int, result: Result):
    message = encode_result("worker", "job", lease, PROVE, result)
    again = wire.WorkerMessage.FromString(message.SerializeToString())
    assert decode_result(again) == ("job", lease, result)


@given(LEASES, st.one_of(st.builds(SetupResult, st.binary(max_size=9)), FAILURES))
def test_results_of_a_setup_round_trip(lease: int, result: Result):
    request = JobRequest(JobKind.SETUP, "ab" * 32, Inline(b""), Demand(1, None), 20, 128)
    message = encode_result("worker", "job", lease, SetupTask(request), result)
    again = wire.WorkerMessage.FromString(message.SerializeToString())
    assert decode_result(again) == ("job", lease, result)


def test_a_failure_of_an_unknown_kind_is_the_workers():
    message = encode_result("worker", "job", 7, PROVE, FailureResult(ErrorKind.INPUT, "text"))
    message.execute_task_response.failure_kind = "from the future"
    assert decode_result(message) == ("job", 7, FailureResult(ErrorKind.WORKER_ERROR, "text"))


def test_units_that_are_no_run_are_refused():
    params = wire.ContributionParams(worker_allocation=[0, 2])
    message = wire.CoordinatorMessage(execute_task=wire.ExecuteTaskRequest(contribution_params=params))
    with pytest.raises(WireError, match="one contiguous run"):
        decode_task(message)


def test_a_form_from_the_future_is_refused():
    options = wire.ProofOptions(log_size=20, security=128, form="folded twice")
    params = wire.ContributionParams(options=options)
    message = wire.CoordinatorMessage(execute_task=wire.ExecuteTaskRequest(contribution_params=params))
    with pytest.raises(WireError, match="no proof form 'folded twice'; choose one of final, compressed"):
        decode_task(message)


def test_a_task_of_no_kind_is_refused():
    with pytest.raises(WireError, match="no parameters"):
        decode_task(wire.CoordinatorMessage(execute_task=wire.ExecuteTaskRequest()))


def test_a_result_without_data_is_refused():
    response = wire.ExecuteTaskResponse(success=True)
    with pytest.raises(WireError, match="no data"):
        decode_result(wire.WorkerMessage(execute_task_response=response))


def contribution(**fields) -> wire.CoordinatorMessage:
    """A message that asks for a contribution."""
    params = wire.ContributionParams(options=wire.ProofOptions(log_size=20, security=128), **fields)
    return wire.CoordinatorMessage(execute_task=wire.ExecuteTaskRequest(contribution_params=params))


def response(**fields) -> wire.WorkerMessage:
    """A message that reports a result."""
    return wire.WorkerMessage(execute_task_response=wire.ExecuteTaskResponse(success=True, **fields))


PROOFS = wire.ProofList(proofs=[wire.ProofStark(values=[0])] * (MAXIMAL_UNITS + 1))
CHALLENGES = [wire.Challenges(challenge=[0])] * (MAXIMAL_UNITS + 1)


def execution(seconds: float, outputs: int = 64) -> wire.Execution:
    return wire.Execution(
        zisk_execution_time=wire.ZiskExecuteTime(total_duration=seconds),
        witness_info=wire.WitnessExecInfo(publics=[0] * outputs),
    )


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (contribution(worker_allocation=[0, 2**32 - 1]), "one contiguous run"),
        (contribution(worker_allocation=range(MAXIMAL_UNITS + 1)), "at most 4096 units, not 4097"),
        (
            contribution(worker_allocation=[MAXIMAL_UNITS - 1, MAXIMAL_UNITS]),
            "numbered below 4096, not up to 4096",
        ),
        (contribution(job_compute_units=MAXIMAL_UNITS + 1), "at most 4096 compute units, not 4097"),
        (
            wire.CoordinatorMessage(
                execute_task=wire.ExecuteTaskRequest(prove_params=wire.ProveParams(challenges=CHALLENGES))
            ),
            "at most 4096 contributions, not 4097",
        ),
        (
            wire.CoordinatorMessage(
                execute_task=wire.ExecuteTaskRequest(agg_params=wire.AggParams(agg_proofs=PROOFS))
            ),
            "at most 4096 payloads of units, not 4097",
        ),
    ],
)
def test_a_task_of_more_than_a_job_has_is_refused(message: wire.CoordinatorMessage, text: str):
    with pytest.raises(WireError, match=text), small():
        decode_task(message)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (response(proofs=PROOFS), "at most 4096 payloads of units, not 4097"),
        (response(challenges=wire.ChallengesList(challenges=CHALLENGES)), "one contribution .* not 4097"),
        (response(execution=execution(1.0, outputs=65)), "at most 64 output words, not 65"),
        (response(execution=execution(float("nan"))), "no execution takes nan seconds"),
        (response(execution=execution(float("inf"))), "no execution takes inf seconds"),
        (response(execution=execution(-1.0)), r"no execution takes -1\.0 seconds"),
    ],
)
def test_a_result_of_more_than_a_run_has_is_refused(message: wire.WorkerMessage, text: str):
    with pytest.raises(WireError, match=text), small():
        decode_result(message)


@contextmanager
def small() -> Iterator[None]:
    """What is inside takes little time, and little memory beside what is there."""
    tracemalloc.start()
    start = time.process_time()
    try:
        yield
    finally:
        seconds = time.process_time() - start
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 1 << 20
        assert seconds < 0.1


def test_whatever_a_reader_raises_is_a_refusal():
    """Lack of memory, too."""
    with patch.object(codec, "from_words", side_effect=MemoryError("no room")):
        with pytest.raises(WireError, match="a result cannot be read: MemoryError: no room"):
            decode_result(response(challenges=wire.ChallengesList(challenges=[wire.Challenges()])))
        params = wire.ProveParams(challenges=[wire.Challenges()])
        with pytest.raises(WireError, match="a task cannot be read: MemoryError: no room"):
            decode_task(wire.CoordinatorMessage(execute_task=wire.ExecuteTaskRequest(prove_params=params)))
