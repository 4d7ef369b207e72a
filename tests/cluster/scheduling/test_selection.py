"""Selection of workers and the sharing out of units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zisk.cluster.scheduling.selection import allocate, select
from zisk.cluster.tasks import Demand

WORKERS = [("a", 4), ("b", 4), ("c", 4)]


@pytest.mark.parametrize(
    ("units", "required", "most", "chosen"),
    [
        (4, 4, 10, ["a"]),
        (5, 5, 10, ["a", "b"]),
        (12, 12, 10, ["a", "b", "c"]),
        (13, 13, 10, None),
        (13, 12, 10, ["a", "b", "c"]),
        (12, 12, 2, None),
        (12, 8, 2, ["a", "b"]),
        (12, 12, 0, ["a", "b", "c"]),
    ],
)
def test_selection_goes_in_order_until_capacity_is_met(
    units: int, required: int, most: int, chosen: list[str] | None
):
    found = select(WORKERS, units, required, most)
    assert (found and [worker for worker, _ in found]) == chosen


def test_nobody_is_never_enough():
    assert select([], 1, 0, 10) is None


def test_required_capacity():
    assert Demand(10, None).required(3) == 3
    assert Demand(10, None).required(30) == 10
    assert Demand(10, 10).required(3) == 10
    assert Demand(10, 2).required(30) == 2


@pytest.mark.parametrize(
    ("units", "capacities", "counts"),
    [
        (10, [10], [10]),
        (10, [1], [10]),
        (10, [3, 3, 4], [3, 3, 4]),
        (10, [30, 30, 40], [3, 3, 4]),
        (10, [1, 1], [5, 5]),
        (10, [1, 100], [1, 9]),
        (10, [10, 10, 10], [4, 3, 3]),
        (3, [7, 8, 9], [1, 1, 1]),
    ],
)
def test_shares_follow_capacity(units: int, capacities: list[int], counts: list[int]):
    assert [len(run) for run in allocate(units, capacities)] == counts


@given(st.integers(0, 200), st.lists(st.integers(1, 50), min_size=1, max_size=12))
def test_runs_are_contiguous_and_cover_every_unit(extra: int, capacities: list[int]):
    units = len(capacities) + extra
    runs = allocate(units, capacities)
    assert [unit for run in runs for unit in run] == list(range(units))
    assert all(runs)


def test_too_few_units_for_the_workers():
    with pytest.raises(ValueError, match="2 units do not go round 3 workers"):
        allocate(2, [1, 1, 1])


def test_a_capacity_of_zero():
    with pytest.raises(ValueError, match="at least 1"):
        allocate(2, [1, 0])
