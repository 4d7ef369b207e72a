"""Where a branch goes: the target in its immediate if taken, the program's `next` otherwise.

`successor` is the next step's pc, stated outright. The target is imm0 + 2^16 imm1, limbs of a pc index that
set-up put into the program: at most 2^27 + 1, so it cannot wrap.
"""

from __future__ import annotations

import numpy as np

from zisk.stark.expression import Expression
from zisk.vm.tables.frame import Frame
from zisk.vm.tables.trace import LIMB_BITS, Trace


def branch_target(frame: Frame, taken: Expression) -> tuple[Expression, tuple[Expression, Expression, int]]:
    """Declare `successor` and the immediate; `taken` is 0 or 1 and of degree at most 2.

    Returns:
        the successor, and the immediate for `Frame.finish`.
    """
    b = frame.builder
    imm0, imm1, successor = b.column("imm0"), b.column("imm1"), b.column("successor")
    target = imm0 + imm1 * (1 << LIMB_BITS)
    b.equal("successor", successor, frame.next + taken * (target - frame.next))
    return successor, (imm0, imm1, 0)


def exactly_one(first: Expression, second: Expression) -> Expression:
    """1 where one of two flags is 1 and the other 0, and 0 elsewhere."""
    return first + second - first * second * 2


def fill_branch(trace: Trace, taken: np.ndarray) -> None:
    """Set `successor`, once `next` and the immediate are set."""
    target = trace["imm0"] + (trace["imm1"] << LIMB_BITS)
    trace["successor"] = np.where(taken, target, trace["next"])
