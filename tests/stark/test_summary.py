"""The soundness report of every kind that the package proves."""

import pytest

from zisk.choices import LOG_SIZES
from zisk.stark.parameters import parameters_for
from zisk.stark.soundness import report
from zisk.stark.summary import summarise
from zisk.vm.kinds import core_kind, edges_kind


@pytest.mark.parametrize("level", [128, 100])
@pytest.mark.parametrize("log_size", LOG_SIZES)
def test_every_kind_and_size_reaches_its_level(level: int, log_size: int) -> None:
    job = (core_kind(log_size), edges_kind())
    for kind in job:
        result = report(summarise(kind, job), parameters_for(level))
        assert result.bits >= level, result.text()
        assert not result.shortfalls
