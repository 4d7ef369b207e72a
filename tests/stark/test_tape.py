"""A tape computes what the graph says, on base and extension values, across block borders."""

import numpy as np
import pytest

from zisk.field import quintic
from zisk.field.koalabear import P, from_montgomery, to_montgomery
from zisk.kernels.cpu.backend import CpuBackend
from zisk.kernels.pool import Pool
from zisk.stark.air import Builder, Bus, build_air
from zisk.stark.challenges import BusChallenge
from zisk.stark.evaluation import bind
from zisk.stark.expression import Expression, Operation, Scope, Selector, Trace
from zisk.stark.scalars import Challenges
from zisk.stark.tape import compile_fold, compile_outputs

BUS = Bus("TEST", 7, 3)
GLOBAL = Bus("OUTER", 8, 2, Scope.GLOBAL)


def _define(b: Builder) -> None:
    fixed = b.preprocessed("fixed")
    x, y, flag = b.column("x"), b.column("y"), b.flag("flag")
    limit = b.public("limit")
    b.zero("mixed", flag * (x * y - fixed * 5 + 3 - limit) - (7 - x) * limit)
    b.zero("scalars only", limit * limit * x - (limit + 2))
    b.zero_on_transition("steps", x.next - x - y)
    b.zero("at the ends", b.first * x + b.last * (y - limit))
    b.send(BUS, [x, 4, y - 2 * x], when=flag)
    b.receive(BUS, [limit, fixed, 0])
    b.send(BUS, [y, y, y + limit], when=flag * flag)
    b.receive(GLOBAL, [x, y], when=flag)


AIR = build_air("toy", _define)


def _evaluate(node: Expression, row: int, data: dict) -> quintic.Element:
    """The graph, read literally, in the extension."""
    values = [_evaluate(one, row, data) for one in node.arguments]
    match node.operation:
        case Operation.CONSTANT:
            return quintic.from_base(node.payload)
        case Operation.COLUMN:
            trace, index, following = node.payload
            place = (row + following) % data["rows"]
            if trace is Trace.STAGE2:
                return quintic.element(int(one) for one in data[trace][5 * index : 5 * index + 5, place])
            return quintic.from_base(int(data[trace][index, place]))
        case Operation.SELECTOR:
            return quintic.from_base(int(data["selectors"][node.payload, row]))
        case Operation.PUBLIC:
            return quintic.from_base(data["publics"][node.payload])
        case Operation.SCALAR:
            return data["challenges"].sums[node.payload]
        case Operation.ADD:
            return quintic.add(*values)
        case Operation.SUB:
            return quintic.sub(*values)
        case Operation.MUL:
            return quintic.mul(*values)
        case Operation.FINGERPRINT:
            scope, bus = node.payload
            challenge = data["challenges"].buses[scope]
            total = quintic.add(challenge.alpha, quintic.from_base(bus))
            power = quintic.ONE
            for value in values:
                power = quintic.mul(power, challenge.beta)
                total = quintic.add(total, quintic.mul(power, value))
            return total


def _data(rows: int) -> dict:
    rng = np.random.default_rng(rows)
    element = lambda: quintic.element(int(one) for one in rng.integers(0, P, 5))  # noqa: E731
    return {
        "rows": rows,
        Trace.PREPROCESSED: rng.integers(0, P, (1, rows)),
        Trace.MAIN: rng.integers(0, P, (AIR.main_width, rows)),
        Trace.STAGE2: rng.integers(0, P, (5 * AIR.stage2_width, rows)),
        "selectors": rng.integers(0, P, (len(Selector), rows)),
        "publics": (int(rng.integers(0, P)),),
        "challenges": Challenges(
            {scope: BusChallenge(element(), element()) for scope in Scope},
            {scope: element() for scope in Scope},
            element(),
            3,
        ),
    }


def _run(tape, data: dict) -> np.ndarray:
    return from_montgomery(
        CpuBackend(Pool(2)).evaluate(
            bind(
                tape,
                preprocessed=to_montgomery(data[Trace.PREPROCESSED]),
                main=to_montgomery(data[Trace.MAIN]),
                stage2=to_montgomery(data[Trace.STAGE2]),
                selectors=to_montgomery(data["selectors"]),
                publics=data["publics"],
                challenges=data["challenges"],
            )
        )
    )


@pytest.mark.parametrize("rows", [1, 2, 128, 256])
def test_outputs_equal_the_graph(rows: int) -> None:
    data = _data(rows)
    expressions = [one.expression for one in AIR.constraints]
    out = _run(compile_outputs(expressions), data)
    for row in {0, rows // 2, rows - 1}:
        place = 0
        for expression in expressions:
            width = 5 if expression.extension else 1
            found = tuple(int(one) for one in out[place : place + width, row])
            assert found == _evaluate(expression, row, data)[:width]
            place += width


@pytest.mark.parametrize("rows", [1, 512])
def test_fold_is_the_sum_with_powers(rows: int) -> None:
    data = _data(rows)
    expressions = [one.expression for one in AIR.constraints]
    out = _run(compile_fold(expressions), data)
    for row in {0, rows - 1}:
        total = quintic.ZERO
        for power, expression in enumerate(expressions):
            factor = quintic.power(data["challenges"].fold, 3 + power)
            total = quintic.add(total, quintic.mul(factor, _evaluate(expression, row, data)))
        assert tuple(int(one) for one in out[:, row]) == total
