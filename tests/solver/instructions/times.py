"""Every access takes a word as it was left before: bounds of the time between, over the integers."""

from __future__ import annotations

from collections.abc import Sequence

from tests.solver.claim import RefutedError
from tests.solver.constants import TICKS
from tests.solver.instructions.choices import choices, multiplicity
from tests.solver.instructions.lookups import Message, limits
from tests.solver.polynomial import Polynomial, Reader
from zisk.field.koalabear import P
from zisk.stark.air import Air
from zisk.vm.tables.buses import MEMORY, STATE


def show_times(air: Air, log_sizes: Sequence[int]) -> None:
    """Show `show_times_of_size` for several sizes that share an AIR; raises as that does."""
    for log_size in log_sizes:
        show_times_of_size(air, log_size)


def last_slot(log_size: int) -> int:
    """The time of the last slot of the last step of a segment of 2^log_size steps: the claim `clock`."""
    return TICKS << log_size


def show_times_of_size(air: Air, log_size: int) -> None:
    """Show that what an access takes was left before it, and that no earlier time is out of its reach.

    Times of a segment of 2^log_size steps are integers from 0, of the words at its start, to the last slot of
    the last step. What an access takes was left a gap before the time at which it leaves the word;
    the gap is at least 1, and less by far than p, so that the earlier time modulo p is one integer.

    Raises:
        RefutedError: an access may take what was left at another time, or slots of a step are not its own.
    """
    latest = last_slot(log_size)
    known: set[frozenset[tuple[tuple[str, ...], int]]] = set()
    for chosen in choices(air):
        read = Reader(air, chosen)
        messages = [
            Message(one.bus.name, one.sent, tuple(map(read, one.message)))
            for one in air.interactions
            if multiplicity(air, one, chosen)
        ]
        taken = [one.elements[1] for one in messages if one.bus == MEMORY.name and not one.sent]
        left = [one.elements[1] for one in messages if one.bus == MEMORY.name and one.sent]
        now = [one.elements[1] for one in messages if one.bus == STATE.name and not one.sent]
        bounds = {
            name: limit - 1
            for message in messages
            for element, limit in limits(message, log_size)
            if (name := element.sole_variable) is not None
        }
        if len(taken) != len(left) or (left and len(now) != 1):
            raise RefutedError(f"words taken, words left and tokens do not match where {dict(chosen)}")
        slots = [(time - now[0]).value for time in left]
        if len(set(slots)) != len(slots) or not set(slots) <= set(range(TICKS)):
            raise RefutedError(f"accesses of a step are in slots {slots} where {dict(chosen)}")
        for earlier, later in zip(taken, left, strict=True):
            gap = later - earlier
            if (key := frozenset(gap.terms.items())) not in known:
                _show_gap(gap, bounds, latest)
                known.add(key)


def _show_gap(gap: Polynomial, bounds: dict[str, int], latest: int) -> None:
    least = greatest = gap.terms.get((), 0)
    for monomial, coefficient in gap.terms.items():
        if monomial:
            (name,) = monomial
            if name not in bounds:
                raise RefutedError(f"the time between has {coefficient} times {name}, which no lookup bounds")
            greatest += coefficient * bounds[name]
    if least != 1 or greatest < latest or latest + greatest >= P:
        raise RefutedError(
            f"the time between is from {least} to {greatest} in a segment that ends at {latest}"
        )
