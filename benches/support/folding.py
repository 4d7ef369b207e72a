"""What folding takes in a proof: seconds and proofs of each layer, shares, and what comes out."""

from __future__ import annotations

from support.clock import processor_seconds
from support.figures import Figure
from support.proving import Proving
from zisk.kernels.backend import Backend
from zisk.prover import verify
from zisk.prover.folding import FOLDING
from zisk.stages import Stage
from zisk.vm.kinds import KINDS

RECURSION = (*(kind.leaf for kind in KINDS), Stage.NODE, Stage.CHECK)
"""The layers that grow with the run."""

FINAL_STEP = (Stage.SHRINK, Stage.FINAL)
"""Those that every job has once."""

SHARE_BOUNDS = {22: 0.5, 24: 0.4}
"""The most of the time that recursion may take at size 20, by log2 of the cycles."""

TO_FINAL_BOUND, TO_FINAL_LOG_CYCLES = 35_000, 24
"""Cycles per second of one core to the final proof, of runs of 2^24 cycles."""

PROOF_BOUND = 300 << 10
"""Bytes of a final proof."""

VERIFY_BOUND = 0.2
"""Seconds to verify it with Numba."""

STAGES = (
    Stage.EXECUTE,
    Stage.FILL,
    Stage.EXTEND,
    Stage.HASH,
    Stage.LOGUP,
    Stage.QUOTIENT,
    Stage.OPEN,
    Stage.FRI,
    Stage.PROOF_OF_WORK,
)
"""What proving an execution of a circuit consists of."""


def layer_table(proving: Proving) -> list[dict[str, object]]:
    """Proofs, seconds, share of the processor time to the final proof and stages of each layer."""
    rows: list[dict[str, object]] = []
    for stage in FOLDING:
        layer = proving.times.layer(stage)
        stages = {str(one): layer.processor_of(one) for one in STAGES}
        rows.append(
            {
                "layer": str(stage),
                "proofs": layer.count,
                "wall_seconds": layer.wall,
                "processor_seconds": layer.processor,
                "share": layer.processor / proving.processor_to_final,
                "stages": {**stages, "other": layer.processor - sum(stages.values())},
            }
        )
    return rows


def print_layers(rows: list[dict[str, object]]) -> None:
    """Print the layers, if anything was folded."""
    if not any(row["proofs"] for row in rows):
        return
    print(f"\n{'layer':<15}{'proofs':>7}{'wall':>9}{'processor':>11}{'a proof':>9}{'share':>8}")
    for row in rows:
        proofs, seconds = row["proofs"], row["processor_seconds"]
        assert isinstance(proofs, int)
        assert isinstance(seconds, float)
        each = seconds / proofs if proofs else 0.0
        print(
            f"{row['layer']:<15}{proofs:>7}{row['wall_seconds']:>9.2f}{seconds:>11.2f}"
            f"{each:>9.2f}{row['share']:>8.1%}"
        )


def folding_figures(
    proving: Proving, first: Proving, key: bytes, backend: Backend, size: int, log_cycles: int
) -> list[Figure]:
    """What folding a job came to; `first` is the proof of this process that set the circuits up."""
    layers, set_up = proving.times.layers, first.times.layer(Stage.CIRCUIT)
    recursion = sum(layers[stage].processor for stage in RECURSION if stage in layers)
    final_step = sum(layers[stage].processor for stage in FINAL_STEP)
    share_bound = SHARE_BOUNDS.get(log_cycles) if size == 20 else None
    final = proving.final
    assert final is not None
    return [
        Figure(
            "to_final_cycles_per_second_per_core",
            "to the final proof, per core (wall time)",
            proving.cycles / (proving.wall_to_final * backend.pool.threads),
            "cycles/s",
            TO_FINAL_BOUND if log_cycles >= TO_FINAL_LOG_CYCLES else None,
            at_least=True,
        ),
        Figure(
            "to_final_cycles_per_processor_second",
            "to the final proof, per processor second",
            proving.cycles / proving.processor_to_final,
            "cycles/s",
            TO_FINAL_BOUND if log_cycles >= TO_FINAL_LOG_CYCLES else None,
            at_least=True,
        ),
        Figure(
            "recursion_share",
            "leaves and nodes, of the processor time without the final step",
            recursion / (proving.processor + recursion),
            "",
            share_bound,
        ),
        Figure(
            "recursion_share_with_final_step",
            "leaves, nodes, shrink and final, of all processor time",
            (recursion + final_step) / proving.processor_to_final,
        ),
        Figure("recursion_processor_seconds", "leaves and nodes, processor time", recursion, "s"),
        Figure("final_step_processor_seconds", "shrink and final, processor time", final_step, "s"),
        Figure(
            "final_step_wall_seconds",
            "shrink and final, wall time",
            sum(layers[stage].wall for stage in FINAL_STEP),
            "s",
        ),
        Figure("to_final_wall_seconds", "to the final proof, wall time", proving.wall_to_final, "s"),
        Figure(
            "circuit_setup_processor_seconds",
            "circuits set up, once in a process (processor time)",
            set_up.processor,
            "s",
        ),
        Figure("final_proof_bytes", "final proof", len(final), "bytes", PROOF_BOUND),
        Figure(
            "final_verify_seconds",
            "verification of the final proof (processor time)",
            processor_seconds(lambda: verify(final, key)),
            "s",
            VERIFY_BOUND,
        ),
    ]
