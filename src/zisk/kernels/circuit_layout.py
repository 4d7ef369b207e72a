"""How a circuit and a run of it lie in memory: operations, the columns of their records, values by address.

`zisk.recursion` writes programs in this form, a backend runs them. A record is a row of int64; addresses
count from 0, `NONE` stands for one that is not there.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from zisk.kernels.parameters import DEGREE
from zisk.kernels.poseidon2_constants import DIGEST_LENGTH, RATE, WIDTH

NONE = -1
"""In the place of an address: a record does not have it."""

MAX_RECORD = 22
"""Columns of the widest record."""

ARITHMETIC, HINT, SPLIT, BITS, ELEMENTS, FOLD, HORNER, PERMUTATION = range(8)
"""The operations, in the order of a program's tuple of records."""

OPERATION_NAMES = ("arithmetic", "hint", "split", "bits", "elements", "fold", "horner", "permutation")
"""What errors call them."""


class Arithmetic(IntEnum):
    """States a * b + d + constant = c; at most one of b, d, c is unknown before."""

    A, B, D, C, CONSTANT = range(5)


class Hint(IntEnum):
    """Takes the first `count` coefficients of a wire from the hints."""

    WIRE, COUNT = range(2)


class Split(IntEnum):
    """Finds quotient and remainder of a wire in F by 2^bits."""

    VALUE, BITS, QUOTIENT, REMAINDER = range(4)


class Bits(IntEnum):
    """Takes a wire in F apart; `low` and `point` are those of its first `bits` digits, or NONE."""

    VALUE, BITS, LOW, POINT = range(4)


class Elements(IntEnum):
    """Fifteen elements under all their names: three wires in K from `GROUP`, fifteen in F from `WIRE` on."""

    BLOCK, GROUP = 0, 1
    WIRE = 4
    CAP, PLACE, HINTED = 19, 20, 21


class Fold(IntEnum):
    """Folds eight values of K, in the three blocks from `LEAF` on, to one."""

    LEAF = 0
    CHALLENGE, POINT, PLACE, SELECTED, RESULT = range(3, 8)


class Horner(IntEnum):
    """One block of a weighted sum; the record of the first block names both sums.

    `kept` and `chosen` are masks of fifteen bits, `goes_on` is 1 if the next record belongs to the same sum.
    """

    BLOCK, EVERY, SOME, CHALLENGE, WHICH, KEPT, CHOSEN, GOES_ON = range(8)


class Permutation(IntEnum):
    """One permutation of a chain; `carried` is the first place taken from the one before."""

    CHAIN, SORT, TAG, LENGTH, CARRIED, INDEX, CAP, BLOCK, OUTPUT, HINTED = range(10)


START, CONTINUATION, STEP = range(3)
"""Sorts of permutations."""

WIDTHS = (5, 2, 4, 4, MAX_RECORD, 8, 8, 10)
"""Columns of each operation's records."""

ARITY = 8
"""Values that a fold takes."""

FOLD_COLUMNS = 84
"""Columns of the fold table: the leaf, six elements of K, eight flags, the point."""


class Program(NamedTuple):
    """A circuit to be run.

    Attributes:
        operations: uint8[n] in the order in which they are done; one Horner operation takes all records of
            its sum.
        arithmetic, ..., permutations: the records of each, int64[n, columns], in the same order.
        constants: uint32[n], those of arithmetic, Montgomery.
        cap_starts: int64[caps + 1]; digest `place` of cap c has number cap_starts[c] + place, the caps being
            numbered from 1.
    """

    operations: np.ndarray
    arithmetic: np.ndarray
    hints: np.ndarray
    splits: np.ndarray
    bits: np.ndarray
    elements: np.ndarray
    folds: np.ndarray
    horner: np.ndarray
    permutations: np.ndarray
    constants: np.ndarray
    cap_starts: np.ndarray


class Values(NamedTuple):
    """What a run finds, Montgomery unless it says otherwise.

    Attributes:
        wires: uint32[wires, 5]; known: uint8, whether a wire has a value.
        blocks: uint32[blocks, 15]; lengths: uint8, how many elements are known.
        elements: uint32[n, 15] by record; zeros where a record has fewer.
        folds: uint32[n, 84], the rows of the fold table.
        sums: uint32[n, 10] by record: both sums from this block on.
        states: uint32[n, 24] by record: the input of each permutation.
        indices: int64[n] by record: of a Merkle step the index of the node below; else 0.
        tips: uint32[chains, 24]: the last output of each chain so far; tip_records: int64, its record.
        digests: uint32[digests, 9] of all caps; digest_known: uint8.
        lookups: int64[digests]: how many paths ended there.
    """

    wires: np.ndarray
    known: np.ndarray
    blocks: np.ndarray
    lengths: np.ndarray
    elements: np.ndarray
    folds: np.ndarray
    sums: np.ndarray
    states: np.ndarray
    indices: np.ndarray
    tips: np.ndarray
    tip_records: np.ndarray
    digests: np.ndarray
    digest_known: np.ndarray
    lookups: np.ndarray


(
    DONE,
    WIRE_DIFFERS,
    BLOCK_DIFFERS,
    UNKNOWN_WIRE,
    UNKNOWN_BLOCK,
    UNKNOWN_ELEMENTS,
    TOO_MANY_UNKNOWNS,
    DIVISION_BY_ZERO,
    NOT_IN_BASE,
    NO_SUCH_PLACE,
    WRONG_PATH,
    TOO_FEW_HINTS,
    HINT_NO_ELEMENT,
) = range(13)
"""How an operation, and so a run, ends."""

OUTCOME, OPERATION, RECORD, ADDRESS, PLACE, COUNT, HINTS_TAKEN, WANTED = range(8)
"""The columns of a run's report, int64.

It says how the run ended, at which record of which operation, and at which address, or place of a cap or
leaf, or hint; from `WANTED` on, the `COUNT` values that the address would have to have, Montgomery.
"""

REPORT_LENGTH = WANTED + 15
"""A block is the longest that an address can have."""


def new_values(program: Program, wires: int, blocks: int, chains: int) -> Values:
    """The values of a run that has not begun, for so many addresses."""
    digests = int(program.cap_starts[-1])
    permutations = len(program.permutations)
    return Values(
        wires=np.zeros((wires, DEGREE), np.uint32),
        known=np.zeros(wires, np.uint8),
        blocks=np.zeros((blocks, RATE), np.uint32),
        lengths=np.zeros(blocks, np.uint8),
        elements=np.zeros((len(program.elements), RATE), np.uint32),
        folds=np.zeros((len(program.folds), FOLD_COLUMNS), np.uint32),
        sums=np.zeros((len(program.horner), 2 * DEGREE), np.uint32),
        states=np.zeros((permutations, WIDTH), np.uint32),
        indices=np.zeros(permutations, np.int64),
        tips=np.zeros((chains, WIDTH), np.uint32),
        tip_records=np.zeros(chains, np.int64),
        digests=np.zeros((digests, DIGEST_LENGTH), np.uint32),
        digest_known=np.zeros(digests, np.uint8),
        lookups=np.zeros(digests, np.int64),
    )
