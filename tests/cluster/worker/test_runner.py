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


def begun(runner: JobRunner, contributions: list[bytes], request: JobRequest = REQUEST) -> JobRunner:
    """A runner that aggregates."""
    runner.begin_aggregation("j", request, ELF, contributions, challenge_of(contributions))
    return runner


@pytest.mark.parametrize("form", ProofForm)
def test_two_workers_prove_and_a_third_aggregates(form: ProofForm):
    request = replace(REQUEST, form=form)
    first, second = JobRunner(FakeEngine()), JobRunner(FakeEngine())
    contributions = [
        first.contribute("j", request, range(3), ELF, b"input"),
        second.contribute("j", request, range(3, 4), ELF, b"input"),
    ]
    challenge = challenge_of(contributions)
    some, counts = first.prove("j", range(3), contributions, challenge)
    others, _ = second.prove("j", range(3, 4), contributions, challenge)
    assert ([unit for unit, _ in some], [unit for unit, _ in others]) == ([0, 1, 2], [3])
    assert (first.delivered("j"), counts) == (dict(some), COUNTS)
    third = begun(JobRunner(FakeEngine()), contributions, request)
    assert third.aggregate("j", dict(others), last=False) is None
    proof = proof_of(ELF, b"input", units=4, form=form)
    assert third.aggregate("j", dict(some), last=True) == proof
    again = begun(first, contributions, request)
    assert again.aggregate("j", dict([*some, *others]), last=True) == proof
    assert not first.delivered("j")


def test_one_worker_proves_several_runs_of_units():
    runner = JobRunner(FakeEngine())
    runs = [range(1), range(1, 3), range(3, 4)]
    contributions = [runner.contribute("j", REQUEST, units, ELF, b"input") for units in runs]
    challenge = challenge_of(contributions)
    for units in reversed(runs):
        runner.prove("j", units, contributions, challenge)
    delivered = dict(runner.delivered("j"))
    proof = begun(runner, contributions).aggregate("j", delivered, last=True)
    assert proof == proof_of(ELF, b"input", units=4)


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_proofs_are_folded_as_they_land_whatever_the_order(order: tuple[int, ...]):
    runners = [JobRunner(FakeEngine()) for _ in range(4)]
    runs = [range(unit, unit + 1) for unit in range(4)]
    contributions = [
        runner.contribute("j", REQUEST, units, ELF, b"input")
        for units, runner in zip(runs, runners, strict=True)
    ]
    challenge = challenge_of(contributions)
    payloads = [
        dict(runner.prove("j", units, contributions, challenge)[0])
        for units, runner in zip(runs, runners, strict=True)
    ]
    begun(runners[0], contributions)
    assert runners[0].aggregate("j", payloads[0], last=False) is None
    made, folds = [], []
    for unit in order:
        made.append(runners[0].aggregate("j", payloads[unit], last=unit == order[-1]))
        folds.append(runners[0].meter.done - 2 * 2)
    assert made == [None, None, proof_of(ELF, b"input", units=4)]
    # Three folds and the last one: of 0 and 1, or of 2 and 3, as soon as both are there, and then of both.
    assert folds == [int(order[0] == 1), 1, 4]


def test_what_is_no_proof_of_a_unit_is_refused_when_it_is_taken_in():
    runner = JobRunner(FakeEngine())
    contributions = [runner.contribute("j", REQUEST, range(4), ELF, b"input")]
    begun(runner, contributions)
    with pytest.raises(TaskFailedError, match="what unit 7 delivers is refused") as caught:
        runner.aggregate("j", {7: b"junk"}, last=False)
    assert caught.value.kind is ErrorKind.BAD_PROOF


def test_what_was_not_begun_here_does_not_go_on_here():
    runner = JobRunner(FakeEngine())
    contributions = [runner.contribute("j", REQUEST, range(4), ELF, b"input")]
    with pytest.raises(TaskFailedError, match="the aggregation of job j was not begun by this process"):
        runner.aggregate("j", {}, last=True)
    with pytest.raises(TaskFailedError, match=r"units \[1\] of job j were not contributed by this process"):
        runner.prove("j", range(1, 2), contributions, challenge_of(contributions))
    runner.drop("j")
    with pytest.raises(TaskFailedError, match="were not contributed by this process"):
        runner.prove("j", range(4), contributions, challenge_of(contributions))


def test_another_challenge_is_refused():
    runner = JobRunner(FakeEngine())
    contributions = [runner.contribute("j", REQUEST, range(4), ELF, b"input")]
    for wrong in (
        lambda: runner.prove("j", range(4), contributions, b"another"),
        lambda: runner.begin_aggregation("j", REQUEST, ELF, contributions, b"another"),
    ):
        with pytest.raises(TaskFailedError, match="does not follow from the contributions") as caught:
            wrong()
        assert caught.value.kind is ErrorKind.BAD_CONTRIBUTION


def test_execute_and_setup():
    runner = JobRunner(FakeEngine())
    assert runner.execute(ELF, b"") == EXECUTION
    assert runner.setup(REQUEST, ELF) == program_of(ELF).key
