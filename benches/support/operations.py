"""Counts what proving a segment takes, from its kind and heights: the prover itself is not asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from operator import itemgetter

import numpy as np

from support.bare import NANOSECOND, BareSpeeds
from zisk.field.quintic import DEGREE
from zisk.hash.opening import cap_log_size
from zisk.hash.sponge import RATE
from zisk.stages import Stage
from zisk.stark.air import Air
from zisk.stark.batching import QUOTIENT_CHUNKS, batching_order
from zisk.stark.expression import Scope
from zisk.stark.key import VerifyingKey
from zisk.stark.logup import fraction_tape
from zisk.stark.quotient import constraint_tape
from zisk.stark.tape import Op, Tape

QUOTIENT_COLUMNS = QUOTIENT_CHUNKS * DEGREE
QUOTIENT_COSETS = 2
"""Cosets on which constraints are evaluated."""

INVERSION = 3
"""Multiplications that batch inversion takes for one element."""

_BASE = {
    Op.MUL: 1,
    Op.MUL_SCALAR: 1,
    Op.EXT_MUL_BASE: DEGREE,
    Op.EXT_SCALAR_MUL_BASE: DEGREE,
    Op.EXT_MULTIPLY_ADD: DEGREE,
    Op.EXT_MUL_SCALAR: DEGREE,
    Op.FOLD_BASE: DEGREE,
}
_EXTENSION = {Op.EXT_MUL: 1, Op.FOLD_EXT: 1}


@dataclass(frozen=True, slots=True)
class Operations:
    """Operations of one or more segments; what a stage does besides is left out.

    Attributes:
        committed_cells: base-field cells of main and LogUp columns, padded rows included.
        butterflies: of all transforms.
        permutations: of leaves and nodes of all trees.
        sorted_permutations: what they would be if each tree had one sponge, the shortest tables first.
        nonces: tried by proofs-of-work, one permutation each.
        logup_base, logup_extension: multiplications for LogUp columns, in F and in K.
        quotient_base, quotient_extension: for constraints.
        open_products, open_extension: elements times coefficients, and multiplications in K, for openings.
        fri_base, fri_extension: for folds.
    """

    committed_cells: int = 0
    butterflies: int = 0
    permutations: int = 0
    sorted_permutations: int = 0
    nonces: int = 0
    logup_base: int = 0
    logup_extension: int = 0
    quotient_base: int = 0
    quotient_extension: int = 0
    open_products: int = 0
    open_extension: int = 0
    fri_base: int = 0
    fri_extension: int = 0

    def __add__(self, other: Operations) -> Operations:
        return Operations(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def bounds(self, bare: BareSpeeds) -> dict[Stage, float]:
        """Seconds of one core that the bare kernels need for each stage that they make up."""
        base, extension = bare.multiply, bare.extension_multiply
        nanoseconds = {
            Stage.EXTEND: self.butterflies * bare.butterfly,
            Stage.HASH: self.permutations * bare.permutation,
            Stage.PROOF_OF_WORK: self.nonces * bare.permutation,
            Stage.LOGUP: self.logup_base * base + self.logup_extension * extension,
            Stage.QUOTIENT: self.quotient_base * base + self.quotient_extension * extension,
            Stage.OPEN: self.open_products * bare.product + self.open_extension * extension,
            Stage.FRI: self.fri_base * base + self.fri_extension * extension,
        }
        return {stage: value * NANOSECOND for stage, value in nanoseconds.items()}


def count_operations(key: VerifyingKey, log_heights: Sequence[int], nonces: Sequence[int]) -> Operations:
    """The operations of one segment whose tables have these heights and whose proof has these nonces."""
    kind, parameters = key.kind, key.parameters
    cosets, rows = 1 << parameters.log_blowup, [1 << height for height in log_heights]
    tallest = max(rows)
    length, arity = kind.log_size + parameters.log_blowup, parameters.log_folding_arity
    rounds = parameters.fri_rounds(kind.log_size)
    main = [(air.main_width, n) for air, n in zip(kind.airs, rows, strict=True)]
    stage2 = [(DEGREE * air.stage2_width, n) for air, n in zip(kind.airs, rows, strict=True)]
    quotient = [(QUOTIENT_COLUMNS, tallest)]
    preprocessed = [(air.preprocessed_width, n) for air, n in zip(kind.airs, rows, strict=True)]
    trees = ((main, kind.sponges), (stage2, kind.sponges), (quotient, ()))
    folds = _fri_trees(length, arity, rounds, parameters.cap_log)

    transforms = [(width * (1 + cosets), n) for width, n in (*main, *stage2)]
    transforms += [(QUOTIENT_COSETS * DEGREE + cosets * QUOTIENT_COLUMNS, tallest)]
    fractions = [_fractions(air) for air in kind.airs]
    constraints = [_multiplications(constraint_tape(air)) for air in kind.airs]
    opened = [*preprocessed, *main, *stage2, *quotient]
    folded = sum(1 << (length - 1 - k) for k in range(arity * rounds))
    order = batching_order(kind)
    following = [rows[order.places[power][1]] for power in order.following]
    return Operations(
        committed_cells=sum(width * n for width, n in (*main, *stage2)),
        butterflies=sum(width * n // 2 * (n.bit_length() - 1) for width, n in transforms),
        permutations=folds
        + sum(_tree(tables, sponges, cosets, length, parameters.cap_log) for tables, sponges in trees),
        sorted_permutations=folds
        + sum(
            _tree(sorted(tables, key=itemgetter(1)), (), cosets, length, parameters.cap_log)
            for tables, _ in trees
        ),
        nonces=sum(nonce + 1 for nonce in nonces),
        logup_base=sum(base * n for (base, _), n in zip(fractions, rows, strict=True)),
        logup_extension=sum(extension * n for (_, extension), n in zip(fractions, rows, strict=True)),
        quotient_base=QUOTIENT_COSETS * sum(base * n for (base, _), n in zip(constraints, rows, strict=True)),
        quotient_extension=QUOTIENT_COSETS
        * sum(extension * n for (_, extension), n in zip(constraints, rows, strict=True)),
        open_products=DEGREE * (1 + cosets) * (sum(width * n for width, n in opened) + sum(following)),
        open_extension=(2 * INVERSION + 3) << length,
        fri_base=2 * DEGREE * folded,
        fri_extension=folded,
    )


def _multiplications(tape: Tape) -> tuple[int, int]:
    """Multiplications in F and in K of one row."""
    instructions = [Op(int(one)) for one in np.asarray(tape.code)[:, 0]]
    return sum(_BASE.get(one, 0) for one in instructions), sum(_EXTENSION.get(one, 0) for one in instructions)


def _fractions(air: Air) -> tuple[int, int]:
    """Multiplications of a row's LogUp columns.

    Fingerprints; then for each cluster the product of its denominators, the crossed numerators, the inverse,
    and the value.
    """
    base, extension = 0, 0
    for scope in Scope:
        if not air.fractions(scope):
            continue
        own = _multiplications(fraction_tape(air, scope))
        pairs = len(air.fractions(scope)) // 2
        base += own[0] + 2 * DEGREE * pairs
        extension += own[1] + pairs + (INVERSION + 1) * len(air.clusters(scope))
    return base, extension


def _tree(
    tables: Sequence[tuple[int, int]], sponges: Sequence[int], cosets: int, log_leaves: int, cap_log: int
) -> int:
    """Permutations of one lifted commitment: own sponges, the leaf's, then nodes.

    Tables are (columns, rows); `sponges` numbers of tables, from the first on, with a sponge of their own.
    """
    total, absorbed, left = 0, [], list(tables)
    for count in sponges:
        states, height = _sponge(left[:count])
        absorbed.append((RATE, height))
        total, left = total + states, left[count:]
    states, height = _sponge([*absorbed, *left])
    return cosets * (total + states) + _nodes(cosets * height, log_leaves, cap_log)


def _sponge(tables: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Permutations of one coset's rows, each at the height of the tallest table so far; and that height."""
    height, position, total = 1, 0, 0
    for width, rows in tables:
        if not width:
            continue
        height = max(height, rows)
        total += (position + width) // RATE * height
        position = (position + width) % RATE
    return total + (height if position else 0), height


def _nodes(distinct: int, log_leaves: int, cap_log: int) -> int:
    """Nodes of a tree of 2^log_leaves leaves, equal ones counted once."""
    total, repeats = 0, log_leaves - (distinct.bit_length() - 1)
    for level in range(log_leaves - cap_log_size(log_leaves, cap_log)):
        distinct >>= 0 if level < repeats else 1
        total += distinct
    return total


def _fri_trees(log_length: int, log_arity: int, rounds: int, cap_log: int) -> int:
    per_leaf = -(-(DEGREE << log_arity) // RATE)
    total = 0
    for number in range(1, rounds + 1):
        log_leaves = log_length - log_arity * number
        total += (per_leaf << log_leaves) + _nodes(1 << log_leaves, log_leaves, cap_log)
    return total
