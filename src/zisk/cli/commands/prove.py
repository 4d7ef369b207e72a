"""`zisk prove`: prove a run of a guest, in this process."""

import argparse
import time

from zisk.choices import DEFAULT_UNITS
from zisk.cli import arguments, inputs, outputs
from zisk.cli.exits import check_exit
from zisk.cli.progress import command_progress
from zisk.cli.reports import outputs_text, print_report, rate_text, size_text
from zisk.exit_codes import ExitCode

SHOWN = 20
"""Most violations printed for people: one mistake often breaks every row. `--json` has them all."""


def add_parser(subparsers: arguments.Subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "prove",
        help="prove a run of a guest",
        description="Prove a run of a guest in this process. The proof is verified before it is written.",
    )
    arguments.add_elf(parser)
    arguments.add_inputs(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default="proof.bin",
        help="where to write the proof (default: %(default)s)",
    )
    arguments.add_size(parser)
    arguments.add_security(parser)
    arguments.add_compute_capacity(parser)
    arguments.add_max_steps(parser)
    parser.add_argument(
        "--threads",
        type=arguments.positive,
        metavar="N",
        help="prove on N threads; the proof is the same (default: one for every core)",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "-c",
        "--compressed-proofs",
        dest="form",
        action="store_const",
        const="compressed",
        help="make the final proof smaller still; its last step takes longer",
    )
    form.add_argument(
        "--composite",
        dest="form",
        action="store_const",
        const="composite",
        help="fold nothing: the proof holds that of every segment",
    )
    parser.add_argument(
        "--verify-constraints",
        action="store_true",
        help="prove nothing: check every constraint and bus on every row, and name what fails",
    )
    arguments.add_expect_exit(parser)
    arguments.add_json(parser)
    parser.set_defaults(run=run, form="final")


def run(parsed: argparse.Namespace) -> ExitCode:
    """Prove, verify, write and report; or check the constraints and report."""
    elf = inputs.read_elf(parsed.elf)
    data = inputs.read_input(parsed.inputs)
    if not parsed.verify_constraints:
        outputs.check_place(parsed.output, what="proof")
    from zisk import prover
    from zisk.kernels.default import default_backend, new_backend
    from zisk.kernels.pool import Pool
    from zisk.prover.folding import FOLDING
    from zisk.sdk import key_cache
    from zisk.stages import Stage, StageClock
    from zisk.verifier.outcome import exit_text
    from zisk.verifier.policy import Policy

    stages = StageClock(time.perf_counter)
    backend = default_backend() if parsed.threads is None else new_backend(Pool(parsed.threads))
    units = parsed.compute_capacity or DEFAULT_UNITS
    with command_progress() as progress:
        start = time.perf_counter()
        program = prover.setup(
            elf, log_size=parsed.size, security=parsed.security, backend=backend, progress=progress
        )
        key_cache.store(elf, parsed.size, parsed.security, program.key)
        set_up = time.perf_counter()
        if parsed.verify_constraints:
            from zisk.prover.debug import check_job

            found = check_job(program, data, backend=backend, progress=progress, max_steps=parsed.max_steps)
            return _report_violations([str(each) for each in found], as_json=parsed.json)
        if parsed.expect_exit is not None:  # a run takes a moment, its proof may take hours
            run = prover.execute(program, data, max_steps=parsed.max_steps, progress=progress)
            check_exit(run.exit_code, parsed.expect_exit)
        proved_run = prover.prove(
            program,
            data,
            units=units,
            form=prover.ProofForm(parsed.form),
            max_steps=parsed.max_steps,
            backend=backend,
            progress=progress,
            stages=stages,
        )
        proved = time.perf_counter()
        proof, execution = proved_run.proof, proved_run.execution
        outcome = prover.verify(proof, program.key, Policy(parsed.security))
        verified = time.perf_counter()
    outputs.write_output(parsed.output, proof, what="proof")
    folding = sum(stages.whole.get(stage, 0.0) for stage in FOLDING)
    circuits = stages.whole.get(Stage.CIRCUIT, 0.0)
    core = proved - set_up - folding - circuits
    print_report(
        {
            "proof": parsed.output,
            "proof_bytes": len(proof),
            "form": outcome.form,
            "digest": outcome.digest.hex(),
            "exit_code": outcome.exit_code,
            "outputs": list(outcome.outputs),
            "segments": outcome.segments,
            "steps": execution.steps,
            "cycles": execution.cycles,
            "size": parsed.size,
            "security": parsed.security,
            "compute_units": units,
            "seconds": {
                "setup": round(set_up - start, 3),
                "core_proof": round(core, 3),
                "circuits": round(circuits, 3),
                "fold": round(folding, 3),
                "prove": round(proved - set_up, 3),
                "verify": round(verified - proved, 3),
            },
        },
        [
            ("proof", f"{parsed.output} ({outcome.form}, {len(proof):,} bytes, {size_text(len(proof))})"),
            ("digest", outcome.digest.hex()),
            ("exit code", exit_text(outcome.exit_code)),
            ("outputs", outputs_text(outcome.outputs)),
            ("segments", f"{outcome.segments} for {execution.steps:,} steps"),
            ("set up", f"{set_up - start:.1f} s"),
            ("core proof", f"{core:.1f} s"),
            *([("circuits", f"set up in {circuits:.1f} s")] if circuits else []),
            *([("folded", f"{folding:.1f} s")] if folding else []),
            (
                "proved",
                f"{proved - set_up:.1f} s in all, {rate_text(execution.cycles, proved - set_up, 'cycles')}",
            ),
            ("verified", f"{verified - proved:.2f} s"),
        ],
        as_json=parsed.json,
    )
    return check_exit(outcome.exit_code, parsed.expect_exit)


def _report_violations(violations: list[str], *, as_json: bool) -> ExitCode:
    """Report what the debug checker found; anything found is a refusal."""
    print_report(
        {"verdict": "violated" if violations else "satisfied", "violations": violations},
        [("verdict", f"{len(violations)} violations" if violations else "every constraint and bus holds")]
        + [("", each) for each in violations[:SHOWN]],
        as_json=as_json,
    )
    return ExitCode.REFUSED if violations else ExitCode.OK
