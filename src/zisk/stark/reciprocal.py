"""1 / (x - z) for points x of F and one z in K: a polynomial in x over its norm, which lies in F.

The norm is the product of x - z' over the five conjugates z' of z. Dividing by it takes inverses in F alone.
"""

from __future__ import annotations

import numpy as np

from zisk.field import quintic
from zisk.field.koalabear import P, to_montgomery
from zisk.field.quintic import DEGREE, ONE, ZERO, Element
from zisk.kernels.operands import Rational


def reciprocal(z: Element, factor: Element = ONE, whole: Element = ZERO) -> Rational:
    """The function whole + factor / (x - z) of x."""
    norm = norm_polynomial(z)
    quotient = ONE
    numerator = [quotient]
    for coefficient in norm[:0:-1]:  # norm / (x - z), from its leading coefficient down
        quotient = quintic.add(quintic.from_base(coefficient), quintic.mul(z, quotient))
        numerator.append(quotient)
    scaled = [quintic.mul(factor, one) for one in reversed(numerator)]
    return Rational(*(to_montgomery(np.array(values, dtype=np.uint64)) for values in (whole, scaled, norm)))


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
