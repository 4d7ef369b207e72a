"""What more threads, more workers and longer runs do to a core proof.

python benches/scaling.py sharing: wall time on 1 and 2 threads, on 1 and 2 worker processes of one thread
each, and, simulated from the measured times of the segments, on more workers.
python benches/scaling.py length: time against cycles, fitted by a + b x cycles with least squares of the
relative errors.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence
from contextlib import ExitStack

import numpy as np
from support.figures import Figure, show
from support.guests import INPUTS, input_for, read_guest
from support.proving import Proving, prove_once
from support.simulation import measure_job, simulate
from support.workers import Job, Workers

from zisk.kernels.backend import Backend
from zisk.kernels.default import new_backend
from zisk.kernels.pool import Pool
from zisk.kernels.warmup import warm_up
from zisk.prover import Program, setup

MEASURED = (1, 2)
"""Threads and workers that are measured: the machine of the figures has two cores."""

LOG_WARMING = 2
"""log2 of the segments proved before anything is measured: enough to fill what a session keeps."""

FIT_BOUND = 5
"""Percent that a measured time may be off a + b x cycles."""

WORKERS_BOUND = 0.05
"""What two workers may take beyond two threads of one process, as a share of that."""


def sharing(guest: str, size: int, log_cycles: int, most: int, repeat: int) -> list[Figure]:
    """Speed-up by threads, by workers, and by simulated workers up to `most`, one unit for each."""
    data, cycles = input_for(guest, 1 << log_cycles)
    warming, _ = input_for(guest, 1 << min(log_cycles, size + LOG_WARMING))
    job = Job(read_guest(guest), data, warming, size, units=most)
    backend = new_backend(Pool(1))
    program = setup(job.elf, log_size=size, backend=backend)
    prove_once(program, warming, backend)
    threads, workers = _alternately(program, job, repeat)
    times = measure_job(program, job)
    counts = [1 << k for k in range(most.bit_length())]
    simulated = {count: simulate(times, most, count) for count in counts}
    figures = [
        Figure("cycles", "cycles", cycles),
        Figure("core_segments", "core segments", times.core),
        Figure("edges_segments", "segments of the edges", len(times.commit) - times.core),
    ]
    for name, seconds in (("threads", threads), ("workers", workers), ("simulated workers", simulated)):
        for count, value in seconds.items():
            key, text = f"{name.replace(' ', '_')}_{count}", f"{name}: {count}"
            figures.append(Figure(f"{key}_seconds", f"{text}, wall time", value, "s"))
            if count > 1:
                figures.append(Figure(f"{key}_speedup", f"{text}, times as fast as 1", seconds[1] / value))
    for count in MEASURED:
        figures.append(
            Figure(
                f"simulation_of_{count}_error",
                f"workers: {count}, simulated over measured, less 1",
                simulated[count] / workers[count] - 1,
            )
        )
    return [
        *figures,
        Figure(
            "workers_over_threads",
            "2 workers over 2 threads, wall time, less 1",
            workers[2] / threads[2] - 1,
            bound=WORKERS_BOUND,
        ),
        Figure(
            "commit_seconds", "phase one, a core segment", statistics.median(times.commit[: times.core]), "s"
        ),
        Figure(
            "prove_seconds", "phase two, a core segment", statistics.median(times.prove[: times.core]), "s"
        ),
        Figure("edges_seconds", "both, a segment of the edges", times.commit[-1] + times.prove[-1], "s"),
        Figure("skip_seconds", "executing a segment of somebody else's", times.skip, "s"),
        Figure("join_seconds", "challenge and assembly, on one machine", times.join, "s"),
    ]


def length(guest: str, size: int, shortest: int, longest: int, threads: int, repeat: int) -> list[Figure]:
    """Time of runs from 2^shortest to 2^longest cycles, two to a doubling, and the fit."""
    backend = new_backend(Pool(threads))
    program = setup(read_guest(guest), log_size=size, backend=backend)
    inputs = [input_for(guest, int(2 ** (half / 2)))[0] for half in range(2 * shortest, 2 * longest + 1)]
    prove_once(program, input_for(guest, 1 << min(longest, size + LOG_WARMING))[0], backend)
    runs = [_typical(program, data, backend, repeat) for data in inputs]
    cycles = [run.cycles for run in runs]
    figures: list[Figure] = []
    for run in runs:
        key = f"cycles_{run.cycles}"
        figures.append(Figure(f"{key}_wall_seconds", f"{run.cycles:,} cycles: wall time", run.wall, "s"))
        figures.append(Figure(f"{key}_processor_seconds", "  processor time", run.processor, "s"))
        figures.append(Figure(f"{key}_segments", "  segments, those of the edges included", run.segments))
    figures += fit("wall", "wall time", cycles, [run.wall for run in runs])
    figures += fit("processor", "processor time", cycles, [run.processor for run in runs])
    return figures


def fit(key: str, text: str, cycles: Sequence[int], seconds: Sequence[float]) -> list[Figure]:
    """The a + b x cycles of least squares of the relative errors, and how far from it the times are."""
    b, a = np.polyfit(cycles, seconds, 1, w=1 / np.asarray(seconds))
    misses = np.abs(np.polyval([b, a], cycles) / np.asarray(seconds) - 1)
    largest = float(misses.max()) * 100
    return [
        Figure(f"{key}_a_seconds", f"{text}: a", float(a), "s"),
        Figure(f"{key}_b_nanoseconds", f"{text}: b", float(b) * 1e9, "ns/cycle"),
        Figure(f"{key}_cycles_per_second", f"{text}: 1 / b", 1 / float(b), "cycles/s"),
        Figure(f"{key}_mean_error", f"{text}: mean error of the fit", float(misses.mean()) * 100, "%"),
        Figure(f"{key}_largest_error", f"{text}: largest error of the fit", largest, "%", FIT_BOUND),
    ]


def _alternately(program: Program, job: Job, repeat: int) -> tuple[dict[int, float], dict[int, float]]:
    """Median wall seconds by threads and by workers, each measured once in every round.

    So what changes on the machine from one minute to the next changes all of them alike.
    """
    threads: dict[int, list[float]] = {count: [] for count in MEASURED}
    workers: dict[int, list[float]] = {count: [] for count in MEASURED}
    with ExitStack() as stack:
        started = {count: stack.enter_context(Workers(job, count)) for count in MEASURED}
        for _ in range(repeat):
            for count in MEASURED:
                threads[count].append(prove_once(program, job.data, new_backend(Pool(count))).wall)
            for count in MEASURED:
                workers[count].append(started[count].prove())
    medians = [{count: statistics.median(found[count]) for count in MEASURED} for found in (threads, workers)]
    return medians[0], medians[1]


def _typical(program: Program, data: bytes, backend: Backend, repeat: int) -> Proving:
    """The proof of median wall time."""
    runs = [prove_once(program, data, backend) for _ in range(repeat)]
    return sorted(runs, key=lambda run: run.wall)[repeat // 2]


def main() -> None:
    """Measure and print."""
    arguments = vars(_arguments())
    what, as_json = arguments.pop("what"), arguments.pop("json")
    warm_up()
    figures = {"sharing": sharing, "length": length}[what](**arguments)
    title = f"scaling by {what}: {arguments['guest']}, size {arguments['size']}"
    show(title, figures, arguments, as_json)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python benches/scaling.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(dest="what", required=True)
    by_sharing = kinds.add_parser("sharing", help="threads and workers")
    by_length = kinds.add_parser("length", help="time against cycles")
    for one, size, repeat in ((by_sharing, 18, 3), (by_length, 20, 1)):
        one.add_argument("--guest", choices=sorted(INPUTS), default="sha-hasher")
        one.add_argument("--size", type=int, default=size, help="log2 of the steps of a segment")
        one.add_argument("--repeat", type=int, default=repeat, help="proofs of each; the median counts")
        one.add_argument("--json", action="store_true")
    by_sharing.add_argument("--log-cycles", type=int, default=21, help="the run takes at most 2^K cycles")
    by_sharing.add_argument("--most", type=int, default=16, help="workers to simulate, and units of the job")
    by_length.add_argument("--shortest", type=int, default=20, help="log2 of the cycles of the shortest run")
    by_length.add_argument("--longest", type=int, default=22, help="and of the longest")
    by_length.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
