"""What the claims of chips leave to those who record circuits: divisions, points of folds, caps of paths."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import zisk.recursion
from zisk.field.koalabear import COSET_LOG_HEIGHT, P, coset_shift
from zisk.hash.opening import cap_log_size
from zisk.hash.tags import TAG_LEAF
from zisk.hash.transcript import MAX_BITS
from zisk.kernels.cpu.circuit_layout import NONE, PERMUTATION, STEP, Permutation
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import CircuitError
from zisk.recursion.hashing import open_leaf

DIVISIONS = {
    "circuit.invert": "the dividend is 1",
    "identity.bus_totals": "the dividend is a multiplicity, 1 or -1",
    "identity.check_domains": "the dividend is 1",
    "identity._selectors": "the divisors are zero in the trace domain only; `check_domains` keeps zeta out",
    "segment_circuit._quotient": "both points lie outside the evaluation domain by `check_domains`",
    "requirements.record_requirements": "an inverse, see `circuit.invert`",
}
"""Who divides, and why it is not 0 by 0: a quotient that is would be free."""

FOLDS = {
    "segment_circuit._follow_folds": "the point is a shift times roots of unity, or a power of such: not 0"
}
"""Who folds, and why the point is not zero."""


def test_every_division_has_its_reason() -> None:
    assert set(callers("divide", "invert")) == set(DIVISIONS)


def test_every_fold_has_its_reason() -> None:
    assert set(callers("fold")) == set(FOLDS)
    assert all(coset_shift(log_size) % P for log_size in range(COSET_LOG_HEIGHT + 1))


@pytest.mark.parametrize("log_leaves", range(MAX_BITS + 3))
@pytest.mark.parametrize("cap_log", [0, 1, 4, MAX_BITS])
def test_a_path_and_its_cap_take_24_bits_at_most(log_leaves: int, cap_log: int) -> None:
    circuit = Circuit(publics=1)
    digests = cap_log_size(log_leaves, cap_log)
    cap = circuit.cap(1 << digests)
    arguments = circuit, TAG_LEAF, [1], circuit.publics[0], cap, log_leaves, cap_log
    if not 1 <= log_leaves <= MAX_BITS:
        with pytest.raises(CircuitError, match="has no paths to open"):
            open_leaf(*arguments)
        return
    open_leaf(*arguments)
    rows = circuit.recording.rows(PERMUTATION)
    steps = rows[rows[:, Permutation.SORT] == STEP]
    assert digests + len(steps) == log_leaves
    assert steps[:, Permutation.INDEX].tolist() == [circuit.publics[0], *[NONE] * (len(steps) - 1)]
    assert steps[:, Permutation.CAP].tolist() == [*[0] * (len(steps) - 1), cap]


def test_a_path_ends_in_a_cap_of_its_tree() -> None:
    circuit = Circuit(publics=1)
    for digests in (8, 32):
        with pytest.raises(CircuitError, match="that of the tree 2\\^4"):
            open_leaf(circuit, TAG_LEAF, [1], circuit.publics[0], circuit.cap(digests), 6, 4)


def callers(*methods: str) -> Iterator[str]:
    """The functions of `zisk.recursion` that call methods of these names, with their modules."""
    for path in sorted(Path(zisk.recursion.__path__[0]).rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef) and any(
                _is_call(one, methods) for one in ast.walk(function)
            ):
                yield f"{path.stem}.{function.name}"


def _is_call(node: ast.AST, methods: tuple[str, ...]) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in methods
