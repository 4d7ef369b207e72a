"""The layout of circuits by the name that `tests/solver` knows: a page keeps digests of its sources."""

from zisk.kernels.circuit_layout import *  # noqa: F403
