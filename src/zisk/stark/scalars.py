"""The extension scalars that tapes ask for, from the challenges known so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from zisk.field import quintic
from zisk.field.koalabear import to_montgomery
from zisk.field.quintic import Element
from zisk.stark.batching import powers_of
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

    def scalars(self, wanted: Sequence[ExtensionScalar]) -> np.ndarray:
        """Values of the wanted scalars: uint32[max(1, len(wanted)), 5], Montgomery."""
        folds = 1 + max((one.index for one in wanted if one.role == "fold"), default=-1)
        powers = _powers(self.fold, self.fold_offset + folds)[self.fold_offset :] if folds else []
        values = [powers[one.index] if one.role == "fold" else self._value(one) for one in wanted]
        return to_montgomery(np.array(values or [quintic.ZERO], dtype=np.uint64))

    def _value(self, scalar: ExtensionScalar) -> Element:
        """The canonical value of a scalar that is no power of `fold`."""
        assert scalar.scope is not None
        if scalar.role == "sum":
            return self.sums[scalar.scope]
        challenge = self.buses[scalar.scope]
        if scalar.role == "fingerprint":
            return quintic.add(challenge.alpha, quintic.from_base(scalar.index))
        return _powers(challenge.beta, scalar.index + 1)[scalar.index]


def _powers(base: Element, count: int) -> Sequence[Element]:
    """The powers of an element from 0 on, at least `count` of them."""
    return _known_powers(base, max(64, 1 << (count - 1).bit_length()))


@lru_cache(maxsize=32)
def _known_powers(base: Element, count: int) -> tuple[Element, ...]:
    return tuple(powers_of(base, count))
