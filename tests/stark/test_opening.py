"""Values at the opening points and the codeword, against polynomials in plain integers."""

import numpy as np
import pytest

from zisk.field import quintic
from zisk.field.koalabear import P, from_montgomery, root_of_unity, to_montgomery
from zisk.field.quintic import Element
from zisk.kernels.cpu.backend import CpuBackend
from zisk.kernels.cpu.domains import domain_points, leaf_order
from zisk.kernels.pool import Pool
from zisk.stark.batching import BatchingOrder, Place, Tree
from zisk.stark.domain import coset_offset
from zisk.stark.errors import TraceError
from zisk.stark.opening import OpenedTable, fri_codeword, open_tables

LOG_BLOWUP, LOG_SIZE = 1, 5
HEIGHTS, WIDTH = (2, 5, 4), 3
BACKEND = CpuBackend(Pool(2))
ZETA: Element = (3, 1, 4, 1, 5)
GAMMA: Element = (2, 7, 1, 8, 2)
ORDER = BatchingOrder(
    tuple((Tree.MAIN, table, column) for table in range(len(HEIGHTS)) for column in range(WIDTH)),
    (1, 3, 5),
)


def polynomial(place: Place) -> list[int]:
    """The coefficients of a column, lowest first."""
    _, table, column = place
    generator = np.random.default_rng(WIDTH * table + column)
    return generator.integers(0, P, 1 << HEIGHTS[table], dtype=np.uint64).tolist()


def points_of(log_height: int, coset: int) -> list[int]:
    """The points of a coset of a table, in the order of rows."""
    return from_montgomery(domain_points(log_height, coset_offset(log_height, LOG_BLOWUP, coset))).tolist()


def at_base(coefficients: list[int], x: int) -> int:
    return sum(c * pow(x, k, P) for k, c in enumerate(coefficients)) % P


def lifted_at(place: Place, z: Element) -> Element:
    """A column at z^(N / n), n being its rows."""
    point = quintic.power(z, 1 << (LOG_SIZE - HEIGHTS[place[1]]))
    total = quintic.ZERO
    for coefficient in reversed(polynomial(place)):
        total = quintic.add(quintic.mul(total, point), quintic.from_base(coefficient))
    return total


def opened_tables() -> list[OpenedTable]:
    tables = []
    for table, log_height in enumerate(HEIGHTS):
        cosets = [points_of(log_height, coset) for coset in range(2)]
        values = [
            [[at_base(polynomial((Tree.MAIN, table, column)), x) for x in points] for points in cosets]
            for column in range(WIDTH)
        ]
        tables.append(OpenedTable(Tree.MAIN, table, to_montgomery(np.array(values, dtype=np.uint64))))
    return tables


def values_at(z: Element) -> list[Element]:
    return [lifted_at(place, z) for place in ORDER.places]


def following_values() -> list[Element]:
    next_zeta = quintic.scale(ZETA, root_of_unity(LOG_SIZE))
    return [lifted_at(ORDER.places[power], next_zeta) for power in ORDER.following]


def test_columns_are_opened_at_zeta_and_at_the_next_point() -> None:
    here, following = open_tables(opened_tables(), ORDER, ZETA, LOG_SIZE, LOG_BLOWUP, BACKEND)
    assert list(here) == values_at(ZETA)
    assert list(following) == following_values()


def test_a_point_of_the_domain_is_refused() -> None:
    inside = points_of(LOG_SIZE, 0)[3]
    with pytest.raises(TraceError, match="evaluation domain"):
        open_tables(
            opened_tables(), ORDER, quintic.from_base(inside), LOG_SIZE, LOG_BLOWUP, CpuBackend(Pool(1))
        )


@pytest.mark.parametrize("coset", [0, 1])
def test_the_codeword_is_the_quotient_of_all_columns(coset: int) -> None:
    here, following = values_at(ZETA), following_values()
    codeword = fri_codeword(
        opened_tables(), ORDER, here, following, ZETA, GAMMA, LOG_SIZE, LOG_BLOWUP, BACKEND
    )
    leaves = leaf_order(LOG_SIZE, LOG_BLOWUP, coset)
    points = points_of(LOG_SIZE, coset)
    next_zeta, shift = quintic.scale(ZETA, root_of_unity(LOG_SIZE)), len(ORDER.places)
    openings = [(power, power, ZETA, value) for power, value in enumerate(here)]
    openings += [
        (power, shift + power, next_zeta, value)
        for power, value in zip(ORDER.following, following, strict=True)
    ]
    for row, x in enumerate(points):
        expected = quintic.ZERO
        for power, exponent, point, value in openings:
            top = quintic.sub(lifted_at(ORDER.places[power], quintic.from_base(x)), value)
            fraction = quintic.mul(top, quintic.inverse(quintic.sub(quintic.from_base(x), point)))
            expected = quintic.add(expected, quintic.mul(quintic.power(GAMMA, exponent), fraction))
        assert tuple(from_montgomery(codeword[leaves[row]]).tolist()) == expected
    assert codeword.shape == (1 << (LOG_SIZE + LOG_BLOWUP), 5)


def test_a_point_of_another_coset_is_refused_by_the_codeword() -> None:
    inside = quintic.from_base(points_of(LOG_SIZE, 1)[0])
    values = [quintic.ZERO] * len(ORDER.places)
    with pytest.raises(TraceError, match="evaluation domain"):
        fri_codeword(
            opened_tables(),
            ORDER,
            values,
            values[:3],
            inside,
            GAMMA,
            LOG_SIZE,
            LOG_BLOWUP,
            CpuBackend(Pool(1)),
        )
