"""The tasks of a worker, with a prover that pretends."""

from dataclasses import replace
from itertools import permutations

import pytest

from tests.cluster.fake_engine import COUNTS, EXECUTION, FakeEngine, program_of, proof_of
from zisk.cluster.errors import TaskFailedError
from zisk.cluster.protocol.payload import Inline
from zisk.cluster.tasks import Demand, JobKind, JobRequest
from zisk.cluster.worker.runner import JobRunner
from zisk.errors import ErrorKind
from zisk.proof_format.forms import ProofForm

ELF = b"guest"
REQUEST = JobRequest(JobKind.PROVE, "hash", Inline(b""), Demand(4, None), 20, 128)


def challenge_of(contributions: list[bytes]) -> bytes:
    return FakeEngine().global_challenge(program_of(ELF), contributions, 4)


@pytest.mark.parametrize("form", ProofForm)
def test_two_workers_prove_and_one_aggregates(form: ProofForm):
    request = replace(REQUEST, form=form)
    first, second = JobRunner(FakeEngine()), JobRunner(FakeEngine())
    contributions = [
        first.contribute("j", request, range(3), ELF, b"input"),
        second.contribute("j", request, range(3, 4), ELF, b"input"),
    ]
    challenge = challenge_of(contributions)
    mine = first.prove("j", contributions, challenge)
    others = second.prove("j", contributions, challenge)
    assert ([unit for unit, _ in mine], [unit for unit, _ in others]) == ([0, 1, 2], [3])
    assert first.aggregate("j", {}, last=False) is None
    proof = proof_of(ELF, b"input", units=4, form=form)
    assert first.aggregate("j", dict(others), last=True) == (proof, COUNTS)


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_proofs_are_folded_as_they_land_whatever_the_order(order: tuple[int, ...]):
    runners = [JobRunner(FakeEngine()) for _ in range(4)]
    contributions = [
        runner.contribute("j", REQUEST, range(unit, unit + 1), ELF, b"input")
        for unit, runner in enumerate(runners)
    ]
    challenge = challenge_of(contributions)
    payloads = [dict(runner.prove("j", contributions, challenge)) for runner in runners]
    assert runners[0].aggregate("j", {}, last=False) is None
    made, folds = [], []
    for unit in order:
        made.append(runners[0].aggregate("j", payloads[unit], last=unit == order[-1]))
        folds.append(runners[0].meter.done - 2 * 2)
    assert made == [None, None, (proof_of(ELF, b"input", units=4), COUNTS)]
    # Three folds and the last one: of 0 and 1, or of 2 and 3, as soon as both are there, and then of both.
    assert folds == [int(order[0] == 1), 1, 4]


def test_what_is_no_proof_of_a_unit_is_refused_when_it_is_taken_in():
    runner = JobRunner(FakeEngine())
    contributions = [runner.contribute("j", REQUEST, range(4), ELF, b"input")]
    runner.prove("j", contributions, challenge_of(contributions))
    with pytest.raises(TaskFailedError, match="what unit 7 delivers is refused") as caught:
        runner.aggregate("j", {7: b"junk"}, last=False)
    assert caught.value.kind is ErrorKind.BAD_PROOF


def test_a_job_that_is_not_proved_cannot_be_aggregated():
    runner = JobRunner(FakeEngine())
    runner.contribute("j", REQUEST, range(4), ELF, b"input")
    with pytest.raises(TaskFailedError, match="job j is not proved here yet"):
        runner.aggregate("j", {}, last=True)


def test_another_challenge_is_refused():
    runner = JobRunner(FakeEngine())
    contributions = [runner.contribute("j", REQUEST, range(4), ELF, b"input")]
    with pytest.raises(TaskFailedError, match="does not follow from the contributions") as caught:
        runner.prove("j", contributions, b"another")
    assert caught.value.kind is ErrorKind.BAD_CONTRIBUTION


def test_a_job_that_was_dropped_is_not_known():
    runner = JobRunner(FakeEngine())
    contributions = [runner.contribute("j", REQUEST, range(4), ELF, b"input")]
    runner.drop("j")
    with pytest.raises(TaskFailedError, match="job j is not known here"):
        runner.prove("j", contributions, challenge_of(contributions))


def test_execute_and_setup():
    runner = JobRunner(FakeEngine())
    assert runner.execute(ELF, b"") == EXECUTION
    assert runner.setup(REQUEST, ELF) == program_of(ELF).key
