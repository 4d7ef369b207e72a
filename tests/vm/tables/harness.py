"""Tests a table of computations: fills it from plain-integer steps, mutates rows, asks who notices.

The law: a row that satisfies constraints and lookups *is* a step of the machine. From a row's own tokens
`Bench.explain` takes the micro-operation, the time and the words before, executes them by the plain
semantics, and compares all tokens. So a mutant may pass only if it tells another true story, which the
buses then refuse, or if the changed cell means nothing, which the test must list with its reason.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from zisk.field.koalabear import P, inverse
from zisk.vm.memory_map import CODE_INDEX_LIMIT, HALTED, REGISTER_KEY
from zisk.vm.operations import BRANCHES, SHAPES, Family, Operation
from zisk.vm.tables.buses import MEMORY, STATE
from zisk.vm.tables.families import FAMILY_TABLES
from zisk.vm.tables.program import FIELDS

from .judge import Judgement, Token, judge
from .steps import SLOT_FIRST, SLOT_LAST, SLOT_SECOND, Micro, NotAStepError, outcome, tokens

LOG_SIZE = 20


class Case(NamedTuple):
    """A micro-operation and what it works on."""

    operation: Operation
    a: int = 0
    b: int = 0
    immediate: int = 0


class Free(NamedTuple):
    """Cells that cannot matter: columns whose name starts so, on rows where the condition holds."""

    column: str
    reason: str
    when: Callable[[Mapping[str, int]], bool] = lambda _: True


@dataclass(frozen=True, eq=False)
class Layout:
    """A filled table: its program, by pc and as messages, its canonical columns, the tokens of its steps."""

    micros: dict[int, Micro]
    program: set[tuple[int, ...]]
    columns: np.ndarray
    tokens: list[tuple[Token, ...]]


class Bench:
    """One table under test."""

    def __init__(self, family: Family) -> None:
        self.table = FAMILY_TABLES[family]
        self.air = self.table.air(LOG_SIZE)

    def lay_out(self, cases: Iterable[Case], seed: int = 1) -> Layout:
        """Execute cases, with random times, registers and words that results replace, and fill the table."""
        draw = random.Random(seed)
        cases = tuple(cases)
        micros = [_micro(case, index, draw) for index, case in enumerate(cases)]
        record, said = _empty_record(len(cases)), []
        for row, (case, micro) in enumerate(zip(cases, micros, strict=True)):
            ts = 1 + 4 * draw.choice([0, draw.randrange(1 << LOG_SIZE), (1 << LOG_SIZE) - 1])
            before = {SLOT_FIRST: case.a, SLOT_SECOND: case.b, SLOT_LAST: draw.randrange(1 << 64)}
            earlier = {slot: draw.choice([0, ts + slot - 1, draw.randrange(ts + slot)]) for slot in before}
            said.append(tokens(micro, ts, before.__getitem__, earlier.__getitem__))
            _record_row(record, row, micro, ts, before, earlier)
        operations = _operations(micros)
        columns = self.table.fill(self.air, record, operations)
        assert (columns.dtype, columns.shape) == (np.uint32, (self.air.main_width, len(cases)))
        fields = (getattr(operations, name).tolist() for name in FIELDS)
        program = set(zip(*fields, strict=True))
        return Layout({micro.pc: micro for micro in micros}, program, columns.astype(np.int64), said)

    def judge(self, columns: np.ndarray, layout: Layout) -> Judgement:
        """What is wrong with rows of the layout's program."""
        return judge(self.air, columns, LOG_SIZE, layout.program)

    def assert_true(self, layout: Layout) -> None:
        """The filled rows hold and say what the steps say; a row of zeros holds and says nothing."""
        judgement = self.judge(layout.columns, layout)
        assert np.flatnonzero(judgement.constraints).tolist() == []
        assert np.flatnonzero(judgement.lookups).tolist() == []
        assert judgement.tokens == layout.tokens
        padding = self.judge(np.zeros((self.air.main_width, 1), dtype=np.int64), layout)
        assert padding.accepted.tolist() == [True]
        assert padding.tokens == [()]

    def assert_mutants_refused(self, layout: Layout, free: Iterable[Free] = ()) -> None:
        """Change every cell of every row in several ways; see the module's law."""
        columns, origin, cell = _mutants(layout.columns)
        judgement, free = self.judge(columns, layout), tuple(free)
        for mutant in np.flatnonzero(judgement.accepted):
            said = judgement.tokens[mutant]
            self._assert_true_story(said, layout, columns[:, mutant])
            if said == layout.tokens[origin[mutant]]:
                row = self.named(layout.columns[:, origin[mutant]])
                name = self.air.main_names[cell[mutant]]
                assert any(name.startswith(one.column) and one.when(row) for one in free), (name, row)

    def assert_true_stories(self, columns: np.ndarray, layout: Layout) -> None:
        """Every row that is accepted is a step of the machine."""
        judgement = self.judge(columns, layout)
        for row in np.flatnonzero(judgement.accepted):
            self._assert_true_story(judgement.tokens[row], layout, columns[:, row])

    def assert_pairs_refused(
        self, layout: Layout, first: Sequence[str], second: Sequence[str], deltas: Sequence[int]
    ) -> None:
        """Move two cells of a row at once by any two of the deltas: a wrong result and its excuse.

        `first` and `second` are beginnings of column names.
        """
        for one in self._places(first):
            for other in self._places(second):
                if one != other:
                    self.assert_true_stories(_moved(layout.columns, one, other, deltas), layout)

    def named(self, row: np.ndarray) -> dict[str, int]:
        """The cells of a row by column."""
        return {name: int(value) for name, value in zip(self.air.main_names, row, strict=True)}

    def place(self, name: str) -> int:
        """The place of a column."""
        return self.air.main_names.index(name)

    def _places(self, starts: Sequence[str]) -> list[int]:
        return [place for place, name in enumerate(self.air.main_names) if name.startswith(tuple(starts))]

    def _assert_true_story(self, said: tuple[Token, ...], layout: Layout, row: np.ndarray) -> None:
        try:
            expected = explain(said, layout.micros)
        except NotAStepError as error:
            raise AssertionError(f"accepted, but no step: {self.named(row)}") from error
        assert expected in (None, said), self.named(row)


def explain(said: tuple[Token, ...], micros: Mapping[int, Micro]) -> tuple[Token, ...] | None:
    """The tokens of the step that a row claims to be; None when it takes what nobody can have left."""
    if not said:
        return ()
    (pc, ts) = next(message for bus, sign, message in said if bus == STATE.name and sign < 0)
    if not 1 <= ts < 1 << (LOG_SIZE + 2):
        return None
    micro, taken = micros[pc], {}
    for bus, sign, message in said:
        if bus == MEMORY.name and sign < 0:
            key, earlier, *value = message
            if earlier > 1 << (LOG_SIZE + 3) or max(value) >> 16:
                return None
            taken[key - REGISTER_KEY] = earlier, sum(limb << (16 * index) for index, limb in enumerate(value))
    registers = {SLOT_FIRST: micro.rs1, SLOT_SECOND: micro.rs2, SLOT_LAST: micro.rd}
    if any(register in taken and taken[register][0] >= ts + slot for slot, register in registers.items()):
        raise NotAStepError("a word is taken from the future")
    return tokens(micro, ts, lambda slot: taken[registers[slot]][1], lambda slot: taken[registers[slot]][0])


def _moved(columns: np.ndarray, one: int, other: int, deltas: Sequence[int]) -> np.ndarray:
    moved = []
    for delta in deltas:
        for correction in deltas:
            changed = columns.copy()
            changed[one] += delta
            changed[other] += correction
            moved.append(changed % P)
    return np.concatenate(moved, axis=1)


def _mutants(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mutants as columns of a table, with the row and the cell that each comes from."""
    width, rows = columns.shape
    generator = np.random.default_rng(2)
    mutants, origins, cells = [], [], []
    for cell in range(width):
        neighbour = (cell + 1) % width
        values = [(columns[cell] + delta) % P for delta in (1, -1, 256, 1 << 16)]
        values += [(columns[cell] + inverse(1 << bits)) % P for bits in (1, 15, 16)]
        values += [np.zeros(rows, np.int64), np.ones(rows, np.int64), generator.integers(0, P, rows)]
        for number, value in enumerate([*values, columns[neighbour]]):
            changed = columns.copy()
            changed[cell] = value
            if number == len(values):
                changed[neighbour] = columns[cell]
            differs = np.flatnonzero(value != columns[cell])
            mutants.append(changed[:, differs])
            origins.append(differs)
            cells.append(np.full(len(differs), cell))
    return np.concatenate(mutants, axis=1), np.concatenate(origins), np.concatenate(cells)


def _micro(case: Case, index: int, draw: random.Random) -> Micro:
    """A row of the program for a case, with distinct registers."""
    op, shape = case.operation, SHAPES[case.operation]
    rd, rs1, rs2 = draw.sample(range(1, 40), 3)
    following, immediate = draw.randrange(CODE_INDEX_LIMIT), case.immediate
    if op == Operation.HALT:
        following, rs1, rs2 = HALTED, 17, 10
    if op in BRANCHES:
        immediate = draw.randrange(HALTED)
    operands = (rd if shape.writes else 0, rs1 if shape.reads_first else 0, rs2 if shape.reads_second else 0)
    return Micro(1000 + 3 * index, following, op, *operands, immediate)


def _empty_record(rows: int) -> Any:
    wide = {name: np.zeros(rows, np.uint64) for name in ("a", "b", "d", "d_old")}
    narrow = {name: np.zeros(rows, np.uint32) for name in ("slot", "ts", "a_prev", "b_prev", "d_prev")}
    return SimpleNamespace(**wide, **narrow)


def _record_row(
    record: Any, row: int, micro: Micro, ts: int, before: Mapping[int, int], earlier: Mapping[int, int]
) -> None:
    """Write what the executor would have recorded of a step."""
    shape = SHAPES[micro.op]
    record.slot[row], record.ts[row] = row, ts
    a = before[SLOT_FIRST] if shape.reads_first else 0
    b = before[SLOT_SECOND] if shape.reads_second else 0
    if shape.reads_first:
        record.a[row], record.a_prev[row] = a, earlier[SLOT_FIRST]
    if shape.reads_second:
        record.b[row], record.b_prev[row] = b, earlier[SLOT_SECOND]
    if shape.writes:
        record.d[row] = outcome(micro, a, b).result
        record.d_old[row], record.d_prev[row] = before[SLOT_LAST], earlier[SLOT_LAST]


def _operations(micros: Sequence[Micro]) -> Any:
    """The program's arrays."""
    immediate = np.array([micro.immediate for micro in micros], dtype=np.uint64)
    names = ("pc", "next", "op", "rd", "rs1", "rs2")
    arrays = {name: np.array([getattr(micro, name) for micro in micros], dtype=np.uint32) for name in names}
    low, high = immediate & np.uint64(0xFFFF), immediate >> np.uint64(16) & np.uint64(0xFFFF)
    return SimpleNamespace(
        **arrays,
        imm0=low.astype(np.uint32),
        imm1=high.astype(np.uint32),
        sign=(immediate >> np.uint64(63)).astype(np.uint8),
        immediate=immediate,
    )
