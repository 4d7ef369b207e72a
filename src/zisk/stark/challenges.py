"""The challenge of a bus scope: what makes fingerprints of messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zisk.field import quintic
from zisk.field.quintic import Element


@dataclass(frozen=True, slots=True)
class BusChallenge:
    """What makes fingerprints of one scope."""

    alpha: Element
    beta: Element

    def fingerprint(self, bus: int, message: Sequence[int]) -> Element:
        """Alpha + bus + sum over j >= 1 of beta^j message_j, for canonical elements."""
        value = quintic.add(self.alpha, quintic.from_base(bus))
        power = quintic.ONE
        for element in message:
            power = quintic.mul(power, self.beta)
            value = quintic.add(value, quintic.scale(power, element))
        return value
