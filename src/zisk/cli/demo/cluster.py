"""The small cluster of the demonstration: a coordinator and two workers on ports of the loopback address."""

import os
import re
from dataclasses import dataclass

from zisk.cli.demo.processes import Crew, Member

WORKERS = ("worker-1", "worker-2")
"""Names of the workers, in the order in which they register."""

CAPACITY = 5
"""Compute units of each worker: together the ten of a job that names no number."""

START_SECONDS = 60.0
"""How long a process may take until it is ready, on a busy machine."""

_READY = re.compile(r"client API on (?P<api>[\d.]+:\d+), workers on (?P<workers>[\d.]+:\d+)")


@dataclass(frozen=True)
class Cluster:
    """Running processes; `url` is where clients call."""

    url: str
    coordinator: Member
    workers: dict[str, Member]


def start_cluster(crew: Crew) -> Cluster:
    """Start the processes one after another; each is ready before the next begins.

    Raises CommandError where one of them ends or does not become ready.
    """
    ports = ["--api-port", "0", "--cluster-port", "0", "--metrics-port", "0"]
    coordinator = crew.start("the coordinator", "zisk.cli.coordinator", [*ports, "--no-save-proofs"])
    crew.wait_until(lambda: _READY.search(coordinator.text) is not None, "the coordinator", START_SECONDS)
    ready = _READY.search(coordinator.text)
    assert ready is not None
    workers = {}
    threads = max(1, (os.cpu_count() or 1) // len(WORKERS))
    for name in WORKERS:
        workers[name] = crew.start(
            name,
            "zisk.cli.worker",
            [
                *("--worker-id", name, "--compute-capacity", str(CAPACITY)),
                *("--coordinator-url", f"http://{ready['workers']}"),
                *("--number-threads-witness", str(threads)),
                *("--log-level", "debug"),  # phases are told there
            ],
        )
        crew.wait_until(lambda: coordinator.has_said(f"worker registered: {name} "), name, START_SECONDS)  # noqa: B023
    return Cluster(f"http://{ready['api']}", coordinator, workers)
