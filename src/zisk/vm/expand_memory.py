"""Expansions of instructions that touch memory: loads, stores, atomics, CSR instructions."""

from __future__ import annotations

from zisk.vm import memory_map
from zisk.vm.decode import Instruction
from zisk.vm.expansion import ALL_ONES, U0, U1, U2, U3, U7, Expansion, Sequence, put
from zisk.vm.operations import Operation as Op


def load(operation: Op) -> Expansion:
    """Expansion of a load; one into x0 still reads memory, and fills a scratch word."""

    def write(s: Sequence, i: Instruction, _address: int, _length: int) -> None:
        base = s.readable(i.rs1, U0)
        s.add(operation, i.rd or U7, base, immediate=i.immediate)

    return write


def store(operation: Op) -> Expansion:
    """Expansion of a store."""

    def write(s: Sequence, i: Instruction, _address: int, _length: int) -> None:
        put(s, operation, s.readable(i.rs1, U0), i.rs2, i.immediate)

    return write


def atomic(s: Sequence, i: Instruction, _address: int, _length: int) -> None:
    """Atomic read-modify-write on one hart: load, combine, store, then write rd."""
    kind, width = i.name.split(".")
    narrow = width == "w"
    load, store = (Op.LW, Op.SW) if narrow else (Op.LD, Op.SD)
    base = s.readable(i.rs1, U3)
    if kind == "lr":
        s.add(load, i.rd or U7, base)
        return
    if kind == "sc":
        put(s, store, base, i.rs2)
        if i.rd:
            s.add(Op.LI, i.rd)
        return
    s.add(load, U0, base)
    if kind == "amoswap":
        put(s, store, base, i.rs2)
    elif kind in _ATOMIC_COMBINATIONS:
        s.add(_ATOMIC_COMBINATIONS[kind], U1, U0, s.readable(i.rs2, U2))
        s.add(store, 0, base, U1)
    else:
        operand = s.readable(i.rs2, U2)
        if narrow:
            s.add(Op.ADDIW, U1, operand)
            operand = U1
        below = Op.BLTU if kind.endswith("u") else Op.BLT
        keeps = s.add(below, 0, U0, operand) if "min" in kind else s.add(below, 0, operand, U0)
        replaced = s.add(store, 0, base, operand)
        keeps.target = s.position
        s.add(store, 0, base, U0)
        replaced.target = s.position
    if i.rd:
        s.add(Op.ADDI, i.rd, U0)


_ATOMIC_COMBINATIONS = {"amoadd": Op.ADD, "amoxor": Op.XOR, "amoor": Op.OR, "amoand": Op.AND}


def control_register(s: Sequence, i: Instruction, _address: int, _length: int) -> None:
    """CSR instructions: CSR n is an ordinary memory word."""
    by_immediate = i.name.endswith("i")
    kind = i.name[:5]
    operand_is_zero = i.immediate == 0 if by_immediate else i.rs1 == 0
    writes = kind == "csrrw" or not operand_is_zero
    if not writes and i.rd == 0:
        s.add(Op.NOP)
        return
    s.add(Op.LI, U0, immediate=memory_map.csr_address(i.csr))
    if not writes:
        s.add(Op.LD, i.rd, U0)
        return
    if i.rd or kind != "csrrw":
        s.add(Op.LD, U1, U0)
    value = U2
    if kind == "csrrw":
        if not by_immediate:
            value = i.rs1
        elif operand_is_zero:
            value = 0
        else:
            s.add(Op.LI, U2, immediate=i.immediate)
    elif kind == "csrrs":
        if by_immediate:
            s.add(Op.ORI, U2, U1, immediate=i.immediate)
        else:
            s.add(Op.OR, U2, U1, i.rs1)
    elif by_immediate:
        s.add(Op.ANDI, U2, U1, immediate=~i.immediate)
    else:
        s.add(Op.XORI, U2, i.rs1, immediate=ALL_ONES)
        s.add(Op.AND, U2, U1, U2)
    put(s, Op.SD, U0, value)
    if i.rd:
        s.add(Op.ADDI, i.rd, U1)
