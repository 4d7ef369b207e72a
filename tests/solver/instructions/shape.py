"""What rows of an instruction table may claim at all: by looking at every choice of their flags."""

from __future__ import annotations

from collections.abc import Collection

from tests.solver.claim import RefutedError
from tests.solver.instructions.choices import choices, multiplicity
from tests.solver.polynomial import Reader
from zisk.stark.air import Air
from zisk.vm.tables.buses import PROGRAM


def show_shape(air: Air, opcodes: Collection[int]) -> None:
    """Show that a row says everything once or not at all, and that it claims only `opcodes`, each of them.

    A row that does not ask the program for its micro-operation, padding, says nothing.

    Raises:
        RefutedError: a row does otherwise.
    """
    (program,) = (one for one in air.interactions if one.bus.name == PROGRAM.name)
    claimed: set[int | None] = set()
    for chosen in choices(air):
        spoken = [one.bus.name for one in air.interactions if multiplicity(air, one, chosen)]
        if multiplicity(air, program, chosen):
            claimed.add(Reader(air, chosen)(program.message[2]).value)
        elif spoken:
            raise RefutedError(f"a row of no micro-operation speaks on {spoken} where {dict(chosen)}")
    if claimed != set(opcodes):
        raise RefutedError(f"rows claim the opcodes {claimed}, not {sorted(opcodes)}")
