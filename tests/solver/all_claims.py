"""Every claim there is: tests, drop-one and the page read this list.

A module `claims` of each folder gives its own: `claims() -> list[Claim]`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from tests.solver.claim import Claim

FOLDERS = ("instructions", "tables", "chips")


@cache
def all_claims() -> tuple[Claim, ...]:
    """All claims, in the order of the page."""
    found: list[Claim] = []
    for folder in FOLDERS:
        if find_spec(f"tests.solver.{folder}") and find_spec(f"tests.solver.{folder}.claims"):
            found += import_module(f"tests.solver.{folder}.claims").claims()
    return tuple(found)
