"""Sizes and kinds of the circuits that fold a job: constants, so that provers and verifiers mean the same."""

from __future__ import annotations

from zisk.recursion.interface import INTERFACE_LENGTH
from zisk.recursion.kind import circuit_kind
from zisk.stark.kind import Kind

INNER_LOG_SIZE = 16
"""Of leaves and nodes."""

INNER_LOG_HEIGHTS = (12, 13, 14, 16, 16, 16)
"""Tables of leaves and nodes: fold, elements, bits, horner, poseidon, arithmetic."""

SHRINK_LOG_SIZE = 15
"""Of the circuit that verifies a root: one proof where a node verifies two."""

FINAL_LOG_SIZE = 14
"""Of the circuit that verifies the shrunk root: few queries, of which arithmetic is most."""


def inner_kind() -> Kind:
    """The kind of leaves and nodes."""
    return circuit_kind(INNER_LOG_SIZE, INTERFACE_LENGTH)


def shrink_kind() -> Kind:
    """The kind of shrink circuits."""
    return circuit_kind(SHRINK_LOG_SIZE, INTERFACE_LENGTH)


def final_kind() -> Kind:
    """The kind of final circuits."""
    return circuit_kind(FINAL_LOG_SIZE, INTERFACE_LENGTH)
