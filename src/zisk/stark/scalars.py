"""The extension scalars that tapes ask for, from the challenges known so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from zisk.field import quintic
from zisk.field.koalabear import to_montgomery
from zisk.field.quintic import Element
from zisk.stark.challenges import BusChallenge
from zisk.stark.expression import Scope
from zisk.stark.tape import ExtensionScalar


@dataclass(frozen=True, slots=True)
class Challenges:
    """Challenges known so far, by scope; powers of `fold` are taken from `fold_offset` on."""

    buses: Mapping[Scope, BusChallenge] = field(default_factory=dict)
    sums: Mapping[Scope, Element] = field(default_factory=dict)
    fold: Element = quintic.ZERO
    fold_offset: int = 0

    def value(self, scalar: ExtensionScalar) -> Element:
        """The canonical value of a scalar that a tape asks for."""
        if scalar.role == "fold":
            return quintic.power(self.fold, self.fold_offset + scalar.index)
        assert scalar.scope is not None
        if scalar.role == "sum":
            return self.sums[scalar.scope]
        challenge = self.buses[scalar.scope]
        if scalar.role == "fingerprint":
            return quintic.add(challenge.alpha, quintic.from_base(scalar.index))
        return quintic.power(challenge.beta, scalar.index)

    def scalars(self, wanted: Sequence[ExtensionScalar]) -> np.ndarray:
        """Values of the wanted scalars: uint32[max(1, len(wanted)), 5], Montgomery."""
        values = [self.value(one) for one in wanted] or [quintic.ZERO]
        return to_montgomery(np.array(values, dtype=np.uint64))
