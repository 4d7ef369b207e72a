"""Butterflies of number-theoretic transforms on vectors of lanes.

*Down* goes from values in natural order to coefficients in bit-reversed order (decimation in frequency), *up*
goes back (decimation in time). A stage of half h pairs elements h apart; its twiddles w_2h^j, j < h, stand at
`twiddles[h + j]`.
"""

from typing import Any

from numba import types

from zisk.kernels.cpu.vector_ir import LANES, START, Elements, VectorField
from zisk.kernels.intrinsics import emitted

SMALL = LANES * LANES
"""Elements that `small_down` and `small_up` work on: LANES groups of LANES neighbours."""


def _down(field: VectorField, low: Any, high: Any, twiddle: Any) -> tuple[Any, Any]:
    return field.add(low, high), field.mul(field.sub_signed(low, high), twiddle)


def _up(field: VectorField, low: Any, high: Any, twiddle: Any) -> tuple[Any, Any]:
    product = field.mul(high, twiddle)
    return field.add(low, product), field.sub(low, product)


def _stage(direction: Any) -> Any:
    """One stage on LANES neighbouring pairs: f(values, position, twiddles, place, half), half >= LANES.

    `position` is the index of the first element, `place` its place in the stage's block, below half.
    """

    def declare(typing_context: Any, values: Any, position: Any, twiddles: Any, place: Any, half: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            field = VectorField(builder)
            _, position, _, place, half = arguments
            data = Elements(context, builder, signature.args[0], arguments[0])
            factors = Elements(context, builder, signature.args[2], arguments[2])
            places = (position, builder.add(position, half))
            low, high = (data.load(index) for index in places)
            twiddle = factors.load(builder.add(half, place))
            for result, index in zip(direction(field, low, high, twiddle), places, strict=True):
                data.store(result, index)
            return context.get_dummy_value()

        return types.void(values, types.int64, twiddles, types.int64, types.int64), emit

    return emitted(declare)


def _two_stages(direction: Any, wide_first: bool) -> Any:
    """The stages of half 2q and q on LANES neighbouring quadruples, `half` is q; as `_stage` otherwise."""

    def declare(typing_context: Any, values: Any, position: Any, twiddles: Any, place: Any, half: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            field = VectorField(builder)
            _, position, _, place, half = arguments
            data = Elements(context, builder, signature.args[0], arguments[0])
            factors = Elements(context, builder, signature.args[2], arguments[2])
            places = [position]
            for _ in range(3):
                places.append(builder.add(places[-1], half))
            a, b, c, d = (data.load(index) for index in places)
            double = builder.add(half, half)
            wide = factors.load(builder.add(double, place))
            wide_next = factors.load(builder.add(builder.add(double, place), half))
            narrow = factors.load(builder.add(half, place))
            if wide_first:
                a, c = direction(field, a, c, wide)
                b, d = direction(field, b, d, wide_next)
            a, b = direction(field, a, b, narrow)
            c, d = direction(field, c, d, narrow)
            if not wide_first:
                a, c = direction(field, a, c, wide)
                b, d = direction(field, b, d, wide_next)
            for result, index in zip((a, b, c, d), places, strict=True):
                data.store(result, index)
            return context.get_dummy_value()

        return types.void(values, types.int64, twiddles, types.int64, types.int64), emit

    return emitted(declare)


def _small_stages(direction: Any, wide_first: bool) -> Any:
    """The stages of half below LANES on SMALL neighbours: f(values, position, twiddles).

    In the transposed square every lane holds a group of its own, so that twiddles are the same in all lanes.
    """
    halves = [2**k for k in range(LANES.bit_length() - 1)]

    def declare(typing_context: Any, values: Any, position: Any, twiddles: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            field = VectorField(builder)
            _, position, _ = arguments
            data = Elements(context, builder, signature.args[0], arguments[0])
            factors = Elements(context, builder, signature.args[2], arguments[2])
            rows = field.transpose([data.load(position, k * LANES) for k in range(LANES)])
            for half in reversed(halves) if wide_first else halves:
                for k in range(LANES):
                    if not k & half:
                        factor = field.broadcast(factors.scalar(START, half + k % half))
                        rows[k], rows[k + half] = direction(field, rows[k], rows[k + half], factor)
            for k, row in enumerate(field.transpose(rows)):
                data.store(row, position, k * LANES)
            return context.get_dummy_value()

        return types.void(values, types.int64, twiddles), emit

    return emitted(declare)


stage_down, stage_up = _stage(_down), _stage(_up)
two_stages_down, two_stages_up = _two_stages(_down, True), _two_stages(_up, False)
small_down, small_up = _small_stages(_down, True), _small_stages(_up, False)
