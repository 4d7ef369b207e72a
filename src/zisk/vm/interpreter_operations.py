"""What the interpreter's operations compute, copied into the interpreter kernel."""

from __future__ import annotations

import numpy as np

from zisk.kernels.jit import inline_kernel
from zisk.vm.interpreter_code import (
    K_ADDW,
    K_AND,
    K_BEQ,
    K_BGE,
    K_BGEU,
    K_BGTZ,
    K_BLT,
    K_BLTU,
    K_BNE,
    K_DIVU,
    K_MUL,
    K_MULHU,
    K_OR,
    K_SLL,
    K_SLLW,
    K_SLT,
    K_SLTU,
    K_SRA,
    K_SRAW,
    K_SRL,
    K_SRLW,
    K_SUB,
    K_SUBW,
    K_XOR,
)

_U = np.uint64
_ZERO, _LOW6, _LOW5, _LOW32 = _U(0), _U(63), _U(31), _U(0xFFFF_FFFF)
_THIRTY_TWO, _ALL_ONES = _U(32), _U(0xFFFF_FFFF_FFFF_FFFF)


@inline_kernel
def is_taken(operation, a, b):
    """Whether a branch is taken."""
    if operation == K_BNE:
        return a != b
    if operation == K_BEQ:
        return a == b
    if operation == K_BLT:
        return np.int64(a) < np.int64(b)
    if operation == K_BGE:
        return np.int64(a) >= np.int64(b)
    if operation == K_BLTU:
        return a < b
    if operation == K_BGEU:
        return a >= b
    if operation == K_BGTZ:
        return np.int64(a) > 0
    return np.int64(a) <= 0


@inline_kernel
def compute(operation, a, b, second):
    """Result of an operation on registers alone; `second` is b plus the immediate."""
    if operation == K_ADDW:
        return _narrow(a + second)
    if operation == K_SUB:
        return a - second
    if operation == K_SUBW:
        return _narrow(a - second)
    if operation == K_XOR:
        return a ^ second
    if operation == K_OR:
        return a | second
    if operation == K_AND:
        return a & second
    if operation == K_SLT:
        return _U(np.int64(a) < np.int64(second))
    if operation == K_SLTU:
        return _U(a < second)
    if operation == K_SLL:
        return a << (second & _LOW6)
    if operation == K_SRL:
        return a >> (second & _LOW6)
    if operation == K_SRA:
        return _U(np.int64(a) >> np.int64(second & _LOW6))
    if operation == K_SLLW:
        return _narrow(a << (second & _LOW5))
    if operation == K_SRLW:
        return _narrow((a & _LOW32) >> (second & _LOW5))
    if operation == K_SRAW:
        return _U(np.int64(_narrow(a)) >> np.int64(second & _LOW5))
    if operation == K_MUL:
        return a * b
    if operation == K_MULHU:
        return _multiply_high(a, b)
    if operation == K_DIVU:
        return a // b if b != _ZERO else _ALL_ONES
    return a % b if b != _ZERO else a


@inline_kernel
def _multiply_high(a, b):
    """Upper 64 bits of the unsigned product.

    Every partial sum is at most (2^32-1)^2 + 2^32 - 1 < 2^64.
    """
    a0, a1 = a & _LOW32, a >> _THIRTY_TWO
    b0, b1 = b & _LOW32, b >> _THIRTY_TWO
    middle = a1 * b0 + ((a0 * b0) >> _THIRTY_TWO)
    other = a0 * b1 + (middle & _LOW32)
    return a1 * b1 + (middle >> _THIRTY_TWO) + (other >> _THIRTY_TWO)


@inline_kernel
def _narrow(value):
    """The low 32 bits, sign-extended to 64."""
    return _U(np.int64(np.int32(np.uint32(value & _LOW32))))
