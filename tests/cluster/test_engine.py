"""The prover of this package behind the cluster's protocol: whose fault is what."""

from collections.abc import Callable
from pathlib import Path

import pytest

from zisk.cluster.engine import EngineError, LocalEngine
from zisk.cluster.errors import FailureKind
from zisk.exit_codes import ExitCode

EXAMPLES = Path(__file__).parents[2] / "examples"
FAULT = (EXAMPLES / "fault" / "fault.elf").read_bytes()
FIBONACCI = (EXAMPLES / "fibonacci" / "fibonacci.elf").read_bytes()
INPUT = (EXAMPLES / "fibonacci" / "inputs" / "90.bin").read_bytes()


@pytest.mark.parametrize(
    ("action", "kind", "code"),
    [
        (lambda engine: engine.execute(b"no ELF", b""), FailureKind.INPUT, ExitCode.BAD_FILE),
        (lambda engine: engine.execute(FAULT, b""), FailureKind.GUEST_FAULT, ExitCode.GUEST_FAULT),
        (lambda engine: engine.verify(b"no proof", b"no key"), FailureKind.BAD_PROOF, ExitCode.JOB_FAILED),
    ],
)
def test_failures_have_a_kind(action: Callable[[LocalEngine], object], kind: FailureKind, code: ExitCode):
    with pytest.raises(EngineError) as caught:
        action(LocalEngine())
    assert (caught.value.kind, caught.value.exit_code) == (kind, code)


def test_execution():
    execution = LocalEngine().execute(FIBONACCI, INPUT)
    assert execution.outputs[0] + (execution.outputs[1] << 32) == 2880067194370816120
    assert execution.exit_code == 0
    assert execution.cycles is not None
    assert 0 < execution.cycles <= execution.steps


@pytest.mark.slow
def test_a_job_in_three_phases():
    engine = LocalEngine(threads=1)
    program = engine.setup(FIBONACCI, log_size=16, security=100)
    sessions = [
        engine.session(program, INPUT, units=3, allocation=allocation) for allocation in ([0, 1], [2])
    ]
    contributions = [session.contributions() for session in sessions]
    with pytest.raises(EngineError, match="of a job of 3 units, this one has 4"):
        engine.global_challenge(program, contributions, 4)
    with pytest.raises(EngineError):
        engine.global_challenge(program, contributions[:1], 3)
    challenge = engine.global_challenge(program, contributions, 3)
    again = engine.global_challenge(program, contributions[::-1], 3)
    assert engine.encode_challenge(challenge) == engine.encode_challenge(again)
    assert len(engine.encode_challenge(challenge)) == 4 * (9 + 5 + 5 + len(challenge.nonces))
    proofs = [proof for session in sessions for proof in session.prove(challenge)]
    proof = engine.assemble(program, challenge, dict(enumerate(proofs)))
    outcome = engine.verify(proof, program.key)
    assert outcome.outputs == engine.execute(FIBONACCI, INPUT).outputs
    assert outcome.cycles is None
