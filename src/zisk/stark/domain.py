"""Evaluation domains: the cosets of a table, and its selectors there."""

from __future__ import annotations

from zisk.field.koalabear import P, coset_shift, root_of_unity
from zisk.kernels.backend import Backend
from zisk.kernels.operands import Array


def coset_offset(log_height: int, log_blowup: int, coset: int) -> int:
    """The first point of a coset of a table of this height: shift * w_{Bn}^coset."""
    root = root_of_unity(log_height + log_blowup)
    return coset_shift(log_height) * pow(root, coset, P) % P


def coset_offsets(log_height: int, log_blowup: int) -> list[int]:
    """The first point of every coset."""
    return [coset_offset(log_height, log_blowup, coset) for coset in range(1 << log_blowup)]


def coset_power(log_height: int, log_blowup: int, coset: int) -> int:
    """x^n for every point x of a coset of a table of n = 2^log_height rows."""
    return pow(coset_offset(log_height, log_blowup, coset), 1 << log_height, P)


def selectors(log_height: int, log_blowup: int, backend: Backend) -> Array:
    """The selectors of a table on its cosets: uint32[3, B, n], Montgomery; see `Backend.selectors`."""
    return backend.selectors(log_height, coset_offsets(log_height, log_blowup))
