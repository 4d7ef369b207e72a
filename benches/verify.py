"""What a process that only verifies takes, with NumPy alone: `python benches/verify.py`.

A small job is proved first. Each figure is the median of processes of their own.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from statistics import median

from support.bare_numpy import verify_with_numpy_alone
from support.figures import Figure, show
from support.guests import EXAMPLES

from zisk.prover import ProofForm, prove, setup

TEXTS = {
    "numpy": "NumPy imported",
    "import": "zisk.verify imported, NumPy included",
    "verify": "a proof verified, imports left out of the time",
}


def main() -> None:
    """Prove, verify and print."""
    parser = argparse.ArgumentParser(prog="python benches/verify.py", description=__doc__)
    parser.add_argument("--form", type=ProofForm, choices=list(ProofForm), default=ProofForm.FINAL)
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="processes (default 5)")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    guest = EXAMPLES / "fibonacci"
    program = setup((guest / "fibonacci.elf").read_bytes(), log_size=16)
    proof = prove(program, (guest / "inputs" / "90.bin").read_bytes(), form=arguments.form).proof
    found = [asdict(verify_with_numpy_alone(proof, program.key)) for _ in range(arguments.repeat)]
    figures = [
        Figure(
            f"{step}_{kind}",
            f"{text}: {words}",
            median(one[f"{step}_{kind}"] for one in found),
            unit,
        )
        for step, text in TEXTS.items()
        for kind, words, unit in (("seconds", "processor time", "s"), ("megabytes", "peak memory", "MB"))
    ]
    show("verify", figures, {"form": arguments.form, "proof_bytes": len(proof)}, arguments.json)


if __name__ == "__main__":
    main()
