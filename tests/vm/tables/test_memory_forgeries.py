"""Forged loads and stores: rows whose cells agree with each other but not with the machine are refused."""

from __future__ import annotations

import numpy as np
import pytest

from zisk.field.koalabear import inverse
from zisk.vm.operations import LOAD_WIDTHS, STORE_WIDTHS, Family, Operation
from zisk.vm.tables.families import FAMILY_TABLES

from .judge import judge
from .memory_cases import Case, edge_cases
from .memory_rows import FAMILIES, Row, air_of, row_of

DATA = 0xA003_0000
NEGATIVE, POSITIVE = 0x8080_8080_8080_8080, 0x7F7F_7F7F_7F7F_7F7F
SIGNED = [(Operation.LB, 0), (Operation.LH, 0), (Operation.LW, 0), (Operation.LH, 1), (Operation.LW, 1)]
UNSIGNED = [
    (Operation.LBU, 0),
    (Operation.LHU, 0),
    (Operation.LWU, 0),
    (Operation.LHU, 1),
    (Operation.LWU, 1),
]


def with_sign(row: Row, negative: int) -> Row:
    """The row with another `negative`, and every cell that follows from it."""
    operation = row.case.operation
    width = LOAD_WIDTHS[operation]
    step = negative - row["negative"]
    cells = {"negative": negative}
    result, limbs = ("value", 4) if row.case.family is Family.MISALIGNED else ("d", 2)
    if width == 1:
        cells["d__0"] = row["d[0]"] + step * 0xFF00
    for index in range(max(1, width // 2), limbs):
        cells[f"{result}__{index}"] = row[f"{result}[{index}]"] + step * 0xFFFF
    cells["rest"] = row["rest"] - step * (0x80 if width == 1 else 0x8000)
    return row.forged(**cells)


@pytest.mark.parametrize(("operation", "offset"), SIGNED)
def test_a_forged_sign_is_refused_by_its_range(operation: Operation, offset: int) -> None:
    for word in (NEGATIVE, POSITIVE):
        row = row_of(Case(operation, DATA + offset, 0, word, word))
        forged = with_sign(row, 1 - row["negative"])
        assert row.accepted
        assert (forged.verdict.constraints.tolist(), forged.verdict.lookups.tolist()) == ([False], [True])


@pytest.mark.parametrize(("operation", "offset"), SIGNED)
def test_a_sign_that_is_no_bit_is_refused(operation: Operation, offset: int) -> None:
    """For any small rest there is a `negative` in the field that leaves it."""
    row = row_of(Case(operation, DATA + offset, 0, NEGATIVE, NEGATIVE))
    sign_bit = 0x80 if LOAD_WIDTHS[operation] == 1 else 0x8000
    for rest in (0, 1, 5):
        assert not with_sign(row, row["negative"] + (row["rest"] - rest) * inverse(sign_bit)).accepted or (
            rest == row["rest"]
        )


@pytest.mark.parametrize(("operation", "offset"), UNSIGNED)
def test_an_unsigned_load_has_no_sign(operation: Operation, offset: int) -> None:
    row = row_of(Case(operation, DATA + offset, 0, NEGATIVE, NEGATIVE))
    assert row.accepted
    assert not with_sign(row, 1).accepted


@pytest.mark.parametrize(("operation", "value"), [(Operation.LBU, 0x1234), (Operation.LB, 0x1234)])
def test_a_byte_that_wraps_around_p_is_refused(operation: Operation, value: int) -> None:
    """For each wrong lower byte there is an upper one in the field; it is no byte."""
    row = row_of(Case(operation, DATA, 0, value, 0))
    found = []
    for lower in range(128):
        upper = (value - lower) * inverse(256)
        found.append(row.forged(upper=upper, d__0=lower, rest=lower).accepted)
    assert found == [lower == value % 256 for lower in range(128)]


def test_a_stored_byte_that_wraps_around_p_is_refused() -> None:
    row = row_of(Case(Operation.SB, DATA, 0, 0x1234, 0, 0xABCD))
    found = []
    for over in range(256):
        kept = (0x1234 - over) * inverse(256)
        new = 0xCD + 256 * kept
        found.append(row.forged(over=over, kept=kept, new_half=new, m__0=new).accepted)
    assert found == [over == 0x34 for over in range(256)]
    found = [
        row.forged(value=value, new_half=value + 0x1200, m__0=value + 0x1200).accepted for value in range(256)
    ]
    assert found == [value == 0xCD for value in range(256)]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("access", ["a", "b", "m", "n", "d", "value"])
def test_a_word_from_the_future_is_refused(family: Family, access: str) -> None:
    """A previous timestamp at or after the access itself, through either limb of the gap."""
    row = row_of(edge_cases(family)[0])
    names = air_of(family).main_names
    if f"{access}_gap_low" not in names:
        return
    low, high = f"{access}_gap_low", f"{access}_gap_high"
    assert not row.forged(**{low: -1, high: 0}).accepted
    assert not row.forged(**{low: row[low], high: -1}).accepted
    assert not row.forged(**{low: row[low], high: 4}).accepted
    assert not row.forged(**{low: 1 << 16, high: 0}).accepted


@pytest.mark.parametrize("family", FAMILIES)
def test_at_size_22_a_gap_has_a_byte_above_its_low_limb(family: Family) -> None:
    air, row = FAMILY_TABLES[family].air(22), row_of(edge_cases(family)[0])
    for name in air.main_names:
        if name.endswith("gap_high"):
            for value in (0, 255, 256, -1):
                cells = row.forged(**{name: value}).cells
                accepted = judge(air, cells[:, None], 22, row.records.program).accepted.tolist()
                assert accepted == [0 <= value < 256]


@pytest.mark.parametrize("offset", [1, 2])
@pytest.mark.parametrize("operation", [Operation.LH, Operation.LW, Operation.SH, Operation.SW])
def test_the_aligned_tables_refuse_what_is_not_aligned(operation: Operation, offset: int) -> None:
    """The word at the multiple below, with rs1 moved up."""
    row = row_of(Case(operation, DATA, 0, 0x4444_3333_2222_1111, 0, 0x6666_5555))
    if offset == 2 and operation in (Operation.LH, Operation.SH):
        return
    bit = {1: "offset_bit__0", 2: "offset_bit__1"}[offset]
    moved = {bit: 1, "a__0": row["a[0]"] + offset}
    assert not row.forged(**moved).accepted
    if offset == 2 and operation in LOAD_WIDTHS:
        assert not row.forged(**moved, half=0x2222, d__0=0x2222).accepted
    if offset == 2 and operation in STORE_WIDTHS:
        other = {"old_half": 0x2222, "m__0": 0x1111, "m__1": 0x2222 + 0x5555 - 0x2222 + 0x6666 - 0x2222}
        assert not row.forged(**moved, **other).accepted


@pytest.mark.parametrize(
    ("operation", "offset", "flag"),
    [
        (Operation.LW, 0, "unsigned"),
        (Operation.LW, 1, "unsigned"),
        (Operation.SW, 0, "zero"),
        (Operation.SW, 1, "zero"),
    ],
)
def test_a_row_without_a_step_has_no_form(operation: Operation, offset: int, flag: str) -> None:
    """Padding that says `unsigned` would answer a range query instead of asking one."""
    row = row_of(Case(operation, DATA + offset, 0, 5, 6, 7))
    nothing = Row(row.case, row.records, np.zeros_like(row.cells))
    assert nothing.accepted
    assert not nothing.forged(**{flag: 1}).accepted


def test_a_double_load_is_not_the_byte_load_of_the_next_opcode() -> None:
    """The opcode of ld plus the step to an unsigned form is that of lb: an lb would read eight bytes."""
    row = row_of(Case(Operation.LD, DATA + 1, 0, 5, 6))
    row.records.operations.op[:] = Operation.LB
    assert not row.forged(unsigned=1).accepted


@pytest.mark.parametrize(
    ("operation", "other"), [(Operation.SD, Operation.SH), (Operation.SDZ, Operation.SW)], ids=["sd", "sdz"]
)
def test_a_double_store_is_not_the_store_of_an_opcode_above(operation: Operation, other: Operation) -> None:
    """The opcode plus the step to a zero form is another store's, which would write eight bytes."""
    row = row_of(Case(operation, DATA + 1, 0, 5, 6, 7))
    row.records.operations.op[:] = other
    row.records.operations.rs2[:] = 0
    cells = {f"value__{index}": 0 for index in range(4)} | {f"value_old__{index}": 0 for index in range(4)}
    stored = row_of(Case(Operation.SDZ, DATA + 1, 0, 5, 6))
    cells |= {f"m__{index}": stored[f"m[{index}]"] for index in range(8)}
    assert stored.accepted
    assert row.forged(zero=1, rs2=0, **cells).verdict.constraints.tolist() == [True]


MISALIGNED_FORMS = [
    Operation.LH, Operation.LHU, Operation.LW, Operation.LWU, Operation.LD,
    Operation.SH, Operation.SW, Operation.SD, Operation.SHZ, Operation.SWZ, Operation.SDZ,
]  # fmt: skip


@pytest.mark.parametrize("operation", MISALIGNED_FORMS)
def test_no_other_flag_and_form_have_the_opcode(operation: Operation) -> None:
    """Every choice of a flag with both forms: only the row's own is accepted."""
    row = row_of(Case(operation, DATA + 1, 0, 0, 0, 0))
    flags = ("is_lh", "is_lw", "is_ld", "is_sh", "is_sw", "is_sd", "is_sdz")
    own = tuple(row[name] for name in (*flags, "unsigned", "zero"))
    choices = [
        (*(int(flag == one) for flag in flags), unsigned, zero)
        for one in flags
        for unsigned in (0, 1)
        for zero in (0, 1)
    ]
    names = (*flags, "unsigned", "zero")
    accepted = [one for one in choices if row.forged(**dict(zip(names, one, strict=True))).accepted]
    assert accepted == [own]


@pytest.mark.parametrize(("operation", "register"), [(Operation.LW, "rs2"), (Operation.SW, "rd")])
def test_a_misaligned_access_has_one_register(operation: Operation, register: str) -> None:
    """A program that names the other one as well has no row: the sum of both would be touched."""
    row = row_of(Case(operation, DATA + 1, 0, 5, 6, 7))
    getattr(row.records.operations, register)[:] = 9
    assert row.forged(**{register: 9}).verdict.constraints.tolist() == [True]
    assert not row.accepted


def test_a_misaligned_load_leaves_the_words_and_a_store_the_register() -> None:
    load, store = (row_of(Case(one, DATA + 1, 0, 5, 6, 7)) for one in (Operation.LW, Operation.SW))
    for index in range(8):
        assert not load.forged(**{f"m__{index}": load[f"m[{index}]"] + 1}).accepted
    for index in range(4):
        assert not store.forged(**{f"value_old__{index}": store[f"value_old[{index}]"] + 1}).accepted


@pytest.mark.parametrize("operation", [Operation.LHU, Operation.SW])
def test_another_offset_is_refused(operation: Operation) -> None:
    case = next(one for one in edge_cases(Family.MISALIGNED) if one.operation is operation)
    row, offset = row_of(case), case.address % 8
    assert offset != 0
    for other in set(range(8)) - {offset}:
        cells = {f"at__{offset}": 0, f"at__{other}": 1}
        key_low = ((case.address & 0xFFFF) - other) * inverse(8)
        assert not row.forged(**cells).accepted
        assert not row.forged(**cells, key_low=key_low).accepted


@pytest.mark.parametrize("minus", range(8))
def test_a_mixture_of_offsets_is_refused(minus: int) -> None:
    """Weights 1, 1, -1 on three offsets add up to one access at another offset, with the bytes mixed."""
    one, other = next(
        (i, k) for i in range(8) for k in range(i) if minus not in (i, k) and i + k - minus in range(8)
    )
    case = Case(Operation.LHU, DATA + one + other - minus, 0, 0x0102_0408_1020_4080, 0x0305_0709_0B0D_0F11)
    row = row_of(case) if case.address % 2 else aligned_in_the_misaligned_table(case)
    assert row.accepted
    stream = case.high << 64 | case.low
    read = {place: stream >> (8 * place) & 0xFFFF for place in (one, other, minus)}
    mixed = read[one] + read[other] - read[minus]
    forged = row.forged(**{f"at__{place}": 0 for place in range(8)})
    forged = forged.forged(
        **{f"at__{one}": 1, f"at__{other}": 1, f"at__{minus}": -1, "value__0": mixed, "rest": mixed}
    )
    assert not forged.accepted


def aligned_in_the_misaligned_table(case: Case) -> Row:
    """An aligned lhu as a row of the table for any offset, from the access one byte above."""
    above = row_of(Case(case.operation, case.address + 1, 0, case.low, case.high))
    offset = case.address % 8
    value = case.result
    moved = {f"at__{offset + 1}": 0, f"at__{offset}": 1, "a__0": above["a[0]"] - 1}
    return above.forged(**moved, value__0=value, rest=value)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_other_carry_leaves_the_map(family: Family) -> None:
    """A load's key moves out of the map, where no word is; a store's row is refused."""
    for loads in (True, False):
        of_sort = [case for case in edge_cases(family) if case.loads == loads]
        if of_sort:
            _assert_the_other_carry_leaves_the_map(row_of(of_sort[0]))


def _assert_the_other_carry_leaves_the_map(row: Row) -> None:
    high, low = row["address_high"], row["key_low"]
    assert not row.forged(address_high=high + (1 << 16)).accepted
    assert not row.forged(key_low=low + 8192, address_high=high - 1).accepted
    assert not row.forged(key_low=low - 8192, address_high=high + 1).accepted
    below = row.forged(address_high=high - (1 << 16))
    honest = {message[0] for bus, _, message in row.records.tokens(0) if bus == "MEMORY"}
    keys = {message[0] for bus, _, message in below.verdict.tokens[0] if bus == "MEMORY"} - honest
    assert not below.accepted or all(key >= 1 << 29 for key in keys)
    assert row.case.loads or not below.accepted


@pytest.mark.parametrize("family", FAMILIES)
def test_a_carry_that_is_no_bit_is_refused(family: Family) -> None:
    """Another lowest limb, with the carry that the field then has and the second limb that follows."""
    row = row_of(edge_cases(family)[0])
    for step in (1, -1, 100):
        high = row["address_high"] - 8 * step * inverse(1 << 16)
        assert not row.forged(key_low=row["key_low"] + step, address_high=high).accepted


@pytest.mark.parametrize("operation", [Operation.LB, Operation.LBU, Operation.SB, Operation.SBZ])
def test_a_carry_that_wraps_around_p_is_refused(operation: Operation) -> None:
    """2^16 times 0x7F00 is -1: a lowest limb one too large, paid by the second one, would be another word."""
    row = row_of(Case(operation, 0xBF00_0008, 0, 5, 6, 7))
    assert row.accepted
    assert not row.forged(a__0=7, a__1=0x4000).accepted


WRAPPING = (0x7F00_0001_A003_0000, 0x01FF_FFFE_A003_0000, 0xFFFF_8100_A003_0000, 0x0000_7F00_A003_0000)
"""Upper 32 bits that are p, that are 2^32 modulo p, and that a carry of 0x7F00 or -0x7F00 would cancel."""


@pytest.mark.parametrize(
    "address", [0x1_0000_0000, 0x1_A003_0000, 0x8000_0000_A003_0000, 0xFFFF_FFFF_A003_0000, *WRAPPING]
)
@pytest.mark.parametrize("operation", [Operation.LD, Operation.LW, Operation.SD, Operation.SW])
def test_an_address_of_four_gigabytes_or_more_is_refused(operation: Operation, address: int) -> None:
    for offset in (0, 1):
        row = row_of(Case(operation, address + offset, 0, 5, 6, 7))
        true = address >> 16 & 0xFFFF
        for high in (true, address >> 16, true + 1, true - 1):
            assert not row.forged(address_high=high).accepted


@pytest.mark.parametrize("address", [0x4000_0008, 0x8000_0000, 0x9FFF_FFF8, 0xC000_0000])
@pytest.mark.parametrize("operation", list(STORE_WIDTHS))
def test_stores_outside_ram_are_refused(operation: Operation, address: int) -> None:
    for offset in (0, 1):
        assert not row_of(Case(operation, address + offset, 0, 5, 6, 7)).accepted


@pytest.mark.parametrize("operation", list(LOAD_WIDTHS))
def test_loads_of_input_and_constants_are_accepted(operation: Operation) -> None:
    for address in (0x4000_0008, 0x8000_0000):
        assert row_of(Case(operation, address, 0, 5, 6)).accepted


def test_flags_that_are_no_bits_are_refused() -> None:
    """Three flags that add up to one step."""
    row = row_of(Case(Operation.LW, DATA, 0, 5, 6))
    for byte, half, word in ((1, -1, 1), (-1, 1, 1), (1, 1, -1), (inverse(2), 0, inverse(2))):
        verdict = row.forged(is_byte=byte, is_half=half, is_word=word).verdict
        assert verdict.constraints.tolist() == [True]
