"""What one row says: its messages with some of its columns known."""

from __future__ import annotations

from collections.abc import Sequence

from tests.solver.claim import RefutedError
from tests.solver.instructions.choices import multiplicity
from tests.solver.instructions.lookups import Message
from tests.solver.polynomial import Assignment, Polynomial, Reader
from zisk.stark.air import Air, Bus, Interaction


def spoken(air: Air, known: Assignment) -> list[Message]:
    """The messages that a row with these columns puts on buses or takes from them, each once.

    Raises:
        RefutedError: a multiplicity is not 0 or 1.
    """
    read = Reader(air, known)
    return [
        Message(one.bus.name, one.sent, tuple(map(read, one.message)))
        for one in air.interactions
        if multiplicity(air, one, known)
    ]


def times(air: Air, message: Interaction) -> Polynomial:
    """How often a row puts a message on its bus, or takes it."""
    return Reader(air)(message.multiplicity).scaled(1 if message.sent else -1)


def those(found: Sequence[Message], bus: Bus, *, sent: bool, count: int = 1) -> list[Message]:
    """The messages on one bus that are sent, or received.

    Raises:
        RefutedError: there are not `count` of them.
    """
    chosen = [one for one in found if one.bus == bus.name and one.sent is sent]
    verb = "sends" if sent else "receives"
    demand(len(chosen) == count, f"a row {verb} {len(chosen)} messages on {bus.name}, not {count}")
    return chosen


def demand_only(found: Sequence[Message], *buses: Bus) -> None:
    """Go on where all messages are on these buses.

    Raises:
        RefutedError: one is on another.
    """
    others = {one.bus for one in found} - {bus.name for bus in buses}
    demand(not others, f"a row speaks on {', '.join(sorted(others))}")


def demand(holds: bool, otherwise: str) -> None:
    """Go on where something holds.

    Raises:
        RefutedError: it does not; the message is `otherwise`.
    """
    if not holds:
        raise RefutedError(otherwise)
