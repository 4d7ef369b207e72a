"""Steps on vectors of elements of K as vector code, for intrinsics that Numba compiles.

Written as loops over lanes, copies of few lanes are unrolled to scalar ones before LLVM looks for vectors,
and products widen and narrow their lanes one by one. Here even and odd lanes are multiplied where they stand.
"""

from typing import Any

from llvmlite import ir
from numba import types

from zisk.kernels.cpu.vector_ir import Elements, VectorField
from zisk.kernels.intrinsics import emitted
from zisk.kernels.parameters import DEGREE


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
def multiply_base_vector(typing_context: Any, out: Any, o: Any, left: Any, i: Any, right: Any, j: Any) -> Any:
    """Multiply a vector of elements of F: f(out, o, left, i, right, j), indices after their arrays."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        target, a, b = _elements(context, builder, signature, arguments)
        product = VectorField(builder).mul(a.load(arguments[3]), b.load(arguments[5]))
        target.store(product, arguments[1])
        return context.get_dummy_value()

    return types.void(out, types.int64, left, types.int64, right, types.int64), emit


@emitted
def multiply_vector(
    typing_context: Any, out: Any, o: Any, left: Any, i: Any, right: Any, j: Any, stride: Any
) -> Any:
    """Multiply a vector of elements of K: f(out, o, left, i, right, j, stride).

    Coefficient k of the first lane stands at index o, i or j plus k * stride. All three may be the same.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        target, a, b = _elements(context, builder, signature, arguments)
        field, stride = VectorField(builder), arguments[6]
        factors = [field.widen(a.load(place)) for place in _places(builder, arguments[3], stride)]
        product = _product(field, factors, [b.load(at) for at in _places(builder, arguments[5], stride)])
        for value, place in zip(product, _places(builder, arguments[1], stride), strict=True):
            target.store(value, place)
        return context.get_dummy_value()

    return types.void(out, types.int64, left, types.int64, right, types.int64, types.int64), emit


@emitted
def add_product_vector(
    typing_context: Any, total: Any, o: Any, scalars: Any, i: Any, values: Any, j: Any, stride: Any
) -> Any:
    """Add a scalar of K, five coefficients from index i on, times a vector of K; as `multiply_vector`."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        sums, constants, given = _elements(context, builder, signature, arguments)
        field, stride = VectorField(builder), arguments[6]
        factors = [field.broadcast_wide(constants.scalar(arguments[3], k)) for k in range(DEGREE)]
        product = _product(field, factors, [given.load(at) for at in _places(builder, arguments[5], stride)])
        for value, place in zip(product, _places(builder, arguments[1], stride), strict=True):
            sums.store(field.add(sums.load(place), value), place)
        return context.get_dummy_value()

    return types.void(total, types.int64, scalars, types.int64, values, types.int64, types.int64), emit


@emitted
def add_scaled_vector(
    typing_context: Any, total: Any, o: Any, scalars: Any, i: Any, factors: Any, j: Any, stride: Any
) -> Any:
    """Add a scalar of K, five coefficients from index i on, times a vector of F; as `multiply_vector`."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        sums, constants, given = _elements(context, builder, signature, arguments)
        field = VectorField(builder)
        factor = field.widen(given.load(arguments[5]))
        for k, place in enumerate(_places(builder, arguments[1], arguments[6])):
            product = field.dot([factor], [field.broadcast_wide(constants.scalar(arguments[3], k))])
            sums.store(field.add(sums.load(place), product), place)
        return context.get_dummy_value()

    return types.void(total, types.int64, scalars, types.int64, factors, types.int64, types.int64), emit


@emitted
def add_combined_vector(
    typing_context: Any, total: Any, o: Any, scalars: Any, i: Any, factors: Any, j: Any, stride: Any
) -> Any:
    """Add five scalars of K, one after the other from index i on, times five vectors of F, and all up.

    The vectors stand `stride` apart; otherwise as `multiply_vector`.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        sums, constants, given = _elements(context, builder, signature, arguments)
        field, stride = VectorField(builder), arguments[6]
        wide = [field.widen(given.load(place)) for place in _places(builder, arguments[5], stride)]
        for k, place in enumerate(_places(builder, arguments[1], stride)):
            column = [constants.scalar(arguments[3], DEGREE * power + k) for power in range(DEGREE)]
            value = field.dot(wide, [field.broadcast_wide(one) for one in column])
            sums.store(field.add(sums.load(place), value), place)
        return context.get_dummy_value()

    return types.void(total, types.int64, scalars, types.int64, factors, types.int64, types.int64), emit


def _elements(context: Any, builder: Any, signature: Any, arguments: Any) -> list[Elements]:
    """The three arrays, each before an index into it."""
    return [Elements(context, builder, signature.args[k], arguments[k]) for k in (0, 2, 4)]


def _places(builder: Any, at: Any, stride: Any) -> list[Any]:
    """Where the five coefficients stand."""
    return [builder.add(at, builder.mul(stride, ir.Constant(stride.type, k))) for k in range(DEGREE)]


def _product(field: VectorField, a: list[tuple[Any, Any]], b: list[Any]) -> list[Any]:
    """The coefficients of a * b, as `zisk.kernels.cpu.field.quintic_mul` works them out; a is widened."""
    b0, b1, b2, b3, b4 = b
    e0, e1, e2 = field.sub(b1, b4), field.sub(b0, b3), field.sub(b4, b2)
    e3 = field.sub(b3, e0)
    wide = {id(one): field.widen(one) for one in (*b, e0, e1, e2, e3)}
    rows = (
        (b0, b4, b3, b2, e0),
        (b1, b0, b4, b3, b2),
        (b2, e0, e1, e2, e3),
        (b3, b2, e0, e1, e2),
        (b4, b3, b2, e0, e1),
    )
    return [field.dot(a, [wide[id(one)] for one in row]) for row in rows]
