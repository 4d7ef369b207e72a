"""Each moment belongs to the innermost open stage."""

import pytest

from zisk.stages import NULL_STAGES, Stage, StageClock


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_inner_stage_takes_its_time_from_the_outer_one() -> None:
    clock = Clock()
    stages = StageClock(clock)
    clock.now += 50
    with stages.stage(Stage.FRI):
        clock.now += 1
        with stages.stage(Stage.HASH):
            clock.now += 10
        clock.now += 2
    clock.now += 50
    with stages.stage(Stage.HASH):
        clock.now += 100
    assert stages.seconds == {Stage.FRI: 3.0, Stage.HASH: 110.0}
    assert stages.whole == {Stage.FRI: 13.0, Stage.HASH: 110.0}


def test_a_stage_ends_with_an_exception() -> None:
    clock = Clock()
    stages = StageClock(clock)
    with pytest.raises(ValueError, match="wrong"), stages.stage(Stage.FILL):
        clock.now += 4
        raise ValueError("wrong")
    clock.now += 8
    assert stages.seconds == {Stage.FILL: 4.0}


def test_nobody_need_watch() -> None:
    with NULL_STAGES.stage(Stage.OPEN), NULL_STAGES.stage(Stage.HASH):
        pass
