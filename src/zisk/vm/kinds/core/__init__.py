"""Core segments: steps of the machine, cut by the executor."""

from __future__ import annotations

from zisk.choices import LOG_SIZES
from zisk.vm.kinds.core.shape import CORE_NUMBER, core_job_terms, core_kind, core_steps
from zisk.vm.segment_kind import Filling, KeyPlan, SegmentKind


def _filling() -> Filling:
    from zisk.vm.kinds.core.filling import FILLING

    return FILLING


KIND = SegmentKind(
    name="core",
    number=CORE_NUMBER,
    sizes=LOG_SIZES,
    shape=core_kind,
    keys=KeyPlan.ONE,
    job_terms=core_job_terms,
    filling=_filling,
    steps=core_steps,
)
