"""Emit field arithmetic on vectors of lanes as LLVM code, for intrinsics that Numba compiles.

A value here is a vector of `LANES` 32-bit integers, one element of F in Montgomery form per lane. Most are
reduced; those called signed lie strictly between -p and p. LLVM splits the vectors to the width that the
processor has.
"""

from typing import Any

from llvmlite import ir
from numba import types

from zisk.kernels.intrinsics import emitted
from zisk.kernels.parameters import MONTGOMERY_BITS, P_INVERSE, P

LANES = 16
"""Lanes of one vector: what AVX-512 holds."""

LOG_LANES = LANES.bit_length() - 1

I32 = ir.IntType(32)
VECTOR = ir.VectorType(I32, LANES)
_I64 = ir.IntType(64)
_WIDE = ir.VectorType(_I64, LANES // 2)
_HIGH_HALVES = ((1 << 32) - 1) << 32


class VectorField:
    """Field operations that append their instructions at the place where `builder` stands."""

    def __init__(self, builder: Any) -> None:
        self._builder = builder

    def constant(self, value: int) -> Any:
        """A vector with the same 32-bit number in every lane."""
        return ir.Constant(VECTOR, [value % 2**32] * LANES)

    def broadcast(self, scalar: Any) -> Any:
        """A vector with a scalar known only at run time in every lane."""
        single = self._builder.insert_element(ir.Constant(VECTOR, ir.Undefined), scalar, I32(0))
        return self._builder.shuffle_vector(single, single, ir.Constant(VECTOR, [0] * LANES))

    def add(self, x: Any, y: Any) -> Any:
        """X + y, reduced."""
        total = self._builder.add(x, y)
        return self._smaller(total, self._builder.sub(total, self.constant(P)))

    def sub(self, x: Any, y: Any) -> Any:
        """X - y, reduced."""
        return self.normalise(self._builder.sub(x, y))

    def normalise(self, signed: Any) -> Any:
        """A signed value, reduced: a negative one is a large unsigned number, until p is added."""
        return self._smaller(signed, self._builder.add(signed, self.constant(P)))

    def add_signed(self, x: Any, y: Any) -> Any:
        """X + y without reduction: signed, if x is reduced and y is a reduced value less p."""
        return self._builder.add(x, y)

    def sub_signed(self, x: Any, y: Any) -> Any:
        """X - y of reduced values without reduction: signed."""
        return self._builder.sub(x, y)

    def mul(self, x: Any, y: Any) -> Any:
        """X * y, reduced, for signed x and y."""
        return self.normalise(self._mul_signed(x, y))

    def cube(self, x: Any) -> Any:
        """x^3, reduced, for a signed x."""
        halves = self._halves(x)
        even, odd = self._products(halves, halves)
        shift = self._wide_constant(32)
        square = self._builder.ashr(even, shift), self._builder.ashr(odd, shift)
        return self.normalise(self._join(self._products(square, halves)))

    def double(self, x: Any) -> Any:
        """2x, reduced."""
        return self.add(x, x)

    def wrapping_add(self, x: Any, y: Any) -> Any:
        """X + y modulo 2^32."""
        return self._builder.add(x, y)

    def reduce(self, loose: Any) -> Any:
        """A number of 32 bits, reduced: it is below 3p."""
        once = self._smaller(loose, self._builder.sub(loose, self.constant(P)))
        return self._smaller(once, self._builder.sub(once, self.constant(P)))

    def sum_loose(self, values: list[Any]) -> Any:
        """The sum of up to 24 numbers of 32 bits, reduced.

        The high halves of the numbers add up to H, less than 24 * 2^16. The sum S is less than 24 * 2^16
        above 2^16 H, and with q = floor(H / 2^15) it is less than 2^31 + 24 * 2^16 above q 2^31. With q < 48
        and p = 2^31 - (2^24 - 1), S - q p is below 2^31 + 24 * 2^16 + 48 * 2^24 < 2p.
        """
        builder = self._builder
        high = self._tree([builder.lshr(value, self.constant(16)) for value in values])
        quotient = builder.lshr(high, self.constant(15))
        rest = builder.sub(self._tree(values), builder.mul(quotient, self.constant(P)))
        return self._smaller(rest, builder.sub(rest, self.constant(P)))

    def add_quotient(self, x: Any, y: Any, exponent: int) -> Any:
        """X + y / 2^exponent as a number of 32 bits, for a reduced x and any y; exponent in 1..24.

        With y = h 2^e + l and 2^-e = -127 * 2^(24 - e) modulo p it is x - 127 l 2^(24 - e) + h, where l < 2^e
        makes the second term at most p - 1. Reduced without h it is below p, and h < 2^31 <= 2^32 - p.
        """
        high, low = self._quotient(y, exponent)
        return self._builder.add(self.sub(x, low), high)

    def sub_quotient(self, x: Any, y: Any, exponent: int) -> Any:
        """X - y / 2^exponent as a number of 32 bits, for a reduced x and any y; exponent in 2..24.

        For an exponent of 1 y must be reduced, and the result is. By `add_quotient` it is z - h with
        z = x + 127 l 2^(24 - e) < 2p. Of z and z + p modulo 2^32 the larger one is at least p > h: z + p,
        unless that wraps, and then z > p.
        """
        builder = self._builder
        high, low = self._quotient(y, exponent)
        total = builder.add(x, low)
        if exponent == 1:
            return self.sub(self._smaller(total, builder.sub(total, self.constant(P))), high)
        return builder.sub(self._larger(total, builder.add(total, self.constant(P))), high)

    def transpose(self, rows: list[Any]) -> list[Any]:
        """The columns of a square of LANES vectors: at each distance, pairs of rows swap half their lanes."""
        distance = 1
        while distance < LANES:
            low = [k + LANES - distance if k & distance else k for k in range(LANES)]
            high = [k + LANES if k & distance else k + distance for k in range(LANES)]
            swapped = list(rows)
            for k in range(LANES):
                if not k & distance:
                    pair = rows[k], rows[k + distance]
                    swapped[k] = self._builder.shuffle_vector(*pair, ir.Constant(VECTOR, low))
                    swapped[k + distance] = self._builder.shuffle_vector(*pair, ir.Constant(VECTOR, high))
            rows = swapped
            distance *= 2
        return rows

    def widen(self, x: Any) -> tuple[Any, Any]:
        """The even lanes and the odd lanes of a reduced vector, as numbers of 64 bits."""
        pairs = self._builder.bitcast(x, _WIDE)
        return self._low(pairs), self._builder.lshr(pairs, self._wide_constant(32))

    def broadcast_wide(self, scalar: Any) -> tuple[Any, Any]:
        """A reduced scalar known only at run time as the even lanes and the odd lanes of a widened vector."""
        low = self._low(self._builder.bitcast(self.broadcast(scalar), _WIDE))
        return low, low

    def dot(self, left: list[tuple[Any, Any]], right: list[tuple[Any, Any]]) -> Any:
        """The sum of one or five products of widened vectors, reduced.

        One product is below 2^32 p. Four are below 4 p^2 < 2^64; less 2^32 p, where that does not wrap, below
        p (4p - 2^32) < 2^32 p. With the fifth they are below 2^32 p + p^2 < 2^64, and the same step does.
        """
        builder = self._builder
        halves = []
        for half in range(2):
            total, *others = [builder.mul(x[half], y[half]) for x, y in zip(left, right, strict=True)]
            if others:
                second, third, fourth, fifth = others
                total = builder.add(builder.add(total, second), builder.add(third, fourth))
                total = self._cut(builder.add(self._cut(total), fifth))
            quotient = self._low(builder.mul(self._low(total), self._wide_constant(P_INVERSE)))
            cut = builder.mul(quotient, self._wide_constant(P))
            halves.append(builder.sub(total, cut))  # the low 32 bits cancel, the high ones are signed
        return self.normalise(self._merge(halves))

    def _mul_signed(self, x: Any, y: Any) -> Any:
        """X * y of signed values, signed."""
        return self._join(self._products(self._halves(x), self._halves(y)))

    def _products(self, left: tuple[Any, Any], right: tuple[Any, Any]) -> list[Any]:
        """The products of signed numbers of 64 bits, signed, in high halves; the low halves are zero.

        |xy| < p^2 and the reduction takes away q p with |q| <= 2^31: what is left, over 2^32, is below
        p^2 / 2^32 + p / 2 < p in size. The quotient is multiplied in 32-bit lanes, every other one for
        nothing: LLVM would move the shift of a 64-bit product into its constant, and shift the result.
        """
        builder = self._builder
        products = []
        for x, y in zip(left, right, strict=True):
            product = builder.mul(x, y)
            low = builder.mul(builder.bitcast(product, VECTOR), self.constant(P_INVERSE))
            quotient = self._low_signed(builder.bitcast(low, _WIDE))
            cut = builder.mul(quotient, self._wide_constant(P))
            products.append(builder.sub(product, cut))
        return products

    def _join(self, high: list[Any]) -> Any:
        """The high halves of the numbers of even lanes and odd lanes, as a vector; the low ones are zero."""
        builder = self._builder
        even = builder.lshr(high[0], self._wide_constant(MONTGOMERY_BITS))
        return builder.bitcast(builder.or_(even, high[1]), VECTOR)

    def _merge(self, halves: list[Any]) -> Any:
        """The high halves of the numbers of even lanes and odd lanes, as one vector."""
        builder = self._builder
        even = builder.lshr(halves[0], self._wide_constant(MONTGOMERY_BITS))
        odd = builder.and_(halves[1], self._wide_constant(_HIGH_HALVES))
        return builder.bitcast(builder.or_(even, odd), VECTOR)

    def _cut(self, total: Any) -> Any:
        """Less 2^32 p, unless that wraps."""
        return self._smaller(total, self._builder.sub(total, self._wide_constant(P << MONTGOMERY_BITS)))

    def _low(self, pairs: Any) -> Any:
        return self._builder.and_(pairs, self._wide_constant(2**32 - 1))

    def _halves(self, x: Any) -> tuple[Any, Any]:
        """The even lanes and the odd lanes, extended with their sign to 64 bits."""
        pairs = self._builder.bitcast(x, _WIDE)
        return self._low_signed(pairs), self._builder.ashr(pairs, self._wide_constant(32))

    def _low_signed(self, pairs: Any) -> Any:
        shift = self._wide_constant(32)
        return self._builder.ashr(self._builder.shl(pairs, shift), shift)

    def _quotient(self, y: Any, exponent: int) -> tuple[Any, Any]:
        """The quotient of y by 2^exponent, and its remainder times 127 * 2^(24 - exponent)."""
        builder = self._builder
        low = builder.and_(y, self.constant(2**exponent - 1))
        return builder.lshr(y, self.constant(exponent)), builder.mul(
            low, self.constant(127 << (24 - exponent))
        )

    def _tree(self, values: list[Any]) -> Any:
        """The sum modulo 2^32, of neighbours first."""
        while len(values) > 1:
            pairs = [self._builder.add(x, y) for x, y in zip(values[::2], values[1::2], strict=False)]
            values = pairs + values[2 * len(pairs) :]
        return values[0]

    def _wide_constant(self, value: int) -> Any:
        return ir.Constant(_WIDE, [value] * (LANES // 2))

    def _smaller(self, x: Any, y: Any) -> Any:
        """The smaller one as unsigned numbers."""
        return self._choose("umin", x, y)

    def _larger(self, x: Any, y: Any) -> Any:
        """The larger one as unsigned numbers."""
        return self._choose("umax", x, y)

    def _choose(self, operation: str, x: Any, y: Any) -> Any:
        name = f"llvm.{operation}.v{x.type.count}i{x.type.element.width}"
        module = self._builder.module
        function = module.globals.get(name) or ir.Function(
            module, ir.FunctionType(x.type, [x.type, x.type]), name
        )
        return self._builder.call(function, [x, y])


class Elements:
    """A C-contiguous array of uint32 in memory, read and written a vector at a time while code is emitted.

    An index counts elements from the array's start; it is a 64-bit value, plus a number known beforehand.

    Raises:
        TypeError: the array is of another type.
    """

    def __init__(self, context: Any, builder: Any, array_type: Any, array: Any) -> None:
        if array_type.layout != "C" or array_type.dtype != types.uint32:
            raise TypeError(f"vectors are read from C-contiguous arrays of uint32, not from {array_type}")
        self._builder = builder
        self._data = context.make_array(array_type)(context, builder, array).data

    def load(self, index: Any, offset: int = 0) -> Any:
        """The vector of the LANES elements from an index on."""
        return self._builder.load(self._vector(index, offset), align=4)

    def store(self, vector: Any, index: Any, offset: int = 0) -> None:
        """Write the LANES elements from an index on."""
        self._builder.store(vector, self._vector(index, offset), align=4)

    def scalar(self, index: Any, offset: int = 0) -> Any:
        """The single element at an index."""
        return self._builder.load(self._at(index, offset))

    def _vector(self, index: Any, offset: int) -> Any:
        return self._builder.bitcast(self._at(index, offset), VECTOR.as_pointer())

    def _at(self, index: Any, offset: int) -> Any:
        return self._builder.gep(self._data, [self._builder.add(index, _I64(offset))])


@emitted
def align_stack(typing_context: Any) -> Any:
    """Have the calling function keep vectors on its stack at multiples of their size.

    LLVM aligns a stack only if it knows before it hands out registers that something on it must be aligned.
    So one byte is, and code of no instructions takes its address. A vector that crosses two cache lines is
    written and read at half the speed. That the code might change memory keeps LLVM from reading constants
    long before they are used.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        with builder.goto_entry_block():
            byte = builder.alloca(ir.IntType(8))
        byte.align = LANES * I32.width // 8
        function = ir.FunctionType(ir.VoidType(), [byte.type])
        builder.call(ir.InlineAsm(function, "", "r,~{memory}", side_effect=True), [byte])
        return context.get_dummy_value()

    return types.void(), emit


START = _I64(0)
"""The index of an array's first element."""
