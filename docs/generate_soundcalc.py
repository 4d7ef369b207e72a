"""Write the parameters of all circuits for soundcalc into `docs`: `python docs/generate_soundcalc.py`.

soundcalc (github.com/ethereum/soundcalc) computes the soundness of a proof system from such a file, by
formulas of its own. Its form has no place for some of what we have; `HEAD` says what stands for what.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from math import sqrt
from pathlib import Path

from zisk.choices import LOG_SIZES, SECURITY_LEVELS
from zisk.field.koalabear import P
from zisk.field.quintic import DEGREE
from zisk.recursion.shapes import final_kind, inner_kind, shrink_kind
from zisk.stark.parameters import CircuitRole, SecurityParameters, circuit_parameters, parameters_for
from zisk.stark.proximity import OPENING_POINTS
from zisk.stark.soundness import DIGEST_ELEMENTS, JOB_GLOBAL_FRACTIONS, ShapeSummary, regime_of
from zisk.stark.summary import summarise
from zisk.vm.kinds import KINDS

FOLDER = Path(__file__).parent

HEAD = """\
# The circuits of pyzisk at the {level}-bit level, for soundcalc (github.com/ethereum/soundcalc), written by
# docs/generate_soundcalc.py. docs/soundness.md has the argument; tests/stark/test_soundcalc.py computes every
# term from this file by soundcalc's formulas and holds ours against them.
#
# - The field is F[X]/(X^5 + X^2 - 1): where soundcalc does not know KoalaBear^5, add it, {prime}^{degree}.
# - hash_size_bits: a digest has {elements} elements of F.
# - batch_size counts powers of gamma: two for each opened column, whether it is read at the next row or not.
# - fri_early_stop_degree is the length of the last layer, as soundcalc has it.
# - grinding_commit_phase is that of the first fold. Each fold has an eighth of the error of the one before
#   and at most three bits less (grinding_folds, which soundcalc does not read): none is weaker.
# - rows_L is the number of fractions, num_columns_S the elements of the longest message and the number of its
#   bus. Ours has one more, for denominators that are zero. The global bus is that of a whole job.
# - Circuits in the Johnson regime have the gap_to_radius of the multiplicity in the comment. A file cannot
#   name it, and then soundcalc takes m / rho for a list of (m + 1/2) / sqrt(rho): fewer bits for ALI and
#   DEEP. It takes no list for a bus, where we do.

[zkevm]
name = "pyzisk"
protocol_family = "FRI_STARK"
version = "level {level}"
field = "KoalaBear^{degree}"
hash_size_bits = {bits}
"""


def circuits(level: int) -> Iterator[tuple[ShapeSummary, SecurityParameters]]:
    """Every circuit that is proved at a level: segments of all kinds and sizes, then those of recursion.

    Leaves of all kinds and sizes and the node are one kind with one set of heights. A kind of one size is
    taken together with the largest of the others.
    """
    for segments, size in ((one, size) for one in KINDS for size in one.sizes):
        job_size = size if segments.has_job_size else LOG_SIZES[-1]
        shape = summarise(segments.of_job(job_size), [one.of_job(job_size) for one in KINDS])
        name = f"{segments.name} {size}" if segments.has_job_size else segments.name
        yield replace(shape, kind=name), parameters_for(level)
    for name, kind, role in (
        ("leaf", inner_kind(), CircuitRole.INNER),
        ("node", inner_kind(), CircuitRole.INNER),
        ("shrink", shrink_kind(), CircuitRole.SHRINK),
        ("final", final_kind(), CircuitRole.FINAL),
        ("compressed", final_kind(), CircuitRole.COMPRESSED),
    ):
        yield replace(summarise(kind, (kind,)), kind=name), circuit_parameters(level, role)


def section(shape: ShapeSummary, parameters: SecurityParameters) -> str:
    """The lines of one circuit."""
    arity, log_size = 1 << parameters.log_folding_arity, shape.log_size
    folds = parameters.fri_rounds(log_size)
    work = [parameters.fold_grinding(fold) for fold in range(folds)]
    lines = [
        "",
        "[[circuits]]",
        f'name = "{shape.kind}"',
        f"rho = {1 / (1 << parameters.log_blowup)!r}",
        f"trace_length = {1 << log_size}",
        f"air_max_degree = {shape.degree}",
        f"num_constraints = {shape.constraints}",
        f"batch_size = {shape.batching_powers}",
        f"opening_points = {OPENING_POINTS}",
        "power_batching = true",
        f"num_queries = {parameters.queries}",
        f"fri_folding_factors = {[arity] * folds}",
        f"fri_early_stop_degree = {1 << (parameters.final_degree_bits(log_size) + parameters.log_blowup)}",
        f"grinding_batching_phase = {parameters.batching_grinding_bits}",
        f"grinding_commit_phase = {work[0]}",
        f"grinding_folds = {work}",
        f"grinding_query_phase = {parameters.query_grinding_bits}",
        f"grinding_deep = {parameters.deep_grinding_bits}",
    ]
    if parameters.multiplicity is None:
        lines.append('explicit_regime = "unique"')
    else:
        gap = 1 - sqrt(1 / (1 << parameters.log_blowup)) - float(regime_of(log_size, parameters).radius)
        lines += ['explicit_regime = "list"', f"gap_to_radius = {gap!r}  # m = {parameters.multiplicity}"]
    if shape.message_length_global:
        grinding = parameters.global_grinding_bits
        lines += lookup("global LogUp", JOB_GLOBAL_FRACTIONS, shape.message_length_global, grinding)
    grinding = parameters.local_grinding_bits
    lines += lookup("local LogUp", shape.local_fractions, shape.message_length_local, grinding)
    return "\n".join([*lines, ""])


def lookup(name: str, fractions: int, message_length: int, grinding: int) -> list[str]:
    """The lines of one bus."""
    return [
        "",
        "[[circuits.lookups]]",
        f'name = "{name}"',
        'logup_type = "univariate"',
        f"rows_L = {fractions}",
        "rows_T = 0",
        f"num_columns_S = {message_length + 1}",
        "num_lookups_M = 1",
        f"grinding_bits_lookup = {grinding}",
    ]


def files() -> dict[str, str]:
    """The text of each file by its name."""
    texts = {}
    for level in SECURITY_LEVELS:
        bits = P.bit_length() * DIGEST_ELEMENTS
        head = HEAD.format(level=level, prime=P, degree=DEGREE, elements=DIGEST_ELEMENTS, bits=bits)
        sections = (section(shape, parameters) for shape, parameters in circuits(level))
        texts[f"soundcalc-{level}.toml"] = head + "".join(sections)
    return texts


def main() -> int:
    """Write the files."""
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
