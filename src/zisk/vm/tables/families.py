"""Which table proves the steps of each family."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from zisk.stark.air import Air
from zisk.vm.operations import Family
from zisk.vm.tables import (
    add,
    add_immediate,
    add_immediate_word,
    add_word,
    branch_equal,
    branch_less,
    compare,
    halt,
    jump_register,
    load,
    load_double,
    logic,
    logic_immediate,
    misaligned,
    multiply_divide,
    no_operation,
    shift,
    shift_immediate,
    shift_immediate_word,
    store,
    store_double,
)
from zisk.vm.tables.trace import Operations, Record


@dataclass(frozen=True, slots=True)
class FamilyTable:
    """A family's table: `air(log_size)` describes it, `fill(air, record, operations)` gives its columns."""

    air: Callable[[int], Air]
    fill: Callable[[Air, Record, Operations], np.ndarray]


FAMILY_TABLES = {
    Family.NOP: FamilyTable(no_operation.no_operation, no_operation.fill),
    Family.ADDI: FamilyTable(add_immediate.add_immediate, add_immediate.fill),
    Family.ADD: FamilyTable(add.add, add.fill),
    Family.ADDIW: FamilyTable(add_immediate_word.add_immediate_word, add_immediate_word.fill),
    Family.ADDW: FamilyTable(add_word.add_word, add_word.fill),
    Family.LOGICI: FamilyTable(logic_immediate.logic_immediate, logic_immediate.fill),
    Family.LOGIC: FamilyTable(logic.logic, logic.fill),
    Family.SLT: FamilyTable(compare.compare, compare.fill),
    Family.BEQ: FamilyTable(branch_equal.branch_equal, branch_equal.fill),
    Family.BLT: FamilyTable(branch_less.branch_less, branch_less.fill),
    Family.SHIFTI: FamilyTable(shift_immediate.shift_immediate, shift_immediate.fill),
    Family.SHIFTIW: FamilyTable(shift_immediate_word.shift_immediate_word, shift_immediate_word.fill),
    Family.SHIFT: FamilyTable(shift.shift, shift.fill),
    Family.MULDIV: FamilyTable(multiply_divide.multiply_divide, multiply_divide.fill),
    Family.LD: FamilyTable(load_double.load_double, load_double.fill),
    Family.LOAD: FamilyTable(load.load, load.fill),
    Family.SD: FamilyTable(store_double.store_double, store_double.fill),
    Family.STORE: FamilyTable(store.store, store.fill),
    Family.MISALIGNED: FamilyTable(misaligned.misaligned, misaligned.fill),
    Family.JALR: FamilyTable(jump_register.jump_register, jump_register.fill),
    Family.HALT: FamilyTable(halt.halt, halt.fill),
}
"""The table of every family."""
