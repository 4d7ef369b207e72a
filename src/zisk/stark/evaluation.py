"""Binds tapes to tables: the prover's and the debug checker's way to rows."""

from __future__ import annotations

from collections.abc import Sequence

from zisk.field.koalabear import to_montgomery
from zisk.kernels.operands import Array, BoundTape
from zisk.stark.scalars import Challenges
from zisk.stark.tape import Tape


def bind(
    tape: Tape,
    *,
    preprocessed: Array | None,
    main: Array,
    stage2: Array | None,
    selectors: Array | None,
    publics: Sequence[int],
    challenges: Challenges,
) -> BoundTape:
    """Bind a tape to matrices uint32[columns, n] or uint32[columns, cosets, n] in Montgomery form.

    A table without columns of one sort passes none of them.
    """
    return BoundTape(
        tape.code,
        tape.base_registers,
        tape.extension_registers,
        tape.outputs,
        (preprocessed, main, stage2, selectors),
        to_montgomery([*tape.constants, *publics, 0]),
        challenges.scalars(tape.scalars),
    )
