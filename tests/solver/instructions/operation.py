"""A row of a table does what the instruction set says of its operation."""

from __future__ import annotations

import z3

from tests.solver.claim import RefutedError
from tests.solver.constants import KEY_LIMIT, TICKS
from tests.solver.implication import Term
from tests.solver.instructions.choices import choices, opcode
from tests.solver.instructions.forms import rows_of
from tests.solver.instructions.isa import Effect, Step, effect
from tests.solver.instructions.lookups import Message
from tests.solver.instructions.row import InfeasibleError, Row
from tests.solver.polynomial import Polynomial
from zisk.stark.air import Air
from zisk.vm.operations import Operation
from zisk.vm.tables.buses import EXIT, MEMORY, PROGRAM, STATE

Accesses = dict[int, tuple[Message, Message]]
"""The messages taken and left by each access, by the slot of the step's time in which it happens."""


def show_operation(air: Air, operation: Operation, words: int = 1) -> None:
    """Show that every row with the opcode of `operation` has its effect, whatever it finds.

    `words`: of memory that a load or store touches.

    Raises:
        RefutedError: a row has another effect, or no row has the opcode.
        UndecidedError: the solver does not know.
    """
    seen = False
    for chosen in choices(air):
        if opcode(air, chosen) != operation:
            continue
        for row in rows_of(air, chosen):
            try:
                show_row(row, operation, words)
                seen = seen or row.is_possible()
            except InfeasibleError:
                continue
            except RefutedError as error:
                flags = ", ".join(f"{name} = {value}" for name, value in row.chosen.items() if value)
                raise RefutedError(f"{operation.name}: {error}; {flags}") from error
    if not seen:
        raise RefutedError(f"table {air.name} has no row for {operation.name}")


def show_row(row: Row, operation: Operation, words: int = 1) -> None:
    """Show that a row with the opcode of `operation` has its effect; adds what is assumed to the row's facts.

    Assumed is what `assume` adds, and of a branch that its target is an index.
    Raises as `show_operation` does, and `InfeasibleError` where there is no such row and that is noticed.
    """
    state, accesses = assume(row)
    for slot, (_, left) in accesses.items():
        limbs = enumerate(left.elements[2:])
        row.shows(
            {f"limb {n} of slot {slot} has 16 bits": z3.ULT(row.value(one), 1 << 16) for n, one in limbs}
        )
    _show_effect(row, effect(operation, _step(row, accesses, words)), state, accesses)


def assume(row: Row) -> tuple[tuple[Message, Message], Accesses]:
    """Take for known that keys of words taken are below 2^29, and show that the same words are left.

    Returns its tokens and accesses.

    Raises:
        RefutedError: its messages are not those of a step, or an access leaves another word than it takes.
    """
    state = _state(row)
    accesses = _accesses(row, state[0])
    for slot, (taken, left) in accesses.items():
        row.unknowns.below(taken.elements[0], KEY_LIMIT)
        same = row.value(taken.elements[0]) == row.value(left.elements[0])
        row.shows({f"the access of slot {slot} takes and leaves one word": same})
    return state, accesses


def _state(row: Row) -> tuple[Message, Message]:
    """The tokens that the row takes and leaves; shows that it takes that of its pc, and leaves it later."""
    taken, left = _only(row, STATE.name, sent=False), _only(row, STATE.name, sent=True)
    program = _only(row, PROGRAM.name, sent=True)
    if (taken.elements[0] - program.elements[0]).value != 0:
        raise RefutedError("the row takes the token of another pc than it looks up")
    if (left.elements[1] - taken.elements[1]).value != TICKS:
        raise RefutedError(f"the next step is not {TICKS} ticks later")
    return taken, left


def _accesses(row: Row, token: Message) -> Accesses:
    taken = [one for one in row.messages if one.bus == MEMORY.name and not one.sent]
    left = [one for one in row.messages if one.bus == MEMORY.name and one.sent]
    if len(taken) != len(left):
        raise RefutedError(f"the row takes {len(taken)} words and leaves {len(left)}")
    found: Accesses = {}
    for pair in zip(taken, left, strict=True):
        slot = (pair[1].elements[1] - token.elements[1]).value
        if slot is None or slot >= TICKS or slot in found:
            raise RefutedError(f"an access in slot {slot} of a step that has one in {sorted(found)}")
        found[slot] = pair
    return found


def _only(row: Row, bus: str, *, sent: bool) -> Message:
    messages = [one for one in row.messages if one.bus == bus and one.sent is sent]
    if len(messages) != 1:
        raise RefutedError(f"a row {'puts' if sent else 'takes'} {len(messages)} messages on bus {bus}")
    return messages[0]


def _word(row: Row, limbs: tuple[Polynomial, ...]) -> Term:
    """Four limbs, known to have 16 bits, as a word."""
    return z3.Concat(*(z3.Extract(15, 0, row.value(limb)) for limb in reversed(limbs)))


def _step(row: Row, accesses: Accesses, words: int) -> Step:
    fields = [row.value(element) for element in _only(row, PROGRAM.name, sent=True).elements]
    _, following, _, rd, rs1, rs2, low, high, sign = fields
    upper = z3.If(sign == 1, z3.BitVecVal(0xFFFF_FFFF_0000_0000, 64), z3.BitVecVal(0, 64))
    target = low + (high << 16)

    def found(slot: int) -> Term:
        if slot not in accesses:
            raise RefutedError(f"the row has no access in slot {slot}")
        return _word(row, accesses[slot][0].elements[2:])

    def fixed(term: Term) -> Term:
        value = row.sole_value(term)
        return term if value is None else z3.BitVecVal(value, term.size())

    def key(slot: int) -> Term:
        if slot not in accesses:
            raise RefutedError(f"the row has no access in slot {slot}")
        return row.value(accesses[slot][1].elements[0])

    return Step(rd, rs1, rs2, target | upper, target, following, found, key, fixed, words)


def _show_effect(row: Row, wanted: Effect, state: tuple[Message, Message], accesses: Accesses) -> None:
    if accesses.keys() != wanted.left.keys():
        raise RefutedError(f"the row has accesses in slots {sorted(accesses)}, not {sorted(wanted.left)}")
    row.facts.extend(wanted.given)
    for name, words in wanted.equal.items():
        row.shows_equal(*words, name)
    keys = {
        f"the key of slot {slot}": row.value(accesses[slot][1].elements[0]) == key
        for slot, (key, _) in wanted.left.items()
    }
    next_pc = {"the next pc": row.value(state[1].elements[0]) == wanted.next_pc}
    row.shows(wanted.conditions | keys | next_pc)
    for slot, (_, word) in sorted(wanted.left.items()):
        actual = _word(row, accesses[slot][1].elements[2:])
        row.shows({f"the word left in slot {slot}": actual == word})
    exits = [one for one in row.messages if one.bus == EXIT.name]
    if len(exits) != (wanted.exit_code is not None):
        raise RefutedError(f"the row puts {len(exits)} messages on bus {EXIT.name}")
    if wanted.exit_code is not None:
        row.shows_equal(_word(row, exits[0].elements), wanted.exit_code, "the exit code")
