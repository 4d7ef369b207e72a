"""jalr: to rs1 + immediate with its lowest bit cleared, leaving the following instruction's address in rd.

The program's `next` is the index of the following instruction; the immediate is one of 12 bits,
sign-extended, so its second limb is 0xFFFF `sign`: a program with another one has no row for this table to
look up.

Columns of its own: the target's `parity` bit, its `half` (15 bits above it) and `page` (its second limb
less 0x8000); `link_half`, the lowest 15 bits of `next`.

Why the next pc cannot be anything else: the target's limbs are 2 half + parity, 0x8000 + page, 0 and 0,
with half below 2^15, page below 2^11 and parity boolean, so they are below 2^16 and `carries` says that
they are those of rs1 + immediate. An address outside 0x8000_0000 to 0x87FF_FFFF satisfies no row. The index
is half + 2^15 page < 2^26.

Why rd cannot be anything else: `next` is link_half + 2^15 times a number below 2^11, the first below 2^15:
one such split, below 2^26. The address is 0x8000_0000 + 2 `next`: limbs 2 link_half and 0x8000 + that
number.
"""

import numpy as np

from zisk.field.koalabear import inverse
from zisk.stark.air import Air, Builder, build_air
from zisk.vm.memory_map import ROM_BASE, ROM_SIZE
from zisk.vm.operations import Operation
from zisk.vm.tables.buses import RANGE
from zisk.vm.tables.carries import LIMB, adds_up
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, Frame, register_key
from zisk.vm.tables.trace import LIMB_BITS, Operations, Record, Trace, limb

OPERATIONS = {"jalr": Operation.JALR}
HALF_BITS = LIMB_BITS - 1
PAGE_BASE = ROM_BASE >> LIMB_BITS
PAGE_BITS = (ROM_SIZE >> LIMB_BITS).bit_length() - 1


def jump_register(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        rd, rs1 = frame.register("rd"), frame.register("rs1")
        imm0, sign = b.column("imm0"), b.column("sign")
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        extension = sign * (LIMB - 1)

        parity, half, page = b.flag("parity"), b.column("half"), b.column("page")
        target = [half * 2 + parity, page + frame.active * PAGE_BASE, 0, 0]
        adds_up(b, "carry", a, [imm0, extension, extension, extension], target)

        link_half = b.column("link_half")
        link_page = (frame.next - link_half) * inverse(1 << HALF_BITS)
        for bits, value in (
            (HALF_BITS, half),
            (PAGE_BITS, page),
            (HALF_BITS, link_half),
            (PAGE_BITS, link_page),
        ):
            b.send(RANGE, [bits, value], frame.active)
        frame.write("d", register_key(rd), SLOT_LAST, [link_half * 2, link_page + PAGE_BASE, 0, 0])
        frame.finish(
            next_pc=half + page * (1 << HALF_BITS), rd=rd, rs1=rs1, immediate=(imm0, extension, sign)
        )

    return build_air("jalr", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, OPERATIONS)
    trace.operands(record, operations)
    trace.limbs("a", record.a)
    target = record.a + operations.immediate[record.slot]
    trace["parity"] = limb(target, 0, bits=1)
    trace["half"] = limb(target, 0) >> np.uint64(1)
    trace["page"] = limb(target, 1) - np.uint64(PAGE_BASE)
    trace["link_half"] = trace["next"] & ((1 << HALF_BITS) - 1)
    return trace.matrix()
