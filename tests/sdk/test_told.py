"""What a coordinator reports of a run that a proof does not show is at least possible."""

from dataclasses import replace

import pytest

from zisk import Outcome, ProofForm, Rejection, VerificationError
from zisk.sdk import Counted, ExecutionReport
from zisk.sdk.told import check_told

OUTPUTS = (0,) * 64
OUTCOME = Outcome(ProofForm.FINAL, bytes(36), 0, OUTPUTS, 3, None, 128, 16)
REPORT = ExecutionReport(3, None, 3, 0, OUTPUTS, Counted.COORDINATOR)


@pytest.mark.parametrize(("steps", "cycles"), [(3, None), (3, 3), (3 << 16, 0), (3 << 16, 3 << 16)])
def test_steps_that_fit_the_segments_are_taken(steps: int, cycles: int | None) -> None:
    check_told(replace(REPORT, steps=steps, cycles=cycles), "final", OUTCOME)


@pytest.mark.parametrize("steps", [0, 2, (3 << 16) + 1, 1 << 63])
def test_steps_that_the_segments_cannot_have_are_refused(steps: int) -> None:
    with pytest.raises(VerificationError) as caught:
        check_told(replace(REPORT, steps=steps), "final", OUTCOME)
    text = f"the coordinator reports {steps} steps, which 3 segments of 2^16 cannot have"
    assert (caught.value.reason, caught.value.detail) == (Rejection.POLICY, text)


@pytest.mark.parametrize("outcome", [OUTCOME, replace(OUTCOME, steps=5)])
def test_more_cycles_than_steps_are_refused(outcome: Outcome) -> None:
    with pytest.raises(VerificationError) as caught:
        check_told(replace(REPORT, steps=5, cycles=6), "final", outcome)
    text = "the coordinator reports 6 cycles in 5 steps"
    assert (caught.value.reason, caught.value.detail) == (Rejection.POLICY, text)
