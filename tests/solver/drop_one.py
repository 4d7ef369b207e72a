"""Each constraint and each message of a table left out, one at a time: some claim of the table must notice.

A claim notices if it is refuted of what is left, or if the solver cannot decide it any more: either fails its
test. A claim that does not notice anything says nothing, and a constraint whose absence nobody notices
either says nothing or is not covered. What is left unnoticed is listed in `EXCEPTIONS`, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.solver.all_claims import all_claims
from tests.solver.claim import Claim, Method, RefutedError, UndecidedError, digest_of
from tests.solver.parts import Part, parts_of, without
from zisk.stark.air import Air

_SILENT = "on a row without a step the column is in no message, and its opcode is not looked up"

_SUM = "it is a sum of flags, and `active` lets one of all flags be set"

_LOW_LIMBS = "stores of four bytes at most take the lower two limbs; the form makes no access to rs2"

EXCEPTIONS: dict[str, dict[str, str]] = {
    "logic": {"above_xor is a step's": _SILENT},
    "slt": {"unsigned is a step's": _SILENT},
    "beq": {"unless is a step's": _SILENT},
    "muldiv": {
        "second is a step's": _SILENT,
        "distance carry 3 is boolean": "the carry is stated to be zero on the rows of which this is said",
    },
    "store": {"zero forms store zero 2": _LOW_LIMBS, "zero forms store zero 3": _LOW_LIMBS},
    "shifti": {"is_slli is boolean": _SUM},
    "shiftiw": {"is_slliw is boolean": _SUM},
    "shift": {"is_sll is boolean": _SUM, "is_sllw is boolean": _SUM},
}
"""For each table the parts that may be left out without notice, and why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of leaving out a part of a table: the claim that notices, None if there is none.

    `refuted`: whether that has a counter-example; otherwise the solver does not know.
    """

    table: str
    part: Part
    noticed_by: Claim | None
    refuted: bool


def tables() -> tuple[str, ...]:
    """Names of all tables with claims, in the order of the page."""
    return tuple(dict.fromkeys(claim.table for claim in all_claims()))


def drop_each(table: str) -> Iterator[Outcome]:
    """Leave out each part of a table's AIR, and of the AIRs of other sizes those parts that are their own.

    Of the claims that ask the solver, the one that noticed last goes first: it often notices the next.
    """
    done: set[object] = set()
    for air, claims in _airs_of(table):
        parts = [part for part in parts_of(air) if part.meaning(air) not in done]
        for part in parts:
            outcome = _outcome(table, part, without(air, part), claims)
            claim = outcome.noticed_by
            if claim is not None and claim.method is Method.SOLVER:
                claims.remove(claim)
                claims.insert(_dear_ones(claims), claim)
            yield outcome
        done.update(part.meaning(air) for part in parts)


def unexpected(outcomes: list[Outcome]) -> list[str]:
    """What is wrong: parts that nobody notices, and exceptions that somebody does or that do not exist."""
    wrong = []
    unnoticed = {(one.table, one.part.name) for one in outcomes if one.noticed_by is None}
    listed = {
        (table, name) for table in {one.table for one in outcomes} for name in EXCEPTIONS.get(table, ())
    }
    for table, name in sorted(unnoticed - listed):
        wrong.append(f"{table}: no claim notices that {name!r} is left out")
    for table, name in sorted(listed - unnoticed):
        wrong.append(f"{table}: {name!r} is an exception, but there is no such part or a claim notices")
    return wrong


def _airs_of(table: str) -> list[tuple[Air, list[Claim]]]:
    """The different AIRs of a table, each with the claims that are made of it, cheap ones first."""
    claims = [claim for claim in all_claims() if claim.table == table]
    claims.sort(key=lambda one: (one.method is Method.SOLVER, one.slow))
    airs = {digest_of(air): air for air in (claim.air() for claim in claims)}
    found = []
    for digest, air in airs.items():
        sizes = {size for one in claims if digest_of(one.air()) == digest for size in one.sizes}
        found.append((air, [one for one in claims if not one.sizes or sizes & set(one.sizes)]))
    return found


def _dear_ones(claims: list[Claim]) -> int:
    """Where the claims start that ask the solver."""
    return next((place for place, one in enumerate(claims) if one.method is Method.SOLVER), len(claims))


def _outcome(table: str, part: Part, reduced: Air, claims: list[Claim]) -> Outcome:
    """The first claim that is refuted of an AIR, or else the first one that cannot be decided."""
    undecided = None
    for claim in claims:
        try:
            claim.show(reduced)
        except RefutedError:
            return Outcome(table, part, claim, refuted=True)
        except UndecidedError:
            undecided = undecided or claim
    return Outcome(table, part, undecided, refuted=False)
