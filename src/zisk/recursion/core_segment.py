"""The verifier of a core segment as a circuit: messages as expressions, ranges of public values as rows.

The core kind's own `terms` look at public values while they check them, which a circuit cannot: here the two
are apart. Keys, proofs and transcripts are the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from zisk.field.koalabear import inverse
from zisk.recursion.circuit import Circuit
from zisk.recursion.memory import Wire
from zisk.recursion.segment_circuit import Statement, VerifiedWires, verify_in_circuit
from zisk.stark.key import VerifyingKey
from zisk.stark.kind import Term
from zisk.vm.kinds import CORE_PUBLICS, FIRST_TIMESTAMP, SEGMENT_LIMIT
from zisk.vm.memory_map import HALTED
from zisk.vm.tables.buses import STATE, STATE_EDGE
from zisk.vm.tables.frame import TICKS_PER_STEP


def verify_core_in_circuit(
    circuit: Circuit, key: VerifyingKey, log_heights: Sequence[int], statement: Statement, *, which: int = 0
) -> VerifiedWires:
    """Record the verifier of one core segment proof; see `verify_in_circuit`.

    Raises:
        CircuitError: the key does not allow these heights, or folds by another arity than eight.
    """
    check_core_publics(circuit, statement.publics, key.kind.log_size)
    kind = dataclasses.replace(key.kind, terms=core_messages)
    return verify_in_circuit(
        circuit, dataclasses.replace(key, kind=kind), log_heights, statement, which=which
    )


def core_messages(publics: Mapping[str, Any]) -> list[Term]:
    """Both ends of the segment's steps, inside the segment and in the job, from numbers or expressions."""
    index, pc_in, pc_out, end_ts = (publics[name] for name in CORE_PUBLICS)
    return [
        Term(STATE, (pc_in, FIRST_TIMESTAMP), 1),
        Term(STATE, (pc_out, end_ts), -1),
        Term(STATE_EDGE, (index, pc_in), -1),
        Term(STATE_EDGE, (index + 1, pc_out), 1),
    ]


def check_core_publics(circuit: Circuit, publics: Sequence[Wire], log_size: int) -> None:
    """State that public values, which are in F, belong to a segment of a run.

    The index is 1 to 2^24 - 1, the segment does not start after the halt, and it ends after 1 to 2^log_size
    steps. Of a timestamp the steps are a quotient in F; as many as these do not wrap p, so it is one in the
    integers.
    """
    index, pc_in, _, end_ts = publics
    _assert_below(circuit, index, SEGMENT_LIMIT.bit_length() - 1)
    circuit.invert(index)
    circuit.invert(circuit.subtract(pc_in, circuit.constant(HALTED)))
    ticks = circuit.subtract(end_ts, circuit.constant(FIRST_TIMESTAMP))
    steps = circuit.multiply(ticks, circuit.constant(inverse(TICKS_PER_STEP)))
    _assert_below(circuit, circuit.subtract(steps, circuit.one), log_size)


def _assert_below(circuit: Circuit, value: Wire, bits: int) -> None:
    """State that a value in F is below 2^bits."""
    low, _ = circuit.low_bits(value, bits)
    circuit.assert_equal(low, value)
