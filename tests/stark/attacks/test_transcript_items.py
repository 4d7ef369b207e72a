"""An item that the verifier leaves out of its transcript lets a forgery pass, which is refused otherwise.

Each forger chooses one thing after a challenge that should depend on it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np
import pytest

from tests.stark.attacks import items
from tests.stark.attacks.items import Item
from tests.stark.attacks.kinds import PLAIN, REGISTERS, fixed_of, pinned_kind
from tests.stark.attacks.weak import accepted_by_weak, constraint_gap, refused, weakened
from tests.stark.forge import BACKEND, Forger, elements, fraction, solve
from tests.stark.toy import JOB, LOG_SIZE, PROGRAM, SQUARE, toy_fixed, toy_kind, toy_traces
from zisk.field import quintic, quintic_array
from zisk.field.koalabear import P, bit_reverse, coset_shift, from_montgomery, root_of_unity, to_montgomery
from zisk.field.quintic import DEGREE, ONE, ZERO, Element
from zisk.stark import key
from zisk.stark.batching import Tree
from zisk.stark.challenges import BusChallenge
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.expression import Scope
from zisk.stark.fri import commit_layer
from zisk.stark.verify import check_segment
from zisk.stark.verify_fri import fold_leaves

FIXED = toy_fixed(toy_kind(), PLAIN)
KEY, KIND = FIXED.key, FIXED.key.kind
LADDER, WALK, SQUARES = range(3)


def constraint_index(table: int, name: str) -> int:
    """The power of beta of a constraint."""
    names = [one.name for one in KIND.airs[table].constraints]
    return KIND.constraint_offsets[table] + names.index(name)


def false_start() -> tuple[list[np.ndarray], list[int]]:
    """A ladder that starts one above its public start."""
    traces, publics = toy_traces(32, 4, 100)
    publics[0] -= 1
    return traces, publics


def false_total() -> tuple[list[np.ndarray], list[int]]:
    """A walk whose public total is one above the true one."""
    traces, publics = toy_traces(32, 4, 100)
    publics[3] += 1
    return traces, publics


Statement = Callable[[], tuple[list[np.ndarray], list[int]]]
"""Traces and public values, one of which is false."""


class LateMain(Forger):
    """Solves the multiplicities of the lookup table for the local challenge: a square that is none passes."""

    steps = ("draw_buses", "solve_counts", *("commit_main",), *Forger.steps[2:])

    def solve_counts(self) -> None:
        """Five free counts balance any lookup, since K has five coefficients."""
        walk = from_montgomery(self.traces[WALK])
        bus, wanted = self.buses[Scope.LOCAL], ZERO
        for active, index, _, square in walk.T.tolist():
            if active:
                wanted = quintic.add(wanted, fraction(bus, SQUARE.number, (index, square)))
        offered = [fraction(bus, SQUARE.number, (value, value * value)) for value in range(DEGREE)]
        counts = np.zeros((1, 32), dtype=np.uint64)
        counts[0, :DEGREE] = solve(offered, wanted)
        self.traces[SQUARES] = to_montgomery(counts)


class LateStage2(Forger):
    """Shifts a running sum, once beta is known, so that its error cancels another constraint's."""

    steps = (*Forger.steps[:4], "shift_running_sum", *Forger.steps[4:])

    def shift_running_sum(self) -> None:
        """L_first (value - start) is 1 and L_first phi becomes -1 / beta^k: together nothing is left."""
        assert self.stage2 is not None
        start = constraint_index(LADDER, "global running sum starts at zero")
        first = constraint_index(LADDER, "starts")
        shift = quintic.neg(quintic.power(self.fold, first - start))
        columns = [self.stage2_columns(table)[0] for table in range(3)]
        error = to_montgomery(np.array(shift, dtype=np.uint64)).reshape(DEGREE, 1).astype(np.uint64)
        columns[LADDER] = ((columns[LADDER] + error) % np.uint64(P)).astype(np.uint32)
        self.stage2 = self.committed(columns)


class LateSums(Forger):
    """Moves the local sums, once beta is known, so that their errors cancel on the last row of two tables."""

    steps = (*Forger.steps[:4], "move_sums", *Forger.steps[4:])

    def move_sums(self) -> None:
        """A + b = what is missing, and beta^i d a + beta^j d b = 0: both last rows speak of (31, 961)."""
        bus = self.buses[Scope.LOCAL]
        missing = fraction(bus, 1, (self.publics[2], self.publics[3]))
        missing = quintic.sub(missing, fraction(bus, 1, (0, 0)))
        for table in (WALK, SQUARES):
            missing = quintic.sub(missing, self.sums[table][Scope.LOCAL])
        i = constraint_index(WALK, "local cluster 1")
        j = constraint_index(SQUARES, "local cluster 0")
        ratio = quintic.power(self.fold, i - j)
        a = quintic.mul(missing, quintic.inverse(quintic.sub(ONE, ratio)))
        for table, change in ((WALK, a), (SQUARES, quintic.sub(missing, a))):
            self.sums[table][Scope.LOCAL] = quintic.add(self.sums[table][Scope.LOCAL], change)


class LateQuotient(Forger):
    """Takes a constant for the quotient: the one that the identity at the known zeta asks for."""

    steps = (*Forger.steps[:4], "draw_zeta", "guess", "open_columns", "fit_quotient", *Forger.steps[6:])

    def guess(self) -> None:
        """A quotient of zero, to see what is missing."""
        self.commit_chunks(np.zeros((2 * DEGREE, 1 << LOG_SIZE), dtype=np.uint32))

    def fit_quotient(self) -> None:
        """Q0 = gap / (zeta^N - 1), Q1 = 0."""
        gap = constraint_gap(self.claimed(), self.kind, self.buses, self.fold, self.zeta)
        vanishing = quintic.sub(quintic.power(self.zeta, 1 << LOG_SIZE), ONE)
        coefficients = np.zeros((2 * DEGREE, 1 << LOG_SIZE), dtype=np.uint32)
        value = quintic.mul(gap, quintic.inverse(vanishing))
        coefficients[:DEGREE, 0] = to_montgomery(np.array(value, dtype=np.uint64))
        self.commit_chunks(coefficients)


class LateOpenings(Forger):
    """Changes two openings of the quotient: the identity holds and their combination under gamma stays."""

    steps = (*Forger.steps[:8], "combine", "change_openings", *Forger.steps[9:])

    def change_openings(self) -> None:
        """E on Q0's first column and -e gamma^(a - b) on its second."""
        gap = constraint_gap(self.claimed(), self.kind, self.buses, self.fold, self.zeta)
        vanishing = quintic.sub(quintic.power(self.zeta, 1 << LOG_SIZE), ONE)
        a, b = (self.order.power[Tree.QUOTIENT, 0, column] for column in (0, 1))
        ratio = quintic.power(self.gamma, a - b)
        per_error = quintic.mul(vanishing, quintic.sub(ONE, quintic.mul((0, 1, 0, 0, 0), ratio)))
        error = quintic.mul(gap, quintic.inverse(per_error))
        here = list(self.here)
        here[a] = quintic.add(here[a], error)
        here[b] = quintic.sub(here[b], quintic.mul(error, ratio))
        self.here = tuple(here)


class FalseOpening(Forger):
    """Claims an opening that makes the identity hold, and so combines a word that is far from low degree."""

    steps: ClassVar[tuple[str, ...]] = (*Forger.steps[:7], "fit_opening", *Forger.steps[7:])

    def fit_opening(self) -> None:
        """The quotient's first column takes the whole gap."""
        gap = constraint_gap(self.claimed(), self.kind, self.buses, self.fold, self.zeta)
        vanishing = quintic.sub(quintic.power(self.zeta, 1 << LOG_SIZE), ONE)
        place = self.order.power[Tree.QUOTIENT, 0, 0]
        error = quintic.mul(gap, quintic.inverse(vanishing))
        changed = quintic.add(self.here[place], error)
        self.here = (*self.here[:place], changed, *self.here[place + 1 :])


class LateLayer(FalseOpening):
    """Builds FRI's layer when the queries are known: values that nobody asks for make each fold zero."""

    steps = (*FalseOpening.steps[:-2], "draw_early", "bend_leaves")

    def draw_early(self) -> None:
        """Draw what should depend on the layer; the final polynomial is zero."""
        self.folding = self.transcript.fold_challenge(0, ())
        self.final = (ZERO,) * 32
        self.draw_indices()

    def bend_leaves(self) -> None:
        """Change one unqueried value in each queried leaf."""
        word = [list(row) for row in from_montgomery(self.codeword).tolist()]
        for leaf in {index >> 3 for index in self.indices}:
            free = next(k for k in range(8) if 8 * leaf + k not in self.indices)
            row = [tuple(value) for value in word[8 * leaf : 8 * leaf + 8]]
            row[free] = ZERO
            unit = [ONE if k == free else ZERO for k in range(8)]
            rest, weight = (folded(leaf, one, self.folding) for one in (row, unit))
            word[8 * leaf + free] = list(quintic.neg(quintic.mul(rest, quintic.inverse(weight))))
        self.layers = [commit_layer(to_montgomery(np.array(word, dtype=np.uint64)), self.parameters, BACKEND)]


class LateFinal(FalseOpening):
    """Interpolates the final polynomial through the queried values: there are fewer than coefficients."""

    steps = (*FalseOpening.steps[:-1], "draw_indices", "interpolate")

    def interpolate(self) -> None:
        """Newton's interpolation at the queried points of the last domain."""
        rows = from_montgomery(self.layers[0].leaves).reshape(-1, 8, DEGREE)
        shift = pow(coset_shift(LOG_SIZE), 8, P)
        final, zeros = [ZERO] * 32, [ONE]
        for leaf in sorted({index >> 3 for index in self.indices}):
            x = shift * pow(root_of_unity(6), bit_reverse(leaf, 6), P) % P
            wanted = folded(leaf, elements(rows[leaf]), self.foldings[0])
            error = quintic.sub(wanted, _value(final, x))
            factor = quintic.mul(error, quintic.inverse(_value(zeros, x)))
            for k, coefficient in enumerate(zeros):
                final[k] = quintic.add(final[k], quintic.mul(coefficient, factor))
            longer = [ZERO, *zeros]
            zeros = [quintic.sub(a, quintic.scale(b, x)) for a, b in zip(longer, [*zeros, ZERO], strict=True)]
        self.final = tuple(final)


def folded(leaf: int, row: Sequence[Element], challenge: Element) -> Element:
    """The first fold of one leaf's eight values."""
    rows = np.array([row], dtype=np.uint64).transpose(2, 0, 1)
    values = fold_leaves(np.array([leaf]), rows, challenge, coset_shift(LOG_SIZE), 9)
    return quintic_array.to_elements(values)[0]


def _value(coefficients: list[Element], x: int) -> Element:
    total = ZERO
    for coefficient in reversed(coefficients):
        total = quintic.add(quintic.scale(total, x), coefficient)
    return total


def false_square() -> tuple[list[np.ndarray], list[int]]:
    """A walk in which 3^2 is 10."""
    traces, publics = toy_traces(20, 4, 100)
    walk = traces[WALK]
    walk[3, 3] += 1
    walk[2, 4:20] += 1
    publics[3] += 1
    return traces, publics


FORGERIES = [
    pytest.param(Item.MAIN, LateMain, false_square, Rejection.BUS, id="main trace after local alpha"),
    pytest.param(Item.STAGE2, LateStage2, false_start, Rejection.CONSTRAINTS, id="stage 2 after beta"),
    pytest.param(Item.SUMS, LateSums, false_total, Rejection.CONSTRAINTS, id="sums after beta"),
    pytest.param(Item.QUOTIENT, LateQuotient, false_start, Rejection.CONSTRAINTS, id="quotient after zeta"),
    pytest.param(Item.OPENINGS, LateOpenings, false_start, Rejection.OPENING, id="openings after gamma"),
    pytest.param(Item.LAYER, LateLayer, false_start, Rejection.OPENING, id="layer after the queries"),
    pytest.param(Item.FINAL, LateFinal, false_start, Rejection.OPENING, id="final polynomial after queries"),
]


@pytest.mark.parametrize(("item", "forger", "statement", "reason"), FORGERIES)
def test_an_item_chosen_after_its_challenge(
    item: Item, forger: type[Forger], statement: Statement, reason: Rejection
) -> None:
    traces, publics = statement()
    forged = forger(FIXED, traces, publics, omitted={item}).prove()
    found = accepted_by_weak(forged, KEY, omitted={item})
    assert found.publics == KIND.public_values(publics)
    refused(forged, KEY, reason)


@pytest.mark.parametrize(("item", "forger", "statement", "reason"), FORGERIES)
def test_the_same_choice_before_the_challenge_is_refused_by_the_weak_verifier_too(
    item: Item, forger: type[Forger], statement: Statement, reason: Rejection
) -> None:
    """The forgeries need the order, not the weak verifier's blindness alone."""
    traces, publics = statement()
    honest = Forger(FIXED, traces, publics, omitted={item}).prove()
    with weakened(omitted={item}), pytest.raises(VerificationError):
        check_segment(honest, KEY, PROGRAM, JOB)


def test_publics_chosen_after_beta() -> None:
    """Six public values and five coefficients: some change of publics moves the combination by nothing."""
    fixed = fixed_of(pinned_kind())
    true = list(range(10, 10 + REGISTERS))
    trace = np.array([true], dtype=np.uint64).T.copy()
    forger = Forger(fixed, [trace], true, omitted={Item.PUBLICS})
    proof = forger.prove()
    powers = [quintic.power(forger.fold, k) for k in range(REGISTERS)]
    change = [*solve(powers[:DEGREE], quintic.neg(powers[DEGREE])), 1]
    false = tuple((a + b) % P for a, b in zip(true, change, strict=True))
    forged = dataclasses.replace(proof, publics=false)
    found = accepted_by_weak(forged, fixed.key, omitted={Item.PUBLICS})
    assert tuple(found.publics.values()) == false
    refused(forged, fixed.key, Rejection.CONSTRAINTS)


def test_global_alpha_chosen_after_zeta() -> None:
    """The identity is linear in alpha where a scope has one fraction: solve for it."""
    traces, publics = false_start()
    forger = Forger(FIXED, traces, publics, omitted={Item.JOB})
    proof = forger.prove()

    def gap(alpha: Element) -> Element:
        buses = {**forger.buses, Scope.GLOBAL: BusChallenge(alpha, JOB.bus.beta)}
        return constraint_gap(proof, KIND, buses, forger.fold, forger.zeta)

    slope = quintic.sub(gap(ONE), gap(ZERO))
    alpha = quintic.neg(quintic.mul(gap(ZERO), quintic.inverse(slope)))
    chosen = dataclasses.replace(JOB, bus=BusChallenge(alpha, JOB.bus.beta))
    assert accepted_by_weak(proof, KEY, omitted={Item.JOB}, job=chosen).publics["start"] == publics[0]
    refused(proof, KEY, Rejection.BUS, job=chosen)


def test_a_proof_of_another_program() -> None:
    other = (2, *PROGRAM[1:])
    real = Forger(FIXED, *toy_traces(20, 4, 100), program=other).prove()
    refused(real, KEY, Rejection.BUS)
    stripped = Forger(FIXED, *toy_traces(20, 4, 100), program=other, omitted={Item.PROGRAM}).prove()
    accepted_by_weak(stripped, KEY, omitted={Item.PROGRAM})


def test_a_proof_of_another_kind_with_the_same_tables() -> None:
    other = dataclasses.replace(KIND, number=2)
    fixed = toy_fixed(other, PLAIN)
    refused(Forger(fixed, *toy_traces(20, 4, 100)).prove(), KEY, Rejection.BUS)
    accepted_by_weak(
        Forger(fixed, *toy_traces(20, 4, 100), omitted={Item.KEY}).prove(), KEY, omitted={Item.KEY}
    )


@pytest.mark.parametrize("omitted", [set(), {Item.LEVEL}, {Item.KEY}], ids=str)
def test_a_proof_of_another_level_is_refused_by_either_of_two_items(omitted: set[Item]) -> None:
    fixed = toy_fixed(KIND, dataclasses.replace(PLAIN, level=100))
    proof = Forger(fixed, *toy_traces(20, 4, 100), omitted=omitted).prove()
    with weakened(omitted=omitted), pytest.raises(VerificationError):
        check_segment(proof, KEY, PROGRAM, JOB)


def test_a_proof_of_another_level_is_accepted_without_both() -> None:
    omitted = {Item.LEVEL, Item.KEY}
    fixed = toy_fixed(KIND, dataclasses.replace(PLAIN, level=100))
    accepted_by_weak(Forger(fixed, *toy_traces(20, 4, 100), omitted=omitted).prove(), KEY, omitted=omitted)


@pytest.mark.parametrize("omitted", [(), (Item.VERSION,), (Item.KEY,), (Item.VERSION, Item.KEY)], ids=str)
def test_a_proof_of_another_format_version(
    omitted: tuple[Item, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused by either of version and key digest, accepted without both."""
    for module in (items, key):
        monkeypatch.setattr(module, "FORMAT_VERSION", 2)
    proof = Forger(toy_fixed(KIND, PLAIN), *toy_traces(20, 4, 100), omitted=omitted).prove()
    monkeypatch.undo()
    if len(omitted) == 2:
        accepted_by_weak(proof, KEY, omitted=omitted)
        return
    with weakened(omitted=omitted), pytest.raises(VerificationError):
        check_segment(proof, KEY, PROGRAM, JOB)


def test_what_the_forgeries_leave_out_is_all_but_what_only_binding_is_shown_for() -> None:
    shown = {param.values[0] for param in FORGERIES}
    shown |= {Item.PUBLICS, Item.JOB, Item.PROGRAM, Item.KEY, Item.LEVEL, Item.VERSION}
    assert set(Item) - shown == {Item.SIZE, Item.HEIGHTS}
