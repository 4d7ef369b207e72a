"""Progress that is asked for, and work that is stopped by what it reports to."""

import logging
import re

import pytest

from zisk.progress_meter import Interrupted, ProgressMeter


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


def test_the_open_phases_are_the_activity(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG, "zisk.progress")
    meter = ProgressMeter()
    told = [meter.activity]
    with meter.phase("prove", total=3) as advance:
        advance()
        with pytest.raises(ValueError, match="bad luck"), meter.phase("set up circuit: node"):
            told.append(meter.activity)
            raise ValueError("bad luck")
        told.append(meter.activity)
    assert [*told, meter.activity] == ["", "prove 1/3, set up circuit: node", "prove 1/3", ""]
    assert [re.sub(r"[\d.]+ s$", "TIME", message) for message in caplog.messages] == [
        "phase prove 0/3",
        "phase prove 1/3",
        "phase set up circuit: node",
        "phase set up circuit: node done in TIME",
        "phase prove done in TIME",
    ]


def test_a_stopped_meter_stops_whoever_reports():
    meter = ProgressMeter()
    with pytest.raises(Interrupted), meter.phase("a", total=3) as advance:
        meter.stop()
        advance()
