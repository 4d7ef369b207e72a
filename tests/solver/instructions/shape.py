"""What rows of an instruction table may claim at all: by looking at every choice of their flags."""

from __future__ import annotations

from collections.abc import Collection

from tests.solver.claim import RefutedError
from tests.solver.instructions.choices import choices, multiplicity, opcode
from zisk.stark.air import Air


def show_shape(air: Air, opcodes: Collection[int]) -> None:
    """Show that a row says everything once or not at all, and that it claims only `opcodes`, each of them.

    A row that does not ask the program for its micro-operation, padding, says nothing.

    Raises:
        RefutedError: a row does otherwise.
    """
    claimed: set[int] = set()
    for chosen in choices(air):
        spoken = [one.bus.name for one in air.interactions if multiplicity(air, one, chosen)]
        code = opcode(air, chosen)
        if code is not None:
            claimed.add(code)
        elif spoken:
            raise RefutedError(f"a row of no micro-operation speaks on {spoken} where {dict(chosen)}")
    if claimed != set(opcodes):
        raise RefutedError(f"rows claim the opcodes {sorted(claimed)}, not {sorted(opcodes)}")
