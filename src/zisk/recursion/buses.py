"""The buses of a circuit, all local: what rows of different chips say to each other.

A message begins with an address, which set-up fixes, and holds a value, which the prover fills. All
messages about one address agree, see `zisk.recursion.wiring`.
"""

from zisk.field.quintic import DEGREE
from zisk.hash.sponge import DIGEST_LENGTH, RATE
from zisk.stark.air import Bus

WIRE = Bus("WIRE", 1, 1 + DEGREE)
"""(address, v0..v4): an element of K; an element of F is (v, 0, 0, 0, 0)."""

BLOCK = Bus("BLOCK", 2, 1 + RATE)
"""(address, v0..v14): the elements of F that fill the rate of one permutation."""

DIGEST = Bus("DIGEST", 3, 2 + DIGEST_LENGTH)
"""(cap, place, d0..d8): digest number `place` of a Merkle cap; caps are numbered from 1. A lookup."""
