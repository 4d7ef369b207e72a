"""1 / (x - z) for points x of F and one z in K: a polynomial in x over its norm, which lies in F.

The norm is the product of x - z' over the five conjugates z' of z. Dividing by it takes inverses in F alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zisk.field import quintic
from zisk.field.koalabear import P, to_montgomery
from zisk.field.quintic import DEGREE, ONE, ZERO, Element


@dataclass(frozen=True, slots=True)
class Reciprocal:
    """The multiple factor / (x - z) as kernels take it, Montgomery.

    Attributes:
        numerator: uint32[5, 5]: the coefficients in K of a polynomial in x, lowest first.
        norm: uint32[5]: the coefficients in F of the monic polynomial under it, but the leading one.
    """

    numerator: np.ndarray
    norm: np.ndarray

    @classmethod
    def of(cls, z: Element, factor: Element = ONE) -> Reciprocal:
        """The reciprocal of x - z, times a factor."""
        norm = norm_polynomial(z)
        quotient = ONE
        numerator = [quotient]
        for coefficient in norm[:0:-1]:  # norm / (x - z), from its leading coefficient down
            quotient = quintic.add(quintic.from_base(coefficient), quintic.mul(z, quotient))
            numerator.append(quotient)
        scaled = [quintic.mul(factor, one) for one in reversed(numerator)]
        return cls(*(to_montgomery(np.array(values, dtype=np.uint64)) for values in (scaled, norm)))


def norm_polynomial(z: Element) -> list[int]:
    """The product of x - z' over the conjugates z' of z: canonical, lowest first, without the leading one."""
    product = [ONE]
    for _ in range(DEGREE):
        product = [
            quintic.sub(above, quintic.mul(z, here))
            for above, here in zip([ZERO, *product], [*product, ZERO], strict=True)
        ]
        z = quintic.frobenius(z, 1)
    return [coefficient[0] % P for coefficient in product[:-1]]
