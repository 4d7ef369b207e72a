"""Processor time of repeated work.

Processor time counts what this process did, on all its threads, and not what its neighbours on the machine
did. On an idle machine it is wall time times the cores in use.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def processor_seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """The median over some repeats, after one that is not counted."""
    work()
    found = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return statistics.median(found)
