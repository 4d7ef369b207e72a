"""Which workers take a job, and which of its units each of them takes."""

import heapq
from collections.abc import Sequence
from fractions import Fraction

__all__ = ["allocate", "select"]


def select(
    idle: Sequence[tuple[str, int]], units: int, required: int, most: int
) -> list[tuple[str, int]] | None:
    """Choose workers in the order given until their capacities reach `units`; None while there is too little.

    `idle` lists (worker, capacity) in order of registration, each capacity at least 1.
    Less than `units` is taken too, as long as it is at least `required` and at least one worker.
    `most` bounds the number of workers; 0 means any number.
    """
    chosen: list[tuple[str, int]] = []
    total = 0
    for worker, capacity in idle:
        if total >= units or (most and len(chosen) == most):
            break
        chosen.append((worker, capacity))
        total += capacity
    return chosen if chosen and total >= required else None


def allocate(units: int, capacities: Sequence[int]) -> list[range]:
    """Share units 0..units-1 out in contiguous runs, in proportion to capacity and at least one each.

    The method is that of highest averages: the next unit goes where capacity per unit is highest, the earlier
    worker winning ties. Capacities that divide the units evenly are served exactly.

    Raises:
        ValueError: there are fewer units than workers, or a capacity below 1.

    """
    if units < len(capacities):
        raise ValueError(f"{units} units do not go round {len(capacities)} workers")
    if any(capacity < 1 for capacity in capacities):
        raise ValueError("a capacity is at least 1")
    counts = [1] * len(capacities)
    queue = [(-Fraction(capacity, 2), index) for index, capacity in enumerate(capacities)]
    heapq.heapify(queue)
    for _ in range(units - len(capacities)):
        _, index = heapq.heappop(queue)
        counts[index] += 1
        heapq.heappush(queue, (-Fraction(capacities[index], counts[index] + 1), index))
    runs = []
    start = 0
    for count in counts:
        runs.append(range(start, start + count))
        start += count
    return runs
