"""The proven soundness of every kind, size and level: `python benches/soundness.py`.

Computed from the AIRs and the parameters; `docs/soundness.md` derives the terms. What algebraic attacks on
the hash cost by published formulas follows.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

from support.figures import Figure, show
from support.hash_margin import (
    ATTACKS,
    OURS,
    cheapest,
    exponent,
    macaulay_bits,
    with_free_rounds,
    work_bits,
)

from zisk.choices import LOG_SIZES, SECURITY_LEVELS
from zisk.recursion.kind import circuit_kind
from zisk.stark.parameters import LARGEST_CIRCUIT, CircuitRole, circuit_parameters, parameters_for
from zisk.stark.soundness import SoundnessReport, report
from zisk.stark.summary import summarise
from zisk.vm.kinds import KINDS

CIRCUIT_PUBLICS = 53
"""Public values of leaf, node, shrink and final circuits, beside their challenges."""


def reports() -> list[SoundnessReport]:
    """Segments of every kind and size, and circuits of every role, at every level."""
    found = []
    for level in SECURITY_LEVELS:
        parameters = parameters_for(level)
        for log_size in LOG_SIZES:
            job = {kind: kind.of_job(log_size) for kind in KINDS}
            found += [
                report(summarise(shape, tuple(job.values())), parameters)
                for kind, shape in job.items()
                if kind.has_job_size or log_size == LOG_SIZES[-1]
            ]
        for role in CircuitRole:
            kind = circuit_kind(LARGEST_CIRCUIT[role], CIRCUIT_PUBLICS)
            shape = replace(summarise(kind, (kind,)), kind=f"{role.value} circuit")
            found.append(report(shape, circuit_parameters(level, role)))
    return found


def hash_figures() -> list[Figure]:
    """For each attack what it costs with nothing skipped, with all that its free conditions buy, and more."""
    figures = []
    for attack in ATTACKS:
        key = attack.name.replace(" ", "_")
        whole, least = exponent(OURS, attack.outputs, sides=attack.sides), cheapest(attack)
        for suffix, power, text in (
            ("", whole, "nothing skipped"),
            ("_least", least, f"with {attack.conditions} free conditions"),
            (
                "_free_rounds",
                with_free_rounds(attack),
                "the first half of external rounds for nothing besides",
            ),
        ):
            bits = work_bits(OURS, power)
            figures.append(Figure(f"{key}{suffix}_bits", f"{attack.name}: 3^{power}, {text}", bits, "bits"))
        if attack.sides == 1:
            bits = min(macaulay_bits(OURS, attack.inputs, attack.outputs).values())
            figures.append(Figure(f"{key}_macaulay_bits", f"{attack.name}: Macaulay matrices", bits, "bits"))
    return figures


def main() -> None:
    """Compute and print."""
    parser = argparse.ArgumentParser(prog="python benches/soundness.py", description=__doc__)
    parser.add_argument("--terms", action="store_true", help="print every term")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = reports()
    figures = [
        Figure(
            f"{one.kind.replace(' ', '_')}_{one.log_size}_{one.level}_bits",
            f"{one.kind}, 2^{one.log_size} rows, level {one.level}, {one.regime}; "
            f"weakest: {one.weakest.name}",
            one.bits,
            "bits",
            one.level,
            at_least=True,
        )
        for one in found
    ]
    show(
        "soundness",
        [*figures, *hash_figures()],
        {"reports": [one.as_dict() for one in found]},
        arguments.json,
    )
    if arguments.terms and not arguments.json:
        print("\n".join(["", *(one.text() for one in found)]))


if __name__ == "__main__":
    main()
