"""The tasks of a worker, with a prover that pretends."""

import pytest

from tests.cluster.fake_engine import EXECUTION, FakeEngine, program_of, proof_of
from zisk.cluster.engine import EngineError
from zisk.cluster.errors import FailureKind
from zisk.cluster.protocol.payload import Inline
from zisk.cluster.tasks import Demand, JobKind, JobRequest
from zisk.cluster.worker.runner import Interrupted, JobRunner, ProgressMeter

ELF = b"guest"
REQUEST = JobRequest(JobKind.PROVE, "hash", Inline(b""), Demand(4, None), 20, 128)


def challenge_of(contributions: list[bytes]) -> bytes:
    return FakeEngine().global_challenge(program_of(ELF), contributions, 4)


def test_two_workers_prove_and_one_assembles():
    first, second = JobRunner(FakeEngine()), JobRunner(FakeEngine())
    contributions = [
        first.contribute("j", REQUEST, range(3), ELF, b"input"),
        second.contribute("j", REQUEST, range(3, 4), ELF, b"input"),
    ]
    challenge = challenge_of(contributions)
    mine = first.prove("j", contributions, challenge)
    others = second.prove("j", contributions, challenge)
    assert ([unit for unit, _ in mine], [unit for unit, _ in others]) == ([0, 1, 2], [3])
    assert first.aggregate("j", {}, last=False) is None
    assert first.aggregate("j", dict(others), last=True) == proof_of(ELF, b"input", units=4)


def test_another_challenge_is_refused():
    runner = JobRunner(FakeEngine())
    contributions = [runner.contribute("j", REQUEST, range(4), ELF, b"input")]
    with pytest.raises(EngineError, match="does not follow from the contributions") as caught:
        runner.prove("j", contributions, b"another")
    assert caught.value.kind is FailureKind.BAD_CONTRIBUTION


def test_a_job_that_was_dropped_is_not_known():
    runner = JobRunner(FakeEngine())
    contributions = [runner.contribute("j", REQUEST, range(4), ELF, b"input")]
    runner.drop("j")
    with pytest.raises(EngineError, match="job j is not known here"):
        runner.prove("j", contributions, challenge_of(contributions))


def test_execute_and_setup():
    runner = JobRunner(FakeEngine())
    assert runner.execute(ELF, b"") == EXECUTION
    assert runner.setup(REQUEST, ELF) == program_of(ELF).key


def test_progress_adds_up_over_phases_of_known_length():
    meter = ProgressMeter()
    with meter.phase("a", total=3) as advance:
        advance(2)
        with meter.phase("inside") as beat:
            beat()
    with meter.phase("b", total=2) as advance:
        advance()
    assert (meter.done, meter.total) == (3, 5)
    meter.reset()
    assert (meter.done, meter.total) == (0, 0)


def test_a_stopped_meter_stops_whoever_reports():
    meter = ProgressMeter()
    with pytest.raises(Interrupted), meter.phase("a", total=3) as advance:
        meter.stop()
        advance()
