"""The interpreter computes what the plain functions of `tests.vm.semantics` say."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vm import semantics
from tests.vm.micro_programs import HALT, Line, micro_program
from zisk.vm.executor import Run, record_all
from zisk.vm.operations import LOAD_WIDTHS, STORE_WIDTHS, Family, Operation
from zisk.vm.program import Program
from zisk.vm.record import FamilyRecord

words = st.one_of(
    st.integers(0, 2**64 - 1),
    st.sampled_from(
        [0, 1, 2, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1, 2**64 - 2**31]
    ),
    st.integers(0, 64),
)
immediates = st.integers(-(2**11), 2**11 - 1).map(lambda value: value % 2**64)
DATA = 0xA003_0000


def records(program: Program) -> dict[Family, FamilyRecord]:
    """Rows of a program of one segment."""
    (segment,) = Run(program, b"", log_size=16, record=record_all)
    assert segment.record is not None
    return segment.record.families


def results(program: Program) -> dict[int, int]:
    """Value that each slot wrote to its rd."""
    written: dict[int, int] = {}
    for record in records(program).values():
        if record.d is not None:
            written |= dict(zip(record.slot.tolist(), record.d.tolist(), strict=True))
    return written


@settings(max_examples=120, deadline=None)
@given(a=words, b=words, immediate=immediates, shift=st.integers(0, 63))
def test_computations(a: int, b: int, immediate: int, shift: int) -> None:
    lines: list[Line] = []
    expected: dict[int, int] = {}
    for operation, function in semantics.RESULTS.items():
        if operation.name in ("SLLI", "SRLI", "SRAI"):
            constant = shift
        elif operation.name in ("SLLIW", "SRLIW", "SRAIW"):
            constant = shift % 32
        else:
            constant = immediate
        unary = operation == Operation.LI or operation.name.rstrip("WU").endswith("I")
        expected[len(lines)] = function(a, b, constant)
        first, second = (0 if operation == Operation.LI else 5), (0 if unary else 6)
        lines.append(Line(operation, 7, first, second, constant if unary else 0))
    assert results(micro_program([*lines, HALT], {5: a, 6: b})) == expected


@settings(max_examples=120, deadline=None)
@given(a=words, b=words, equal=st.booleans())
def test_branches(a: int, b: int, equal: bool) -> None:
    b = a if equal else b
    lines: list[Line] = []
    skipped: list[int] = []
    for operation, condition in semantics.CONDITIONS.items():
        unary = operation.name.endswith("Z")
        lines.append(Line(operation, 0, 5, 0 if unary else 6, len(lines) + 2))
        if condition(a, b):
            skipped.append(len(lines))
        lines.append(Line(Operation.NOP))
    executed = records(micro_program([*lines, HALT], {5: a, 6: b}))[Family.NOP].slot.tolist()
    assert sorted([*executed, *skipped]) == list(range(1, len(lines), 2))


@settings(max_examples=80, deadline=None)
@given(low=words, high=words, offset=st.integers(0, 7))
def test_loads(low: int, high: int, offset: int) -> None:
    lines = [Line(operation, 7, 5, 0, offset) for operation in LOAD_WIDTHS]
    expected = {
        slot: semantics.load_value(operation, low, high, offset) for slot, operation in enumerate(LOAD_WIDTHS)
    }
    program = micro_program([*lines, HALT], {5: DATA}, {DATA: low, DATA + 8: high})
    assert results(program) == expected


@settings(max_examples=80, deadline=None)
@given(low=words, high=words, value=words, offset=st.integers(0, 7))
def test_stores(low: int, high: int, value: int, offset: int) -> None:
    lines: list[Line] = []
    memory: dict[int, int] = {}
    expected: dict[int, int] = {}
    for operation, width in STORE_WIDTHS.items():
        place = DATA + 16 * len(lines)
        memory |= {place: low, place + 8: high}
        stored = 0 if operation.name.endswith("Z") else value
        after = semantics.store_words(operation, low, high, offset, stored)
        if offset % width:
            expected |= {place: after[0], place + 8: after[1]}
        else:
            expected[place] = after[0]
        lines.append(
            Line(
                operation, 0, 5, 6 if stored or not operation.name.endswith("Z") else 0, place - DATA + offset
            )
        )
    run = Run(micro_program([*lines, HALT], {5: DATA, 6: value}, memory), b"", log_size=16)
    assert len(list(run)) == 1
    assert run.result is not None
    touched = run.result.touched
    after_run = dict(zip((8 * touched.key.astype(int)).tolist(), touched.final.tolist(), strict=True))
    assert {address: word for address, word in after_run.items() if address >= DATA} == expected
