"""The prover of this package behind the cluster's protocol: whose fault is what."""

from collections.abc import Callable
from pathlib import Path

import pytest

from zisk.cluster.engines.local import LocalEngine
from zisk.cluster.errors import failure_of
from zisk.errors import ErrorKind, ZiskError
from zisk.exit_codes import ExitCode
from zisk.proof_format.forms import ProofForm
from zisk.prover.errors import ContributionError, UnitProofError
from zisk.stark.errors import VerificationError

EXAMPLES = Path(__file__).parents[3] / "examples"
FAULT = (EXAMPLES / "fault" / "fault.elf").read_bytes()
FIBONACCI = (EXAMPLES / "fibonacci" / "fibonacci.elf").read_bytes()
INPUT = (EXAMPLES / "fibonacci" / "inputs" / "90.bin").read_bytes()


@pytest.mark.parametrize(
    ("action", "kind", "code"),
    [
        (lambda engine: engine.execute(b"no ELF", b""), ErrorKind.INPUT, ExitCode.BAD_FILE),
        (lambda engine: engine.execute(FAULT, b""), ErrorKind.GUEST_FAULT, ExitCode.GUEST_FAULT),
        (
            lambda engine: engine.verify(b"no proof", b"no key", ProofForm.FINAL),
            ErrorKind.REFUSED,
            ExitCode.REFUSED,
        ),
    ],
)
def test_failures_have_a_kind(action: Callable[[LocalEngine], object], kind: ErrorKind, code: ExitCode):
    with pytest.raises(ZiskError) as caught:
        action(LocalEngine())
    assert (caught.value.kind, caught.value.kind.exit_code) == (kind, code)


def test_execution():
    execution = LocalEngine().execute(FIBONACCI, INPUT)
    assert execution.outputs[0] + (execution.outputs[1] << 32) == 2880067194370816120
    assert execution.exit_code == 0
    assert execution.steps is not None
    assert execution.cycles is not None
    assert 0 < execution.cycles <= execution.steps


@pytest.mark.slow
@pytest.mark.parametrize("form", [ProofForm.COMPOSITE, ProofForm.COMPRESSED])
def test_a_job_in_three_phases(form: ProofForm):
    engine = LocalEngine(threads=1)
    program = engine.setup(FIBONACCI, log_size=16, security=100)
    sessions = [
        engine.session(program, INPUT, units=3, allocation=allocation, form=form)
        for allocation in ([0, 1], [2])
    ]
    contributions = [session.contributions() for session in sessions]
    with pytest.raises(ContributionError, match="of a job of 3 units, this one has 4"):
        engine.global_challenge(program, contributions, 4)
    with pytest.raises(ContributionError):
        engine.global_challenge(program, contributions[:1], 3)
    challenge = engine.global_challenge(program, contributions, 3)
    again = engine.global_challenge(program, contributions[::-1], 3)
    assert engine.encode_challenge(challenge) == engine.encode_challenge(again)
    assert len(engine.encode_challenge(challenge)) == 4 * (9 + 5 + 5 + len(challenge.nonces))
    payloads = [payload for session in sessions for payload in session.prove(challenge)]
    aggregations = [engine.aggregation(program, challenge, form=form) for _ in range(2)]
    for unit in range(3):
        aggregations[0].add(unit, payloads[unit])
        aggregations[1].add(2 - unit, payloads[2 - unit])
    with pytest.raises(UnitProofError, match="unit 1 delivers twice"):
        aggregations[0].add(1, payloads[1])
    for bad in (b"", payloads[0][:-4], payloads[1]):
        with pytest.raises((UnitProofError, VerificationError)) as caught:
            engine.aggregation(program, challenge, form=form).add(0, bad)
        assert failure_of(caught.value)[0] is ErrorKind.BAD_PROOF
    proof, other = (aggregation.finish() for aggregation in aggregations)
    assert proof == other
    outcome = engine.verify(proof, program.key, form)
    execution = engine.execute(FIBONACCI, INPUT)
    assert outcome.outputs == execution.outputs
    assert (outcome.steps, outcome.cycles) == (
        execution.steps if form is ProofForm.COMPOSITE else None,
        None,
    )
    for session in sessions:
        assert session.execution is not None
        assert (session.execution.steps, session.execution.cycles) == (execution.steps, execution.cycles)
    another = ProofForm.COMPOSITE if form is ProofForm.FINAL else ProofForm.FINAL
    with pytest.raises(VerificationError, match=f"the proof is {form}, this job's is to be {another}"):
        engine.verify(proof, program.key, another)
