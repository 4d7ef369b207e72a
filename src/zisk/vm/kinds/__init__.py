"""The kinds of segments: a folder for each, and the registry that all of them stand in."""

from zisk.vm.kinds.core.shape import (
    CORE_LEAF,
    CORE_NUMBER,
    CORE_PUBLICS,
    CORE_SPONGES,
    CORE_TERMS,
    FIRST_TIMESTAMP,
    SEGMENT_LIMIT,
    core_families,
    core_kind,
    core_requirements,
)
from zisk.vm.kinds.edges.shape import EDGES_NUMBER, EDGES_PUBLICS, EDGES_TERMS, LOWEST_KEY, edges_kind
from zisk.vm.kinds.registry import CLAIM_NAMES, KINDS, job_terms
from zisk.vm.limits import EDGES_LOG_SIZE

__all__ = [
    "CLAIM_NAMES",
    "CORE_LEAF",
    "CORE_NUMBER",
    "CORE_PUBLICS",
    "CORE_SPONGES",
    "CORE_TERMS",
    "EDGES_LOG_SIZE",
    "EDGES_NUMBER",
    "EDGES_PUBLICS",
    "EDGES_TERMS",
    "FIRST_TIMESTAMP",
    "KINDS",
    "LOWEST_KEY",
    "SEGMENT_LIMIT",
    "core_families",
    "core_kind",
    "core_requirements",
    "edges_kind",
    "job_terms",
]
