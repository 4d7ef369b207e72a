"""What lookup buses promise, as messages, and that other claims take no more for known of an answer."""

from __future__ import annotations

import numpy as np

from tests.solver.instructions.lookups import Message, limits, shift_answers
from tests.solver.polynomial import Polynomial
from tests.solver.tables.messages import demand
from zisk.stark.air import Bus
from zisk.vm.tables.buses import BYTES, RANGE, SHIFT


def range_promise() -> np.ndarray:
    """The messages of the range bus, the one of no bits twice: int64[messages, 2]."""
    numbers = [[(bits, number) for number in range(1 << bits)] for bits in range(17)]
    return np.array([(0, 0), *(message for part in numbers for message in part)], dtype=np.int64)


def bytes_promise() -> np.ndarray:
    """The messages of the bytes bus: int64[messages, 4]."""
    pairs = [(a, b) for a in range(256) for b in range(256)]
    rows = [(0, a, b, 0) for a, b in pairs] + [(1, a, b, a & b) for a, b in pairs]
    rows += [(2, a, b, a | b) for a, b in pairs] + [(3, a, b, a ^ b) for a, b in pairs]
    return np.array(rows, dtype=np.int64)


def shift_promise() -> np.ndarray:
    """The messages of the shift bus: int64[64, 4]."""
    return np.array([(s, s // 16, 1 << s % 16, 1 << (16 - s % 16)) for s in range(64)], dtype=np.int64)


def tuple_promise(log_size: int) -> np.ndarray:
    """The messages of the tuple bus at one size: int64[messages, 3]."""
    each = np.arange(1 << (log_size - 14), dtype=np.int64)
    return np.stack([part.reshape(-1) for part in np.meshgrid(each, each, each)], axis=1)


def demand_limits(bus: Bus, found: np.ndarray, log_size: int | None = None) -> None:
    """Go on where all messages are as those who ask take for known.

    Args:
        bus: on which they are.
        found: int64[messages, length].
        log_size: of the segment, where answers depend on it.

    Raises:
        RefutedError: an element is not below its limit, or an answer of the shift bus is not one of them.
    """
    by_first = bus in (RANGE, BYTES)
    for first in np.unique(found[:, 0]).tolist() if by_first else [0]:
        elements = [Polynomial.variable(f"element {place}") for place in range(bus.length)]
        if by_first:
            elements[0] = Polynomial.constant(first)
        chosen = found[found[:, 0] == first] if by_first else found
        for element, limit in limits(Message(bus.name, True, tuple(elements)), log_size):
            greatest = int(chosen[:, elements.index(element)].max())
            demand(greatest < limit, f"an answer on {bus.name} has {greatest}, which is not below {limit}")
    if bus == SHIFT:
        demand(set(map(tuple, found.tolist())) == set(shift_answers()), "the shift bus has other answers")
