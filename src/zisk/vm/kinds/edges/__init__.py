"""Edges segments: every word that a run touches, opened and closed, and the program's initial words."""

from __future__ import annotations

from zisk.vm.kinds.edges.shape import EDGES_NUMBER, edges_job_terms, edges_kind
from zisk.vm.limits import EDGES_LOG_SIZE
from zisk.vm.segment_kind import Filling, KeyPlan, SegmentKind


def _filling() -> Filling:
    from zisk.vm.kinds.edges.filling import FILLING

    return FILLING


KIND = SegmentKind(
    name="edges",
    number=EDGES_NUMBER,
    sizes=(EDGES_LOG_SIZE,),
    shape=lambda _log_size: edges_kind(),
    keys=KeyPlan.BY_CHUNK,
    job_terms=edges_job_terms,
    filling=_filling,
    claims=("last_key",),
)
