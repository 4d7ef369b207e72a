"""Small kinds in which one rule of the proof system is all that stands between a claim and a false proof."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from tests.stark.toy import LOG_SIZE, POOL, WEAK
from zisk.stark.air import Air, Builder, Bus, build_air
from zisk.stark.commitment import FixedTables, fix_tables
from zisk.stark.kind import Kind, TableShape, Terms, no_terms

PLAIN = dataclasses.replace(WEAK, query_grinding_bits=0, local_grinding_bits=0)
"""Few queries and no proof-of-work, so that a forgery is never refused for its nonces."""

Definition = Callable[[Builder], None]


def kind_of(
    name: str, *airs: Air, publics: tuple[str, ...] = (), terms: Terms = no_terms, number: int = 7
) -> Kind:
    """A kind of 2^8 rows over these tables, each of any height."""
    return Kind(name, number, LOG_SIZE, tuple(TableShape(air, LOG_SIZE) for air in airs), publics, terms)


def fixed_of(kind: Kind) -> FixedTables:
    """Set-up of a kind without preprocessed columns, with few queries and no proof-of-work."""
    return fix_tables(kind, PLAIN, [None] * len(kind.tables), POOL)


REGISTER = Bus("REGISTER", 5, 1)
REGISTERS = 6


def _pinned(b: Builder) -> None:
    """Six registers with public values; the row sends and takes a message, so that there is a stage 2."""
    columns = b.columns("register", REGISTERS)
    for index, column in enumerate(columns):
        b.zero(f"register {index} is public", b.first * (column - b.public(f"register {index}")))
    b.send(REGISTER, [columns[0]])
    b.receive(REGISTER, [columns[0]])


def pinned_kind() -> Kind:
    """More public values in linear constraints than K has coefficients."""
    return kind_of(
        "pinned",
        build_air("registers", _pinned),
        publics=tuple(f"register {index}" for index in range(REGISTERS)),
    )
