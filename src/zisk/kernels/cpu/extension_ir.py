"""Steps on vectors of elements of K as vector code, for intrinsics that Numba compiles.

Written as loops over lanes, copies of few lanes are unrolled to scalar ones before LLVM looks for vectors,
and products widen and narrow their lanes one by one. Here even and odd lanes are multiplied where they stand.
"""

from typing import Any

from llvmlite import ir
from numba import types

from zisk.field.quintic import DEGREE
from zisk.kernels.cpu.vector_ir import Elements, VectorField, emitted


@emitted
def move_vector(typing_context: Any, target: Any, place: Any, source: Any, start: Any) -> Any:
    """Copy a vector of elements of F between C-contiguous arrays, from and to an index into each."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        into, place, given, start = arguments
        vector = Elements(context, builder, signature.args[2], given).load(start)
        Elements(context, builder, signature.args[0], into).store(vector, place)
        return context.get_dummy_value()

    return types.void(target, types.int64, source, types.int64), emit


@emitted
def multiply_vector(typing_context: Any, out: Any, left: Any, right: Any, at: Any, stride: Any) -> Any:
    """Multiply a vector of elements of K: f(out, left, right, at, stride).

    Coefficient k of the first lane stands at index at + k * stride of each array. All three may be the same.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        target, a, b = (
            Elements(context, builder, kind, array)
            for kind, array in zip(signature.args[:3], arguments[:3], strict=True)
        )
        at, stride = arguments[3:]
        places = [builder.add(at, builder.mul(stride, ir.Constant(stride.type, k))) for k in range(DEGREE)]
        field = VectorField(builder)
        product = multiply(field, [a.load(place) for place in places], [b.load(place) for place in places])
        for value, place in zip(product, places, strict=True):
            target.store(value, place)
        return context.get_dummy_value()

    return types.void(out, left, right, types.int64, types.int64), emit


def multiply(field: VectorField, a: list[Any], b: list[Any]) -> list[Any]:
    """The five coefficients of a * b, as `zisk.kernels.cpu.field.quintic_mul` works them out."""
    b0, b1, b2, b3, b4 = b
    e0, e1, e2 = field.sub(b1, b4), field.sub(b0, b3), field.sub(b4, b2)
    e3 = field.sub(b3, e0)
    wide = {id(one): field.widen(one) for one in (*b, e0, e1, e2, e3)}
    factors = [field.widen(one) for one in a]
    rows = (
        (b0, b4, b3, b2, e0),
        (b1, b0, b4, b3, b2),
        (b2, e0, e1, e2, e3),
        (b3, b2, e0, e1, e2),
        (b4, b3, b2, e0, e1),
    )
    return [field.dot(factors, [wide[id(one)] for one in row]) for row in rows]
