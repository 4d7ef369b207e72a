"""Parameters are those of the page, and of the package."""

from pathlib import Path

import pytest

from tests.readable.parameters import COMPRESSED, FINAL, GLOBAL_WORK, SEGMENT, Parameters
from zisk.stark.parameters import CircuitRole, SecurityParameters, circuit_parameters, parameters_for

FORMAT = Path(__file__).parents[2] / "docs" / "format.md"

ROLES = {"segment": SEGMENT, "final": FINAL, "compressed": COMPRESSED}

LEVELS = [128, 100]


def listed() -> dict[tuple[str, int], list[str]]:
    """The cells of the page's table by role and level."""
    section = FORMAT.read_text(encoding="utf-8").partition("\n## Parameters\n")[2].partition("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return {(role, int(level)): rest for role, level, *rest in lines[1:]}


def written(one: Parameters) -> list[str]:
    """Parameters as the page writes them."""
    numbers = [one.log_blowup, one.queries, one.cap_depth, one.least_log_degree]
    folds = ", ".join(map(str, one.fold_work)) or "none"
    return [*map(str, numbers), f"{one.local_work}; {one.batch_work}; {folds}; {one.query_work}"]


def test_the_page_lists_them() -> None:
    expected = {(role, level): written(ROLES[role][level]) for role in ROLES for level in LEVELS}
    assert listed() == expected


def of_package(one: SecurityParameters) -> Parameters:
    """The package's parameters as the readable verifier holds them."""
    assert one.log_folding_arity == 3
    return Parameters(
        one.level,
        queries=one.queries,
        query_work=one.query_grinding_bits,
        log_blowup=one.log_blowup,
        cap_depth=one.cap_log,
        least_log_degree=one.smallest_final_bits,
        local_work=one.local_grinding_bits,
        constraint_work=one.constraint_grinding_bits,
        point_work=one.deep_grinding_bits,
        batch_work=one.batching_grinding_bits,
        fold_work=one.fold_grinding_bits,
    )


@pytest.mark.parametrize("level", LEVELS)
def test_they_are_the_packages(level: int) -> None:
    assert {role: ROLES[role][level] for role in ROLES} == {
        "segment": of_package(parameters_for(level)),
        "final": of_package(circuit_parameters(level, CircuitRole.FINAL)),
        "compressed": of_package(circuit_parameters(level, CircuitRole.COMPRESSED)),
    }
    assert GLOBAL_WORK[level] == parameters_for(level).global_grinding_bits
