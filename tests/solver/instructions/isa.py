"""What the instruction set says a micro-operation does, on words of 64 bits.

A word is a vector, an integer modulo 2^64. What a step reads is given, and what it leaves is said: so this is
a specification, independent of tables and executor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import z3

from tests.solver.implication import Term
from zisk.vm.operations import Operation

Word = Term
Truth = Term

REGISTERS, RAM_START, RAM_END, CODE_START, CODE_END = (
    0x1400_0000,
    0xA000_0000,
    0xC000_0000,
    0x8000_0000,
    0x8800_0000,
)
"""Word number of register 0; byte addresses of RAM and code."""

EXIT_CALL = 93

TARGET_LIMIT = (1 << 27) + 2
"""Pc indices are below it, also the one that stands for a target outside the code."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a step is given: its row of the program, and the words that it finds.

    `immediate` is a whole word; `target`, a branch's, and `following` are pc indices. `found(slot)` is the
    word found by the access in that slot of the step's time, and `key(slot)` the number of that word.
    `fixed` replaces a term by the number that it is in all rows under consideration, where it is one.
    """

    rd: Word
    rs1: Word
    rs2: Word
    immediate: Word
    target: Word
    following: Word
    found: Callable[[int], Word]
    key: Callable[[int], Word]
    fixed: Callable[[Word], Word]
    words: int = 1
    """Words of memory that a load or store touches: two where it need not be aligned."""


@dataclass(slots=True)
class Effect:
    """What a step does.

    Attributes:
        next_pc: index where the next step starts.
        left: for each slot with an access, the key of the word and what the access leaves in it.
        given: what the program's set-up sees to.
        equal: pairs of words that are equal in a step that does not end in a fault.
        conditions: what else holds of such a step.
        exit_code: of the step that ends the run.
    """

    next_pc: Word
    left: dict[int, tuple[Word, Word]] = field(default_factory=dict)
    given: tuple[Truth, ...] = ()
    equal: dict[str, tuple[Word, Word]] = field(default_factory=dict)
    conditions: dict[str, Truth] = field(default_factory=dict)
    exit_code: Word | None = None


def _low(word: Word) -> Word:
    return z3.Extract(31, 0, word)


def _extended(half: Word) -> Word:
    return z3.SignExt(32, half)


def _truth(condition: Truth) -> Word:
    return z3.If(condition, z3.BitVecVal(1, 64), z3.BitVecVal(0, 64))


_COMPUTATIONS: Mapping[str, Callable[[Word, Word], Word]] = {
    "ADD": lambda a, b: a + b,
    "SUB": lambda a, b: a - b,
    "ADDW": lambda a, b: _extended(_low(a) + _low(b)),
    "SUBW": lambda a, b: _extended(_low(a) - _low(b)),
    "XOR": lambda a, b: a ^ b,
    "OR": lambda a, b: a | b,
    "AND": lambda a, b: a & b,
    "SLT": lambda a, b: _truth(a < b),
    "SLTU": lambda a, b: _truth(z3.ULT(a, b)),
    "SLL": lambda a, b: a << b,
    "SRL": lambda a, b: z3.LShR(a, b),
    "SRA": lambda a, b: a >> b,
    "SLLW": lambda a, b: _extended(_low(a) << _low(b)),
    "SRLW": lambda a, b: _extended(z3.LShR(_low(a), _low(b))),
    "SRAW": lambda a, b: _extended(_low(a) >> _low(b)),
    "LI": lambda _, b: b,
}
"""Results of two operands; shifts are given the amount."""

_OF_IMMEDIATES = {
    "ADDI": "ADD",
    "ADDIW": "ADDW",
    "XORI": "XOR",
    "ORI": "OR",
    "ANDI": "AND",
    "SLTI": "SLT",
    "SLTIU": "SLTU",
    "SLLI": "SLL",
    "SRLI": "SRL",
    "SRAI": "SRA",
    "SLLIW": "SLLW",
    "SRLIW": "SRLW",
    "SRAIW": "SRAW",
}

_COMPARISONS: Mapping[str, Callable[[Word, Word], Truth]] = {
    "BEQ": lambda a, b: a == b,
    "BNE": lambda a, b: a != b,
    "BLT": lambda a, b: a < b,
    "BGE": lambda a, b: a >= b,
    "BLTU": z3.ULT,
    "BGEU": z3.UGE,
    "BGTZ": lambda a, b: a > b,
    "BLEZ": lambda a, b: a <= b,
}
_AGAINST_ZERO = {"BEQZ": "BEQ", "BNEZ": "BNE", "BLTZ": "BLT", "BGEZ": "BGE", "BGTZ": "BGTZ", "BLEZ": "BLEZ"}

_LOADS = {"LB": 1, "LBU": 1, "LH": 2, "LHU": 2, "LW": 4, "LWU": 4, "LD": 8}
_SIGNED_LOADS = {"LB", "LH", "LW"}
_STORES = {"SB": 1, "SH": 2, "SW": 4, "SD": 8}
_ZERO_STORES = {"SBZ": 1, "SHZ": 2, "SWZ": 4, "SDZ": 8}


def effect(operation: Operation, step: Step) -> Effect:
    """What `operation` does with what it is given."""
    name = operation.name
    if name == "NOP":
        return Effect(step.following)
    if name in _COMPUTATIONS or name in _OF_IMMEDIATES:
        return _computation(name, step)
    if name in _COMPARISONS or name in _AGAINST_ZERO:
        return _branch(name, step)
    if name in _LOADS:
        return _load(name, step)
    if name in _STORES or name in _ZERO_STORES:
        return _store(name, step)
    return {"JALR": _jump, "HALT": _halt}[name](step)


def _register(index: Word | int) -> Word:
    return z3.BitVecVal(REGISTERS, 64) + index


def _computation(name: str, step: Step) -> Effect:
    result = Effect(step.following)
    a = b = z3.BitVecVal(0, 64)
    if name != "LI":
        a = step.found(0)
        result.left[0] = _register(step.rs1), a
    if name in _OF_IMMEDIATES or name == "LI":
        b = step.immediate
    else:
        b = step.found(1)
        result.left[1] = _register(step.rs2), b
    function = _OF_IMMEDIATES.get(name, name)
    if function[:2] in ("SL", "SR") and not function.startswith("SLT"):
        bits = 5 if function.endswith("W") else 6
        amount = b & ((1 << bits) - 1)
        if name in _OF_IMMEDIATES:
            result.conditions["the amount is a constant in range"] = amount == b
        b = step.fixed(amount)
    result.left[3] = _register(step.rd), _COMPUTATIONS[function](a, b)
    return result


def _branch(name: str, step: Step) -> Effect:
    a, b = step.found(0), z3.BitVecVal(0, 64)
    left = {0: (_register(step.rs1), a)}
    if name not in _AGAINST_ZERO:
        b = step.found(1)
        left[1] = _register(step.rs2), b
    taken = _COMPARISONS[_AGAINST_ZERO.get(name, name)](a, b)
    given = (z3.ULT(step.target, TARGET_LIMIT),)
    return Effect(z3.If(taken, step.target, step.following), left, given)


def _jump(step: Step) -> Effect:
    a = step.found(0)
    target = (a + step.immediate) & ~1
    left = {
        0: (_register(step.rs1), a),
        3: (_register(step.rd), z3.BitVecVal(CODE_START, 64) + 2 * step.following),
    }
    inside = z3.And(z3.UGE(target, CODE_START), z3.ULT(target, CODE_END))
    return Effect(z3.LShR(target - CODE_START, 1), left, conditions={"the target is code": inside})


def _halt(step: Step) -> Effect:
    call, code = step.found(0), step.found(1)
    left = {0: (_register(17), call), 1: (_register(10), code)}
    exits = {"the call is exit": call == EXIT_CALL}
    return Effect(step.following, left, conditions=exits, exit_code=code)


def _bytes(*words: Word) -> list[Word]:
    """The bytes of words, lowest first."""
    return [z3.Extract(8 * place + 7, 8 * place, word) for word in words for place in range(8)]


def _joined(parts: list[Word]) -> Word:
    return z3.Concat(*reversed(parts))


def _address(name: str, width: int, slot: int, step: Step, result: Effect) -> Word:
    """Offset in its word of an access that starts with the word of `slot`; adds what an address implies."""
    a = step.found(0)
    result.left[0] = _register(step.rs1), a
    address, key = a + step.immediate, step.key(slot)
    offset = step.fixed(address & 7)
    result.equal["the address is that of the word"] = address, key * 8 + offset
    result.conditions["the address has 32 bits"] = z3.ULT(address, 1 << 32)
    if step.words == 1:
        result.conditions["the access is in one word"] = z3.ULE(offset, 8 - width)
    else:
        result.equal["the other word is the next one"] = step.key(slot + 1), key + 1
    if name not in _LOADS:
        result.conditions["stores go to RAM"] = z3.And(z3.UGE(address, RAM_START), z3.ULT(address, RAM_END))
    return offset


def _load(name: str, step: Step) -> Effect:
    width = _LOADS[name]
    result = Effect(step.following)
    offset = _address(name, width, 1, step, result)
    slots = range(1, 1 + step.words)
    words = [step.found(slot) for slot in slots]
    for place, slot in enumerate(slots):
        result.left[slot] = step.key(slot), words[place]
    memory = _joined(_bytes(*words))
    shifted = z3.LShR(memory, z3.ZeroExt(memory.size() - 64, 8 * offset))
    part = z3.Extract(8 * width - 1, 0, shifted)
    extend = z3.SignExt if name in _SIGNED_LOADS else z3.ZeroExt
    result.left[3] = _register(step.rd), extend(64 - 8 * width, part)
    return result


def _store(name: str, step: Step) -> Effect:
    width = _STORES.get(name) or _ZERO_STORES[name]
    result = Effect(step.following)
    offset = _address(name, width, 2, step, result)
    value = z3.BitVecVal(0, 64)
    if name in _STORES:
        value = step.found(1)
        result.left[1] = _register(step.rs2), value
    before = _bytes(*(step.found(2 + place) for place in range(step.words)))
    stored = _bytes(value)
    after = list(before)
    for place in range(len(before)):
        for index in range(width):
            after[place] = z3.If(offset + index == place, stored[index], after[place])
    for place in range(step.words):
        result.left[2 + place] = step.key(2 + place), _joined(after[8 * place : 8 * place + 8])
    return result
