"""What algebraic attacks cost by published formulas: against published numbers, and what the page shows."""

from pathlib import Path

import pytest

from benches.support.hash_margin import (
    ATTACKS,
    OURS,
    Permutation,
    cheapest,
    exponent,
    macaulay_bits,
    with_free_rounds,
    work_bits,
)
from zisk.field.koalabear import P
from zisk.kernels.poseidon2_constants import BLOCK, DIAGONAL, WIDTH

DOCUMENT = Path(__file__).parents[2] / "docs" / "soundness.md"


@pytest.mark.parametrize(
    ("permutation", "outputs", "skip", "power", "bits"),
    [
        (Permutation(7, 8, 58), 2, {"full": 1, "degree": 1}, 73, 409.87),
        (Permutation(7, 8, 13), 8, {"full": 1, "degree": 4}, 73, 409.87),
        (Permutation(3, 8, 20), 8, {"full": 1, "degree": 4}, 80, 253.59),
        (Permutation(3, 8, 20), 4, {}, 52, 164.84),
        (Permutation(3, 8, 20), 4, {"full": 3}, 40, 126.80),
    ],
)
def test_the_formula_gives_what_others_computed_by_it(
    permutation: Permutation, outputs: int, skip: dict[str, int], power: int, bits: float
) -> None:
    assert exponent(permutation, outputs, **skip) == power
    assert round(work_bits(permutation, power), 2) == bits


@pytest.mark.parametrize(
    ("permutation", "inputs", "outputs", "bits"),
    [
        (Permutation(7, 8, 58, 4, 2**128), 4, 2, {"trails": 1022.8, "trails and states": 1403.2}),
        (
            Permutation(7, 8, 20, 16, 2**31 - 2**27 + 1),
            *(16, 8),
            {"outputs": 511.9, "trails": 996.5, "trails and states": 1136.1},
        ),
    ],
)
def test_macaulay_matrices_cost_what_others_computed(
    permutation: Permutation, inputs: int, outputs: int, bits: dict[str, float]
) -> None:
    found = macaulay_bits(permutation, inputs, outputs)
    assert {model: round(found[model], 1) for model in bits} == bits


def test_ours_has_eight_and_twenty_three_rounds() -> None:
    assert Permutation(3, 8, 23) == OURS


def test_no_attack_buys_its_way_below_128_bits() -> None:
    assert [attack.conditions for attack in ATTACKS] == [6, 9, 21, 27]
    assert [cheapest(attack) for attack in ATTACKS] == [82, 75, 76, 71]
    assert all(work_bits(OURS, cheapest(attack)) > 220 for attack in ATTACKS)


def test_only_preimages_stay_above_128_bits_though_half_the_external_rounds_cost_nothing() -> None:
    assert [with_free_rounds(attack) for attack in ATTACKS] == [47, 41, 40, 36]
    assert [work_bits(OURS, with_free_rounds(attack)) > 128 for attack in ATTACKS] == [
        True,
        True,
        False,
        False,
    ]


def test_the_page_shows_these_costs() -> None:
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in DOCUMENT.read_text().splitlines()]
    for attack in ATTACKS:
        whole, least = exponent(OURS, attack.outputs, sides=attack.sides), cheapest(attack)
        shown = [f"3^{power}, {work_bits(OURS, power):.1f} bits" for power in (whole, least)]
        assert [attack.name, str(attack.conditions), *shown] in rows


def test_the_page_shows_what_collisions_would_cost_if_external_rounds_were_for_nothing() -> None:
    sponge, node = (round(work_bits(OURS, with_free_rounds(attack))) for attack in ATTACKS[2:])
    assert f"2^{sponge} for a sponge and 2^{node} for a node" in DOCUMENT.read_text()


def test_the_external_matrix_is_the_one_that_keeps_opposite_blocks_opposite() -> None:
    """Blocks x, -x and zeros: sums over equal places vanish, so each block meets `BLOCK` alone."""
    block = [3, 1, 4, 1]
    state = [*block, *(-x for x in block), *[0] * (WIDTH - 8)]
    mixed = [
        [sum(m * x for m, x in zip(row, state[k : k + 4], strict=True)) for row in BLOCK]
        for k in range(0, WIDTH, 4)
    ]
    sums = [sum(column) for column in zip(*mixed, strict=True)]
    assert sums == [0] * 4
    assert mixed[1] == [-x for x in mixed[0]]
    assert mixed[2:] == [[0] * 4] * 4


def test_conditions_on_the_inputs_of_internal_rounds_are_independent() -> None:
    """The rows e_0 M^k for 24 rounds have full rank, as in any matrix without invariant subspaces."""
    rows, row = [], [1] + [0] * (WIDTH - 1)
    for _ in range(WIDTH):
        rows.append(row)
        total = sum(row)
        row = [(total + v * x) % P for v, x in zip(DIAGONAL, row, strict=True)]
    rank = 0
    for column in range(WIDTH):
        pivot = next((k for k in range(rank, WIDTH) if rows[k][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        scale = pow(rows[rank][column], -1, P)
        for k in range(rank + 1, WIDTH):
            factor = rows[k][column] * scale
            rows[k] = [(x - factor * y) % P for x, y in zip(rows[k], rows[rank], strict=True)]
        rank += 1
    assert rank == WIDTH
