"""Compiles expressions to a tape: a list of instructions that a kernel runs over blocks of rows.

One kernel, compiled once, evaluates every AIR: each instruction works on a whole block of rows, so the
cost of interpreting it is spread over the block. The same tape format serves the quotient, the LogUp
columns and the debug checker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from zisk.stark.expression import Expression, Operation, Scope


class Op(IntEnum):
    """Instructions of the tape; `r` is a base register, `e` an extension register, `s` and `t` scalars."""

    LOAD_PREPROCESSED = 0
    LOAD_MAIN = 1
    LOAD_MAIN_NEXT = 2
    LOAD_SELECTOR = 3
    CONSTANT = 4
    ADD = 5
    SUB = 6
    MUL = 7
    ADD_SCALAR = 8
    SUB_SCALAR = 9
    SCALAR_SUB = 10
    MUL_SCALAR = 11
    LOAD_STAGE2 = 12
    LOAD_STAGE2_NEXT = 13
    EXT_CONSTANT = 14
    EXT_ADD = 15
    EXT_SUB = 16
    EXT_MUL = 17
    EXT_MUL_BASE = 18
    EXT_ADD_BASE = 19
    EXT_SUB_BASE = 20
    BASE_SUB_EXT = 21
    EXT_SCALAR_MUL_BASE = 22
    EXT_MULTIPLY_ADD = 23
    EXT_MUL_SCALAR = 24
    FOLD_BASE = 25
    FOLD_EXT = 26
    OUT_BASE = 27
    OUT_EXT = 28


ACCUMULATOR = 0
"""The extension register that folding adds to; it starts every block at zero."""


@dataclass(frozen=True, slots=True)
class ExtensionScalar:
    """An extension scalar that a tape needs at run time."""

    role: str
    """`fingerprint`: alpha + bus. `beta`: a power of a scope's beta. `sum`: an exposed sum.
    `fold`: a power of the constraints' beta."""
    scope: Scope | None
    index: int


@dataclass(frozen=True, slots=True)
class Tape:
    """Instructions and what they need.

    Attributes:
        code: int32[n, 4]: instruction, destination, and two operands.
        base_registers, extension_registers: how many of each the kernel must provide.
        constants: canonical base scalars; the table's public values follow them at run time.
        scalars: extension scalars in the order in which the kernel expects them.
        outputs: rows of the output matrix (an extension output takes five).
    """

    code: np.ndarray
    base_registers: int
    extension_registers: int
    constants: tuple[int, ...]
    scalars: tuple[ExtensionScalar, ...]
    outputs: int


class _Registers:
    """Hands out register numbers and takes them back."""

    def __init__(self, first: int) -> None:
        self._free: list[int] = []
        self._next = first

    def take(self) -> int:
        if self._free:
            return self._free.pop()
        self._next += 1
        return self._next - 1

    def give(self, register: int) -> None:
        self._free.append(register)

    @property
    def count(self) -> int:
        return self._next


class _Compiler:
    def __init__(self, roots: Sequence[Expression]) -> None:
        self.code: list[tuple[int, int, int, int]] = []
        self.base = _Registers(0)
        self.extension = _Registers(ACCUMULATOR + 1)
        self.constants: dict[int, int] = {}
        self.scalars: dict[ExtensionScalar, int] = {}
        self.place: dict[int, int] = {}
        self.uses: dict[int, int] = {}
        self._count_uses(roots)

    def _count_uses(self, roots: Sequence[Expression]) -> None:
        stack = []
        for root in roots:
            self.uses[id(root)] = self.uses.get(id(root), 0) + 1
            if self.uses[id(root)] == 1:
                stack.append(root)
        while stack:
            for argument in stack.pop().arguments:
                self.uses[id(argument)] = self.uses.get(id(argument), 0) + 1
                if self.uses[id(argument)] == 1:
                    stack.append(argument)

    def emit(self, op: Op, destination: int, left: int = 0, right: int = 0) -> None:
        self.code.append((op, destination, left, right))

    def scalar(self, role: str, scope: Scope | None, index: int) -> int:
        return self.scalars.setdefault(ExtensionScalar(role, scope, index), len(self.scalars))

    def base_scalar(self, node: Expression) -> int | None:
        """Index of a base scalar; public values are numbered from -1 downwards until the end."""
        if node.operation is Operation.CONSTANT:
            return self.constants.setdefault(node.payload, len(self.constants))
        if node.operation is Operation.PUBLIC:
            return -1 - node.payload
        return None

    def release(self, node: Expression) -> None:
        self.uses[id(node)] -= 1
        if self.uses[id(node)] == 0 and id(node) in self.place:
            (self.extension if node.extension else self.base).give(self.place.pop(id(node)))

    def evaluate(self, root: Expression) -> int:
        """Emit what computes a node, arguments first; return its register."""
        stack: list[tuple[Expression, bool]] = [(root, False)]
        while stack:
            node, ready = stack.pop()
            if id(node) in self.place:
                continue
            if ready:
                self._compute(node)
            else:
                stack.append((node, True))
                stack.extend((argument, False) for argument in reversed(self._operands(node)))
        return self.place[id(root)]

    def _operands(self, node: Expression) -> list[Expression]:
        """Arguments that must be in registers before the node is computed."""
        if node.operation is Operation.FINGERPRINT:
            return [one for one in node.arguments if one.operation is not Operation.CONSTANT]
        for place, one in enumerate(node.arguments):
            if self._stays_scalar(node, one):
                return [other for index, other in enumerate(node.arguments) if index != place]
        return list(node.arguments)

    def _stays_scalar(self, node: Expression, argument: Expression) -> bool:
        if argument.operation is Operation.SCALAR:
            return True
        if self.base_scalar(argument) is None:
            return False
        return node.operation is Operation.MUL if node.extension else True

    def _compute(self, node: Expression) -> None:
        operands = self._operands(node)
        registers = [self.place[id(one)] for one in operands]
        if node.operation is Operation.FINGERPRINT:
            self._fingerprint(node)
            return
        # Taken before the operands are released: the kernel is several times faster out of place.
        destination = (self.extension if node.extension else self.base).take()
        self.place[id(node)] = destination
        for one in node.arguments:
            self.release(one)
        match node.operation:
            case Operation.COLUMN:
                self._column(node, destination)
            case Operation.SELECTOR:
                self.emit(Op.LOAD_SELECTOR, destination, node.payload)
            case Operation.CONSTANT | Operation.PUBLIC:
                scalar = self.base_scalar(node)
                assert scalar is not None
                self.emit(Op.CONSTANT, destination, scalar)
            case Operation.SCALAR:
                self.emit(Op.EXT_CONSTANT, destination, self.scalar("sum", node.payload, 0))
            case _:
                self._arithmetic(node, operands, registers, destination)

    def _column(self, node: Expression, destination: int) -> None:
        trace, index, following = node.payload
        loads = (
            (Op.LOAD_PREPROCESSED, None),
            (Op.LOAD_MAIN, Op.LOAD_MAIN_NEXT),
            (Op.LOAD_STAGE2, Op.LOAD_STAGE2_NEXT),
        )
        op = loads[trace][following]
        assert op is not None
        self.emit(op, destination, index)

    def _arithmetic(
        self, node: Expression, operands: list[Expression], registers: list[int], destination: int
    ) -> None:
        left, right = node.arguments
        if len(operands) == 1:
            other = right if operands[0] is left else left
            self._with_scalar(node, operands[0], registers[0], other, destination)
            return
        a, b = registers
        kinds = (left.extension, right.extension)
        operation = node.operation
        if kinds == (False, False):
            op = {Operation.ADD: Op.ADD, Operation.SUB: Op.SUB, Operation.MUL: Op.MUL}[operation]
        elif kinds == (True, True):
            op = {Operation.ADD: Op.EXT_ADD, Operation.SUB: Op.EXT_SUB, Operation.MUL: Op.EXT_MUL}[operation]
        elif kinds == (True, False):
            op = {
                Operation.ADD: Op.EXT_ADD_BASE,
                Operation.SUB: Op.EXT_SUB_BASE,
                Operation.MUL: Op.EXT_MUL_BASE,
            }[operation]
        elif operation is Operation.SUB:
            op = Op.BASE_SUB_EXT
        else:
            op = Op.EXT_ADD_BASE if operation is Operation.ADD else Op.EXT_MUL_BASE
            a, b = b, a
        self.emit(op, destination, a, b)

    def _with_scalar(
        self, node: Expression, operand: Expression, register: int, other: Expression, destination: int
    ) -> None:
        if other.operation is Operation.SCALAR:
            if node.operation is not Operation.MUL or operand.extension:
                raise AssertionError("an exposed sum meets a base factor only")
            scalar = self.scalar("sum", other.payload, 0)
            self.emit(Op.EXT_SCALAR_MUL_BASE, destination, register, scalar)
            return
        scalar = self.base_scalar(other)
        assert scalar is not None
        if node.extension:
            op = Op.EXT_MUL_SCALAR
        elif node.operation is Operation.ADD:
            op = Op.ADD_SCALAR
        elif node.operation is Operation.MUL:
            op = Op.MUL_SCALAR
        else:
            op = Op.SUB_SCALAR if operand is node.arguments[0] else Op.SCALAR_SUB
        self.emit(op, destination, register, scalar)

    def _fingerprint(self, node: Expression) -> None:
        scope, bus = node.payload
        destination = self.extension.take()
        self.place[id(node)] = destination
        self.emit(Op.EXT_CONSTANT, destination, self.scalar("fingerprint", scope, bus))
        for power, element in enumerate(node.arguments, start=1):
            if element.operation is Operation.CONSTANT and element.payload == 0:
                continue
            beta = self.scalar("beta", scope, power)
            if element.operation is Operation.CONSTANT:
                register = self.base.take()
                scalar = self.base_scalar(element)
                assert scalar is not None
                self.emit(Op.CONSTANT, register, scalar)
                self.emit(Op.EXT_MULTIPLY_ADD, destination, register, beta)
                self.base.give(register)
            else:
                self.emit(Op.EXT_MULTIPLY_ADD, destination, self.place[id(element)], beta)
        for element in node.arguments:
            self.release(element)

    def finish(self, outputs: int) -> Tape:
        code = np.array(self.code, dtype=np.int32).reshape(-1, 4)
        scalar_ops = {Op.CONSTANT: 2, Op.ADD_SCALAR: 3, Op.SUB_SCALAR: 3, Op.SCALAR_SUB: 3, Op.MUL_SCALAR: 3,
                      Op.EXT_MUL_SCALAR: 3}  # fmt: skip
        for row in code:
            place = scalar_ops.get(Op(row[0]))
            if place is not None and row[place] < 0:
                row[place] = len(self.constants) + (-1 - row[place])
        return Tape(
            code,
            max(self.base.count, 1),
            self.extension.count,
            tuple(self.constants),
            tuple(self.scalars),
            outputs,
        )


def compile_fold(expressions: Sequence[Expression]) -> Tape:
    """A tape whose single extension output is the sum of beta^k times expression k."""
    compiler = _Compiler(expressions)
    for power, expression in enumerate(expressions):
        register = compiler.evaluate(expression)
        op = Op.FOLD_EXT if expression.extension else Op.FOLD_BASE
        compiler.emit(op, 0, register, compiler.scalar("fold", None, power))
        compiler.release(expression)
    compiler.emit(Op.OUT_EXT, 0, ACCUMULATOR)
    return compiler.finish(5)


def compile_outputs(expressions: Sequence[Expression]) -> Tape:
    """A tape that writes every expression to rows of its own: one for a base, five for an extension one."""
    compiler = _Compiler(expressions)
    row = 0
    for expression in expressions:
        register = compiler.evaluate(expression)
        compiler.emit(Op.OUT_EXT if expression.extension else Op.OUT_BASE, row, register)
        row += 5 if expression.extension else 1
        compiler.release(expression)
    return compiler.finish(row)
