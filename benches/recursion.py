"""What recursion takes, circuit by circuit, and what its proofs come to.

python benches/recursion.py circuits: rows of every chip, cells, seconds, proof and verification of every
circuit. The rows do not depend on what ran, so the shortest run is folded.
python benches/recursion.py proofs: final and compressed proofs of runs of several lengths, their sizes, and
their verification with Numba and with NumPy alone.
"""

from __future__ import annotations

import argparse
from typing import Any

from support.bare_numpy import verify_with_numpy_alone
from support.circuits import measure_circuits
from support.clock import processor_seconds
from support.figures import Figure, show
from support.folding import PROOF_BOUND, VERIFY_BOUND
from support.guests import INPUTS, input_for, read_guest
from support.segments import prove_segments

from zisk.choices import LOG_SIZES
from zisk.kernels.default import new_backend
from zisk.kernels.pool import Pool
from zisk.kernels.warmup import warm_up
from zisk.prover import setup, verify

SPREAD_BOUND = 4
"""Percent that the largest final proof may be above the smallest."""
NUMPY_BOUND = 3
"""Seconds to verify a final proof with NumPy alone."""


def circuits(sizes: list[int], repeat: int) -> tuple[list[Figure], list[dict[str, Any]]]:
    """Every circuit: its seconds and bytes, and the report on it."""
    backend = new_backend(Pool(1))
    reports = [one.as_dict(backend) for one in measure_circuits(sizes, repeat, backend)]
    figures: list[Figure] = []
    for report in reports:
        name = report["circuit"]
        key = name.replace(" ", "_")
        figures += [
            Figure(
                f"{key}_processor_seconds",
                f"{name}: a proof, processor time",
                report["processor_seconds"],
                "s",
            ),
            Figure(f"{key}_wall_seconds", f"{name}: a proof, wall time", report["wall_seconds"], "s"),
        ]
    return figures, reports


def proofs(guest: str, size: int, shortest: int, longest: int) -> tuple[list[Figure], list[dict[str, Any]]]:
    """Final and compressed proofs of runs from 2^shortest to 2^longest cycles, two to a doubling."""
    backend = new_backend(Pool(1))
    program = setup(read_guest(guest), log_size=size, backend=backend)
    found: list[dict[str, Any]] = []
    last: dict[str, bytes] = {}
    for half in range(2 * shortest, 2 * longest + 1):
        data, cycles = input_for(guest, int(2 ** (half / 2)))
        segments = prove_segments(program, data, backend)
        folder = segments.folded(backend)
        last = {"final": folder.finish(), "compressed": folder.finish(compressed=True)}
        sizes = {f"{form}_bytes": len(proof) for form, proof in last.items()}
        found.append({"cycles": cycles, "segments": len(segments.proofs), **sizes})
    figures: list[Figure] = []
    for form, bound in (("final", PROOF_BOUND), ("compressed", min(one["final_bytes"] for one in found))):
        sizes = [one[f"{form}_bytes"] for one in found]
        spread = (max(sizes) / min(sizes) - 1) * 100
        figures += [
            Figure(f"{form}_smallest_bytes", f"{form} proof, the smallest", min(sizes), "bytes"),
            Figure(f"{form}_largest_bytes", f"{form} proof, the largest", max(sizes), "bytes", bound),
            Figure(f"{form}_spread", f"{form} proof, spread", spread, "%", SPREAD_BOUND),
        ]
    for form, proof in last.items():
        text = f"{form} proof, verified with"
        with_numba = processor_seconds(lambda proof=proof: verify(proof, program.key))
        without = verify_with_numpy_alone(proof, program.key).verify_seconds
        figures += [
            Figure(f"{form}_verify_seconds", f"{text} Numba (processor time)", with_numba, "s", VERIFY_BOUND),
            Figure(f"{form}_verify_numpy_seconds", f"{text} NumPy alone", without, "s", NUMPY_BOUND),
        ]
    return figures, found


def main() -> None:
    """Measure and print."""
    arguments = vars(_arguments())
    what, as_json = arguments.pop("what"), arguments.pop("json")
    warm_up()
    figures, reports = {"circuits": circuits, "proofs": proofs}[what](**arguments)
    show(f"recursion: {what}", figures, {**arguments, what: reports}, as_json)
    if not as_json:
        {"circuits": _print_circuits, "proofs": _print_proofs}[what](reports)


def _print_circuits(reports: list[dict[str, Any]]) -> None:
    for report in reports:
        print(
            f"\n{report['circuit']}: {report['used_cells']:,} used cells of {report['committed_cells']:,}, "
            f"{report['opened_columns']} opened columns, {report['opened_at_two_points']} at two points"
        )
        print(f"  {'table':<12}{'rows':>9}{'height':>9}{'per query':>11}")
        for table in report["tables"]:
            print(
                f"  {table['table']:<12}{table['rows']:>9,}{table['height']:>9,}"
                f"{table['rows_per_query']:>11.1f}"
            )
        print(
            f"  to prove: {report['permutations']:,} permutations, {report['nonces']:,} nonces tried; "
            f"proof {report['proof_bytes']:,} bytes, verified in {report['verify_seconds'] * 1e3:.0f} ms"
        )
        print(
            f"  processor seconds: set up {report['set_up_seconds']:.2f} "
            f"(committing {report['commit_seconds']:.2f}), execute {report['execute_seconds']:.2f}, "
            f"fill {report['fill_seconds']:.2f}, prove {report['prove_seconds']:.2f}"
        )


def _print_proofs(reports: list[dict[str, Any]]) -> None:
    print(f"{'cycles':>12}{'segments':>10}{'final':>10}{'compressed':>12}")
    for one in reports:
        print(
            f"{one['cycles']:>12,}{one['segments']:>10}{one['final_bytes']:>10,}{one['compressed_bytes']:>12,}"
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python benches/recursion.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(dest="what", required=True)
    of_circuits = kinds.add_parser("circuits", help="every circuit")
    of_circuits.add_argument(
        "--sizes", type=int, nargs="+", choices=LOG_SIZES, default=list(LOG_SIZES), help="of core leaves"
    )
    of_circuits.add_argument("--repeat", type=int, default=3, help="proofs of each; the median counts")
    of_proofs = kinds.add_parser("proofs", help="final and compressed proofs")
    of_proofs.add_argument("--guest", choices=sorted(INPUTS), default="sha-hasher")
    of_proofs.add_argument("--size", type=int, default=16, help="log2 of the steps of a segment")
    of_proofs.add_argument("--shortest", type=int, default=16, help="log2 of the cycles of the shortest run")
    of_proofs.add_argument("--longest", type=int, default=18, help="and of the longest")
    for one in (of_circuits, of_proofs):
        one.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
