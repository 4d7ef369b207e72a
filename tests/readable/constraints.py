"""The constraints of a segment at zeta (docs/soundness.md, sections 3 to 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tests.readable.expressions import Point
from tests.readable.field import DEGREE, K, P, join, root_of_unity
from tests.readable.proof import Place, SegmentProof
from tests.readable.reader import RefusedError
from tests.readable.tables import Message, Table

Challenges = Mapping[str, tuple[K, K]]
"""Alpha and beta of each scope of buses."""


def check_constraints(proof: SegmentProof, zeta: K, beta: K, challenges: Challenges) -> None:
    """Check that sum of beta^k C_k(zeta) = (zeta^N - 1) (Q0(zeta) + zeta^N Q1(zeta)).

    The powers of beta run through the constraints of all tables in one sequence.
    """
    opened = dict(zip(proof.order, proof.openings, strict=True))
    read_next = [proof.order[number] for number in proof.read_next]
    opened_next = dict(zip(read_next, proof.openings_next, strict=True))
    total, power = K.of(0), K.of(1)
    for number, table in enumerate(proof.kind.tables):
        y = zeta ** (1 << (proof.kind.log_size - proof.log_heights[number]))
        point = Point(
            _named(table, number, opened),
            _named(table, number, opened_next),
            proof.publics,
            _selectors(y, proof.log_heights[number]),
        )
        for name, formula in table.shared.items():
            point.shared[name] = formula(point)
        cells, cells_next = (
            {
                one: join(values[place] for place in places)
                for one, places in _stage2_places(table, number, values)
            }
            for values in (opened, opened_next)
        )
        logup = _logup(table, point, cells, cells_next, proof.sums[number], challenges)
        for value in (*(constraint(point) for constraint in table.constraints), *logup):
            total = total + power * value
            power = power * beta
    chunks = [join(opened["quotient", 0, DEGREE * chunk + k] for k in range(DEGREE)) for chunk in range(2)]
    height = zeta ** (1 << proof.kind.log_size)
    if total != (height - 1) * (chunks[0] + height * chunks[1]):
        raise RefusedError("the constraints do not give the quotient")


def _named(table: Table, number: int, opened: Mapping[Place, K]) -> dict[str, K]:
    """Preprocessed and main columns of a table by name, as far as they are opened."""
    columns = [("preprocessed", table.preprocessed), ("main", table.main)]
    return {
        name: opened[tree, number, column]
        for tree, names in columns
        for column, name in enumerate(names)
        if (tree, number, column) in opened
    }


def _stage2_places(table: Table, number: int, opened: Mapping[Place, K]) -> Iterator[tuple[int, list[Place]]]:
    """For each stage-2 column that is opened, the places of its five columns."""
    for one in range(table.stage2):
        places = [("stage 2", number, DEGREE * one + k) for k in range(DEGREE)]
        if places[0] in opened:
            yield one, places


def _selectors(y: K, log_height: int) -> dict[str, K]:
    """The three selectors of a table of m rows at the power y of zeta."""
    m = 1 << log_height
    last = pow(root_of_unity(log_height), -1, P)
    vanishing = y**m - 1
    return {
        "first": vanishing * ((y - 1) * m).inverse(),
        "last": vanishing * last * ((y - last) * m).inverse(),
        "transition": y - last,
    }


def _logup(
    table: Table,
    point: Point,
    cells: Mapping[int, K],
    cells_next: Mapping[int, K],
    sums: Mapping[str, K],
    challenges: Challenges,
) -> Iterator[K]:
    """LogUp's constraints: for each scope its clusters, the running sum last, then that it starts at zero."""
    number = 0
    for scope in table.scopes:
        clusters = table.clusters(scope)
        others, phi = K.of(0), number + len(clusters) - 1
        for cluster in clusters:
            cell = cells[number]
            if number == phi:
                cell = cells_next[phi] - cells[phi] - others + point.selectors["last"] * sums[scope]
            yield _cluster(cluster, point, cell, *challenges[scope])
            others = others + cells[number]
            number += 1
        yield point.selectors["first"] * cells[phi]


def _cluster(messages: Sequence[Message], point: Point, cell: K, alpha: K, beta: K) -> K:
    """The constraint cell d1 d2 = m1 d2 + m2 d1, or cell d1 = m1, as left minus right."""
    numerator, denominator = K.of(0), K.of(1)
    for message in messages:
        m, d = message.fraction(point, alpha, beta)
        numerator, denominator = numerator * d + m * denominator, denominator * d
    return cell * denominator - numerator
