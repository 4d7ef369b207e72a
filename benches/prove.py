"""Speed, memory and operations of a proof: `python benches/prove.py --guest sha-hasher --log-cycles 20`.

A run gives the core proof and, unless `--form composite` is asked for, what it takes from there to the final
one. Times of stages are processor time; each is held against what the bare kernels need for its operations,
measured in the same run. The main figure divides cycles by wall time and threads.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import time

from support.bare import BareSpeeds, measure_bare_speeds
from support.figures import Figure, show
from support.folding import folding_figures, layer_table, print_layers
from support.guests import INPUTS, input_for, read_guest
from support.machine import peak_gigabytes
from support.operations import Operations, count_operations
from support.proving import Proving, prove_once

from zisk.cli.statistics import count_cells
from zisk.kernels.default import new_backend
from zisk.kernels.pool import Pool
from zisk.kernels.warmup import warm_up
from zisk.proof_format.job_proof import decode_job_proof
from zisk.prover import Program, ProofForm, setup, verify
from zisk.prover.folding import FOLDING
from zisk.stages import Stage
from zisk.stark.proof import decode

SPEED_BOUND = 60_000
"""Cycles per second of one core."""
SEGMENT_MEMORY_BOUND, MEMORY_BOUND = 4, 12
"""Gigabytes of a run of about one segment of size 20 or less, and of any other."""
VERIFY_BOUND = 2
"""Seconds to verify a composite proof of about eight segments."""


def count_job(program: Program, proof: bytes) -> Operations:
    """The operations of all segments of a proved job."""
    job, key, total = decode_job_proof(proof), program.program_key, Operations()
    for position, data in enumerate(job.segments):
        segment_key = key.key_of(*job.claims.located(position))
        segment = decode(data, segment_key)
        total += count_operations(segment_key, segment.log_heights, segment.nonces)
    return total


def stage_table(proving: Proving, operations: Operations, bare: BareSpeeds) -> list[dict[str, object]]:
    """Seconds of each stage of the core proof, its share, and its distance from the bare kernels."""
    bounds = operations.bounds(bare)
    apart = {Stage.CIRCUIT, *FOLDING}
    known = {stage: proving.stages.get(stage, 0.0) for stage in Stage if stage not in apart}
    rows: list[dict[str, object]] = []
    for name, seconds in [*known.items(), ("other", proving.processor - sum(known.values()))]:
        bound = bounds.get(name) if isinstance(name, Stage) else None
        rows.append(
            {
                "stage": str(name),
                "seconds": seconds,
                "share": seconds / proving.processor,
                "bound_seconds": bound,
                "over_bound": seconds / bound if bound else None,
            }
        )
    return rows


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    backend, form = new_backend(Pool(arguments.threads)), ProofForm(arguments.form)
    data, _ = input_for(arguments.guest, 1 << arguments.log_cycles)
    elf = read_guest(arguments.guest)
    warm_up()
    program = setup(elf, log_size=arguments.size, backend=backend)
    first = prove_once(program, input_for(arguments.guest, 1)[0], backend, form=form)
    runs = [prove_once(program, data, backend, form=form) for _ in range(arguments.repeat)]
    peak, is_small = peak_gigabytes(), arguments.log_cycles <= min(arguments.size, 20)
    typical = sorted(runs, key=lambda run: run.wall_to_final)[len(runs) // 2]
    started = time.process_time()
    verify(typical.proof, program.key)
    verifying = time.process_time() - started
    operations = count_job(program, typical.proof)
    cells = count_cells(elf, data, log_size=arguments.size)
    bare = measure_bare_speeds()
    core_seconds = typical.wall * backend.pool.threads
    processor = statistics.median(run.processor for run in runs)
    figures = [
        Figure(
            "core_cycles_per_second_per_core",
            "core proof, per core (wall time)",
            typical.cycles / core_seconds,
            "cycles/s",
            SPEED_BOUND,
            at_least=True,
        ),
        Figure(
            "core_cycles_per_processor_second",
            "core proof, per processor second",
            typical.cycles / processor,
            "cycles/s",
            SPEED_BOUND,
            at_least=True,
        ),
        Figure("cells_per_second_per_core", "used cells, per core", cells.cells / core_seconds, "cells/s"),
        Figure(
            "peak_gigabytes", "peak memory", peak, "GB", SEGMENT_MEMORY_BOUND if is_small else MEMORY_BOUND
        ),
        Figure(
            "verify_seconds",
            "verification of the composite proof (processor time)",
            verifying,
            "s",
            VERIFY_BOUND,
        ),
        Figure("wall_seconds", "core proof, wall time", typical.wall, "s"),
        Figure("processor_seconds", "core proof, processor time", processor, "s"),
        Figure("cycles", "cycles", typical.cycles),
        Figure("segments", "segments, those of the edges included", typical.segments),
        Figure("proof_bytes", "composite proof", len(typical.proof), "bytes"),
        Figure("used_cells", "used cells", cells.cells),
        Figure("padding", "padding", cells.padding),
        *(
            Figure(one.name, one.name.replace("_", " "), getattr(operations, one.name))
            for one in dataclasses.fields(operations)
        ),
        *(
            Figure(f"bare_{one.name}_ns", f"bare {one.name.replace('_', ' ')}", getattr(bare, one.name), "ns")
            for one in dataclasses.fields(bare)
        ),
    ]
    table, layers = stage_table(typical, operations, bare), layer_table(typical)
    if typical.final is not None:
        figures += folding_figures(typical, first, program.key, backend, arguments.size, arguments.log_cycles)
    title = f"prove: {arguments.guest}, 2^{arguments.log_cycles} cycles, size {arguments.size}"
    parameters = {"guest": arguments.guest, "log_cycles": arguments.log_cycles, "size": arguments.size}
    details = {
        **parameters,
        "threads": backend.pool.threads,
        "form": str(form),
        "stages": table,
        "layers": layers,
    }
    show(title, figures, details, arguments.json)
    if not arguments.json:
        _print_stages(table)
        print_layers(layers)


def _print_stages(table: list[dict[str, object]]) -> None:
    print(f"{'stage':<15}{'seconds':>9}{'share':>8}{'bound':>9}{'over bound':>12}")
    for row in table:
        bound, over = row["bound_seconds"], row["over_bound"]
        print(
            f"{row['stage']:<15}{row['seconds']:>9.3f}{row['share']:>8.1%}"
            + (f"{bound:>9.3f}{over:>12.2f}" if bound is not None else f"{'-':>9}{'-':>12}")
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python benches/prove.py", description=__doc__)
    parser.add_argument("--guest", choices=sorted(INPUTS), default="sha-hasher")
    parser.add_argument("--log-cycles", type=int, default=18, help="the run takes at most 2^K cycles")
    parser.add_argument("--size", type=int, default=18, help="log2 of the steps of a segment")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--form",
        choices=[str(form) for form in ProofForm],
        default=str(ProofForm.FINAL),
        help="what is proved; composite leaves recursion out",
    )
    parser.add_argument("--repeat", type=int, default=3, help="proofs; the median one is reported")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
