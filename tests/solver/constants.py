"""Numbers of the machine that several claims are about."""

from __future__ import annotations

KEY_LIMIT = 1 << 29
"""Keys of words are below it: a word has eight bytes, an address 32 bits, and the edges open no others."""

TICKS = 4
"""Times of a step: one for each slot."""

INITIALLY = 0
"""The segment of a word's initial value."""
