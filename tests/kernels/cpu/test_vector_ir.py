"""Sums and quotients of numbers of 32 bits are those of the field, at the ends of their ranges too."""

from typing import Any

import numpy as np
import pytest
from numba import types

from zisk.field.koalabear import P
from zisk.kernels.cpu.vector_ir import LANES, START, Elements, VectorField
from zisk.kernels.intrinsics import emitted
from zisk.kernels.jit import kernel

EXPONENTS = range(1, 25)


@emitted
def _combine(typing_context: Any, x: Any, y: Any, out: Any) -> Any:
    """Write x + y / 2^e and x - y / 2^e for each exponent, then the sum of 24 times y."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        field = VectorField(builder)
        given = zip(signature.args, arguments, strict=True)
        x, y, rows = (Elements(context, builder, *one) for one in given)
        left, right = x.load(START), y.load(START)
        for place, exponent in enumerate(EXPONENTS):
            rows.store(field.add_quotient(left, right, exponent), START, 2 * place * LANES)
            rows.store(field.sub_quotient(left, right, exponent), START, (2 * place + 1) * LANES)
        rows.store(field.sum_loose([right] * 24), START, 2 * len(EXPONENTS) * LANES)
        rows.store(field.reduce(right), START, (2 * len(EXPONENTS) + 1) * LANES)
        return context.get_dummy_value()

    return types.void(x, y, out), emit


@kernel
def _combined(x: np.ndarray, y: np.ndarray, out: np.ndarray) -> None:
    _combine(x, y, out)


ENDS = (
    0,
    1,
    2**16 - 1,
    2**16,
    2**24 - 1,
    2**24,
    P - 1,
    P,
    P + 1,
    2**31 - 1,
    2**31,
    2 * P - 1,
    2 * P,
    2**32 - 2**24,
    2**32 - 2,
    2**32 - 1,
)


@pytest.mark.parametrize("x", [0, 1, 127, 2**24, P // 2, P - 2**24, P - 2, P - 1])
def test_quotients_and_sums_are_those_of_the_field(x: int) -> None:
    out = np.zeros((2 * len(EXPONENTS) + 2, LANES), np.uint32)
    _combined(np.full(LANES, x, np.uint32), np.array(ENDS, np.uint32), out)
    *quotients, total, reduced = out.tolist()
    assert total == [24 * y % P for y in ENDS]
    assert reduced == [y % P for y in ENDS]
    for exponent, added, taken in zip(EXPONENTS, quotients[::2], quotients[1::2], strict=True):
        inverse = pow(2, -exponent, P)
        assert [value % P for value in added] == [(x + y * inverse) % P for y in ENDS]
        defined = [k for k, y in enumerate(ENDS) if exponent > 1 or y < P]
        assert [taken[k] % P for k in defined] == [(x - ENDS[k] * inverse) % P for k in defined]
