"""Single loads and stores with their records, made from the plain semantics of the machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from tests.vm.semantics import MASK, load_value, store_words
from zisk.vm.memory_map import REGISTER_KEY
from zisk.vm.operations import LOAD_WIDTHS, Family, Operation, family_of
from zisk.vm.tables.program import FIELDS

from .judge import Token

LOG_SIZE = 16
KEY_LIMIT = 1 << 29
ZERO_FORMS = (Operation.SBZ, Operation.SHZ, Operation.SWZ, Operation.SDZ)
RD, RS1, RS2 = 5, 6, 7
WORDS = (
    0,
    1,
    0x8000,
    0xFFFF,
    0x0123_4567_89AB_CDEF,
    0xFEDC_BA98_7654_3210,
    1 << 63,
    0x00FF_7F80_FF01_8000,
    MASK,
)


@dataclass(frozen=True)
class Case:
    """One access: operation, byte address, immediate (signed), the two words and what a store stores."""

    operation: Operation
    address: int
    immediate: int
    low: int
    high: int
    value: int = 0

    @property
    def loads(self) -> bool:
        return self.operation in LOAD_WIDTHS

    @property
    def reads_value(self) -> bool:
        return not self.loads and self.operation not in ZERO_FORMS

    @property
    def family(self) -> Family:
        return family_of(self.operation, self.address)

    @property
    def words(self) -> int:
        """Words that the access touches."""
        return 2 if self.family is Family.MISALIGNED else 1

    @property
    def base(self) -> int:
        """Value of rs1."""
        return (self.address - self.immediate) & MASK

    @property
    def result(self) -> int:
        """Value of rd after a load."""
        return load_value(self.operation, self.low, self.high, self.address % 8)

    @property
    def stored(self) -> tuple[int, int]:
        """Words after a store."""
        value = self.value if self.reads_value else 0
        return store_words(self.operation, self.low, self.high, self.address % 8, value)


class Records:
    """Cases as the executor would record them, all of one family, with random timestamps."""

    def __init__(self, cases: list[Case], seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.cases = cases
        count = len(cases)
        ts = rng.integers(1, 1 << 16, count) * 4 + 1
        earlier = lambda: rng.integers(0, ts, count).astype(np.uint32)  # noqa: E731
        word = lambda values: np.array(values, dtype=np.uint64)  # noqa: E731
        after = [case.stored if not case.loads else (case.low, case.high) for case in cases]
        self.record: Any = SimpleNamespace(
            slot=np.arange(count, dtype=np.uint32),
            ts=ts.astype(np.uint32),
            a=word([case.base for case in cases]),
            a_prev=earlier(),
            b=word([case.value for case in cases]),
            b_prev=earlier(),
            d=word([case.result if case.loads else 0 for case in cases]),
            d_old=rng.integers(0, 1 << 63, count).astype(np.uint64),
            d_prev=earlier(),
            address=word([case.address for case in cases]),
            m_old=word([(case.low, case.high) for case in cases]),
            m_new=word(after),
            m_prev=np.stack([earlier(), earlier()], axis=1),
        )
        immediates = [case.immediate & MASK for case in cases]
        self.operations: Any = SimpleNamespace(
            pc=np.arange(count, dtype=np.uint32) * 2 + 100,
            next=np.arange(count, dtype=np.uint32) * 2 + 102,
            op=np.array([case.operation for case in cases], dtype=np.uint8),
            rd=np.array([RD if case.loads else 0 for case in cases], dtype=np.uint8),
            rs1=np.full(count, RS1, dtype=np.uint8),
            rs2=np.array([RS2 if case.reads_value else 0 for case in cases], dtype=np.uint8),
            imm0=np.array([one & 0xFFFF for one in immediates], dtype=np.uint32),
            imm1=np.array([one >> 16 & 0xFFFF for one in immediates], dtype=np.uint32),
            sign=np.array([one >> 63 for one in immediates], dtype=np.uint8),
        )

    @property
    def program(self) -> set[tuple[int, ...]]:
        """The messages that the program table answers."""
        columns = [getattr(self.operations, name).tolist() for name in FIELDS]
        return set(zip(*columns, strict=True))

    def tokens(self, row: int) -> tuple[Token, ...]:
        """The tokens that an honest row speaks, from the plain semantics."""
        case, record = self.cases[row], self.record
        memory = 1 if case.loads else 2
        earlier = {0: record.a_prev[row], 1: record.b_prev[row], 3: record.d_prev[row]}
        earlier |= {memory + place: record.m_prev[row, place] for place in range(case.words)}
        pc, ts = int(self.operations.pc[row]), int(record.ts[row])
        return tokens_of(case, pc, ts, earlier, int(record.d_old[row]))


def tokens_of(case: Case, pc: int, ts: int, earlier: dict[int, int], d_old: int) -> tuple[Token, ...]:
    """The tokens of an access; `earlier`: previous timestamp of the word that each slot touches."""
    tokens: list[Token] = [("STATE", -1, (pc, ts)), ("STATE", 1, (pc + 2, ts + 4))]

    def touch(key: int, slot: int, old: int, new: int) -> None:
        tokens.append(("MEMORY", -1, (key, int(earlier[slot]), *limbs(old))))
        tokens.append(("MEMORY", 1, (key, ts + slot, *limbs(new))))

    touch(REGISTER_KEY + RS1, 0, case.base, case.base)
    old = (case.low, case.high)
    new = old if case.loads else case.stored
    for place in range(case.words):
        touch(case.address // 8 + place, (1 if case.loads else 2) + place, old[place], new[place])
    if case.loads:
        touch(REGISTER_KEY + RD, 3, d_old, case.result)
    elif case.reads_value:
        touch(REGISTER_KEY + RS2, 1, case.value, case.value)
    return tuple(sorted(tokens))


def retold(case: Case, said: tuple[Token, ...]) -> tuple[Token, ...] | None:
    """The tokens of the access that a row claims to be, by the plain semantics of what the row takes.

    None when nobody can have left what it takes: a word outside the map, a limb above 16 bits.
    """
    ((pc, ts),) = _messages(said, "STATE", -1)
    sent = {key: at - ts for key, at, *_ in _messages(said, "MEMORY", 1)}
    taken = {}
    for key, at, *value in _messages(said, "MEMORY", -1):
        if key >= KEY_LIMIT or max(value) >> 16:
            return None
        taken[sent[key]] = key, at, sum(limb << (16 * index) for index, limb in enumerate(value))
    memory = 1 if case.loads else 2
    values = {slot: value for slot, (_, _, value) in taken.items()}
    told = replace(
        case,
        address=(values[0] + case.immediate) & MASK,
        low=values[memory],
        high=values.get(memory + 1, 0) if case.words == 2 else 0,
        value=values[1] if case.reads_value else 0,
    )
    earlier = {slot: at for slot, (_, at, _) in taken.items()}
    return tokens_of(told, pc, ts, earlier, values.get(3, 0))


def _messages(said: tuple[Token, ...], bus: str, sign: int) -> list[tuple[int, ...]]:
    return [message for name, count, message in said if (name, count) == (bus, sign)]


def limbs(word: int) -> tuple[int, ...]:
    """Four 16-bit limbs, lowest first."""
    return tuple(word >> (16 * index) & 0xFFFF for index in range(4))


def edge_cases(family: Family) -> list[Case]:
    """Every operation of a family at every offset, on words with edge values, at the ends of RAM."""
    bases = (0xA000_0008, 0xA002_FFF8, 0xBFFF_FFE8)
    immediates = (0, 1, -1, 2047, -2048, 0x7FFF_FFF0)
    cases: list[Case] = []
    for operation in Operation:
        for offset in range(8):
            if not _takes(family, operation, offset):
                continue
            for index, low in enumerate(WORDS):
                high, value = WORDS[(index + 3) % len(WORDS)], WORDS[(index + 5) % len(WORDS)]
                turn = len(cases)
                address = bases[turn % len(bases)] + offset
                cases.append(Case(operation, address, immediates[turn % len(immediates)], low, high, value))
    return cases


def _takes(family: Family, operation: Operation, offset: int) -> bool:
    accesses = (*LOAD_WIDTHS, Operation.SD, Operation.SB, Operation.SH, Operation.SW, *ZERO_FORMS)
    return operation in accesses and family_of(operation, offset) is family
