"""Products of expressions are products in K."""

import numpy as np

from zisk.field import quintic
from zisk.field.koalabear import from_montgomery, to_montgomery
from zisk.kernels.cpu.backend import CpuBackend
from zisk.kernels.pool import Pool
from zisk.recursion.extension import equal, product, total
from zisk.stark.evaluation import bind
from zisk.stark.expression import Trace, column
from zisk.stark.scalars import Challenges
from zisk.stark.tape import compile_outputs

A, B = (3, 1, 4, 1, 5), (2, 7, 1, 8, 2)


def test_products_sums_and_differences() -> None:
    left, right = ([column(Trace.MAIN, 5 * which + k) for k in range(5)] for which in range(2))
    expressions = [*product(left, right), *total(left, right, [1, 0, 0, 0, 0]), *equal(left, right)]
    values = CpuBackend(Pool(1)).evaluate(
        bind(
            compile_outputs(expressions),
            preprocessed=np.zeros((0, 1), np.uint32),
            main=to_montgomery(np.array([*A, *B], np.uint64)[:, None]),
            stage2=np.zeros((0, 1), np.uint32),
            selectors=np.zeros((3, 1), np.uint32),
            publics=(),
            challenges=Challenges(),
        )
    )
    expected = [quintic.mul(A, B), quintic.add(quintic.add(A, B), quintic.ONE), quintic.sub(A, B)]
    assert from_montgomery(values)[:, 0].tolist() == [one for value in expected for one in value]
