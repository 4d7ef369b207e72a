"""The table of touched words outside the image: each word once, in its region, from the right value."""

from __future__ import annotations

from collections.abc import Callable

import z3

from tests.solver.claim import Claim, Method
from tests.solver.constants import INITIALLY, KEY_LIMIT
from tests.solver.implication import possible, shown
from tests.solver.instructions.choices import choices
from tests.solver.instructions.lookups import LIMB_LIMIT, Message
from tests.solver.polynomial import Assignment, Polynomial
from tests.solver.tables.integers import Integers
from tests.solver.tables.messages import demand, demand_only, spoken, those
from tests.solver.tables.regions import OUTPUT_KEY
from tests.solver.tables.rows import (
    FIRST,
    LAST,
    OPENED,
    TRANSITION,
    next_row,
    state_row,
    state_transition,
)
from zisk.stark.air import Air
from zisk.vm.kinds import EDGES_LOG_SIZE
from zisk.vm.memory_map import OUTPUT_WORDS, RegionKind
from zisk.vm.tables.buses import MEMORY_EDGE, OUTPUT, RANGE, REGION
from zisk.vm.tables.memory import memory


def memory_claims() -> list[Claim]:
    """The claims of the memory table."""
    claims: list[tuple[str, str, Method, Callable[[Air], None]]] = [
        (
            "words",
            "a row opens and closes one word for the job or says nothing; it asks for a region of kind zero,"
            " input or output, each possible, and sends outputs only of the last",
            Method.ENUMERATION,
            _words,
        ),
        (
            "region",
            "start <= key < end as integers, for the region that is looked up",
            Method.SOLVER,
            _region,
        ),
        (
            "order",
            "from a row to the next one the key ascends as an integer if that has a word, and else stays;"
            " keys are below 2^29 if the first one is",
            Method.SOLVER,
            _order,
        ),
        (
            "ends",
            "the first row has no word and the key previous_key, the last one has last_key; of one row too",
            Method.SOLVER,
            _ends,
        ),
        (
            "initial",
            "initial limbs are 0 in regions of kind zero and output, below 2^16 in those of kind input",
            Method.SOLVER,
            _initial,
        ),
        (
            "outputs",
            "an output word sends its final halves to the places 2 i and 2 i + 1 below 64, i its number",
            Method.SOLVER,
            _outputs,
        ),
    ]
    sizes = (EDGES_LOG_SIZE,)
    return [
        Claim("memory", subject, statement, method, memory, show, sizes)
        for subject, statement, method, show in claims
    ]


def _kind(said: list[Message]) -> int | None:
    """The kind of region that a row asks for; None on a row that says nothing."""
    if not said:
        return None
    (asked,) = those(said, REGION, sent=True)
    demand(asked.elements[2].value in OPENED, f"a region of kind {asked.elements[2]} is asked for")
    return asked.elements[2].value


def _words(air: Air) -> None:
    kinds = set()
    for choice in choices(air):
        said = spoken(air, choice)
        kind = _kind(said)
        kinds.add(kind)
        if kind is None:
            continue
        (opened,), (closed,) = (those(said, MEMORY_EDGE, sent=sent) for sent in (True, False))
        demand(opened.elements[1].value == INITIALLY, "a word is not opened as the initial one")
        demand(opened.elements[0] == closed.elements[0], "another word is closed than opened")
        those(said, OUTPUT, sent=True, count=2 if kind == RegionKind.OUTPUT else 0)
        demand_only(said, REGION, RANGE, MEMORY_EDGE, OUTPUT)
    demand(kinds == {None, *OPENED}, f"rows are of kinds {kinds}")


def _row(air: Air, known: Assignment) -> tuple[Integers, list[Message]]:
    """The integers of a row with their facts, and what it says."""
    integers = Integers()
    return integers, state_row(integers, air, known)


def _key(said: list[Message]) -> Polynomial:
    """The key of the word that a row opens."""
    return those(said, MEMORY_EDGE, sent=True)[0].elements[0]


def _region(air: Air) -> None:
    for choice in choices(air):
        row, said = _row(air, choice)
        if said:
            start, end, _ = those(said, REGION, sent=True)[0].elements
            key = row.canonical(_key(said))
            possible(row.facts, f"row with {choice}")
            inside = z3.And(row.canonical(start) <= key, key < row.canonical(end))
            shown(row.facts, inside, f"key in its region, {choice}")


def _order(air: Air) -> None:
    key = _key_of_every_row(air)
    for choice in choices(air):
        rows = Integers()
        said = state_row(rows, air, choice, following=True)
        state_transition(rows, air, choice)
        before, after = rows.canonical(key), rows.canonical(next_row(key))
        facts = [*rows.facts, before < KEY_LIMIT]
        possible(facts, f"row with {choice} below another")
        goes_on = before < after if said else before == after
        shown(facts, z3.And(goes_on, after < KEY_LIMIT), f"keys ascend to a row of {choice}")


def _key_of_every_row(air: Air) -> Polynomial:
    """The polynomial that is the key on rows with a word: the same on all."""
    keys = [_key(said) for choice in choices(air) if (said := spoken(air, choice))]
    demand(bool(keys) and all(one == keys[0] for one in keys), "rows have their keys in different columns")
    return keys[0]


def _ends(air: Air) -> None:
    key = _key_of_every_row(air)
    for first, last in ((1, 0), (0, 1), (1, 1)):
        for choice in choices(air):
            known = {**choice, FIRST: first, LAST: last, TRANSITION: 0}
            row, said = _row(air, known)
            here = row.canonical(key)
            conclusions = [
                here == row.canonical(Polynomial.variable(f"@{name}")) for name in _ends_at(first, last)
            ]
            if not (first and said):
                possible(row.facts, f"row with {known}")
            conclusions += [z3.BoolVal(not said)] if first else []
            shown(row.facts, z3.And(*conclusions), f"row with {known}")


def _ends_at(first: int, last: int) -> list[str]:
    return ["previous_key"] * first + ["last_key"] * last


def _initial(air: Air) -> None:
    for choice in choices(air):
        row, said = _row(air, choice)
        kind = _kind(said)
        if kind is not None:
            possible(row.facts, f"row with {choice}")
            limit = LIMB_LIMIT if kind == RegionKind.INPUT else 1
            limbs = [row.canonical(limb) for limb in those(said, MEMORY_EDGE, sent=True)[0].elements[2:]]
            shown(row.facts, z3.And(*(limb < limit for limb in limbs)), f"initial limbs, {choice}")


def _outputs(air: Air) -> None:
    for choice in choices(air):
        row, said = _row(air, choice)
        if _kind(said) != RegionKind.OUTPUT:
            continue
        possible(row.facts, f"row with {choice}")
        number = row.canonical(_key(said)) - OUTPUT_KEY
        final = those(said, MEMORY_EDGE, sent=False)[0].elements[2:]
        for half, message in enumerate(those(said, OUTPUT, sent=True, count=2)):
            place, *limbs = message.elements
            demand(tuple(limbs) == final[2 * half : 2 * half + 2], f"half {half} of an output is another's")
            at = row.canonical(place)
            right = z3.And(number >= 0, number < OUTPUT_WORDS, at == 2 * number + half)
            shown(row.facts, right, f"place of half {half} of an output")
