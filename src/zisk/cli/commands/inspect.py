"""`zisk inspect`: what a proof says of itself, and where its bytes go, without verifying it."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from zisk.cli import arguments, files
from zisk.cli.failures import CommandError
from zisk.cli.reports import outputs_text, print_report, size_text
from zisk.errors import ErrorKind
from zisk.exit_codes import ExitCode

if TYPE_CHECKING:
    from zisk.proof_format.program_key import ProgramKey
    from zisk.verifier.inspection import InspectedKind, InspectedStark, Inspection

NOT_VERIFIED = "nothing here is verified: `zisk verify` does that"


def add_parser(subparsers: arguments.Subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "inspect",
        help="show what is in a proof, without verifying it",
        description="Show what a proof says of itself, what its parameters prove, and where its bytes go. "
        "Nothing is verified: `zisk verify` does that.",
    )
    parser.add_argument("-p", "--proof", metavar="FILE", required=True, help="the proof")
    parser.add_argument(
        "-v", "--vk", metavar="FILE", help="say too whether the proof names the program of this key"
    )
    arguments.add_json(parser)
    parser.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> ExitCode:
    """Take the proof apart and report."""
    from zisk.proof_format.containers import COMMON_MAGIC
    from zisk.proof_format.program_key import decode_key, largest_key
    from zisk.stark.errors import VerificationError
    from zisk.verifier.inspection import inspect

    proof = files.read_bounded(parsed.proof, what="proof", limit=files.PROOF_LIMIT, magic=COMMON_MAGIC)
    try:
        inspection = inspect(proof)
    except VerificationError as error:
        raise CommandError(
            ErrorKind.INPUT,
            f"proof {parsed.proof}: {error.detail}; check that the file is a proof of this version "
            "and was copied whole",
        ) from None
    key = None
    if parsed.vk is not None:
        try:
            key = decode_key(files.read_bounded(parsed.vk, what="key", limit=largest_key()))
        except VerificationError as error:
            raise CommandError(
                ErrorKind.INPUT, f"key {parsed.vk}: {error.detail}; make it with `zisk program-setup`"
            ) from None
    print_report(_report(inspection, key), _lines(inspection, key), as_json=parsed.json)
    return ExitCode.OK


def _is_named(inspection: Inspection, key: ProgramKey) -> bool:
    """Whether a proof names the program, size and level of a key."""
    from zisk.proof_format.program_key import digest_bytes

    named = (inspection.program, inspection.log_size, inspection.security)
    return named == (digest_bytes(key.digest), key.log_size, key.level)


def _report(inspection: Inspection, key: ProgramKey | None) -> dict[str, Any]:
    """The whole report, of JSON values."""
    report = {
        "verified": False,
        "container": inspection.container,
        "format": inspection.version,
        "digest": inspection.program.hex(),
        "exit_code": inspection.claims.exit_code,
        "outputs": list(inspection.claims.outputs),
        "security": inspection.security,
        "size": inspection.log_size,
        "compute_units": inspection.units,
        "segments": inspection.claims.counts_by_name,
        "proof_bytes": inspection.size,
        "bytes": dict(inspection.sizes),
        "kinds": [_kind_report(kind) for kind in inspection.kinds],
        "starks": [
            {
                "kind": stark.kind,
                "number": stark.number,
                "proof_bytes": stark.size,
                "bytes": dict(stark.sizes),
                "log_heights": dict(stark.log_heights),
            }
            for stark in inspection.starks
        ],
    }
    return report if key is None else {**report, "key_is_named": _is_named(inspection, key)}


def _kind_report(kind: InspectedKind) -> dict[str, Any]:
    parameters = kind.parameters
    return {
        "kind": kind.name,
        "log_size": kind.log_size,
        "queries": parameters.queries,
        "blowup": 1 << parameters.log_blowup,
        "folding": 1 << parameters.log_folding_arity,
        "soundness": kind.soundness.as_dict(),
    }


def _lines(inspection: Inspection, key: ProgramKey | None) -> Iterator[tuple[str, str]]:
    """The report for people."""
    from zisk.verifier.outcome import exit_text

    claims = inspection.claims
    yield "note", NOT_VERIFIED
    yield "proof", f"{inspection.container}, format {inspection.version}"
    yield "digest", inspection.program.hex()
    if key is not None:
        yield "key", "of this program" if _is_named(inspection, key) else "of another program, size or level"
    yield "exit code", exit_text(claims.exit_code)
    yield "outputs", outputs_text(claims.outputs)
    counted = ", ".join(f"{count} {name}" for name, count in claims.counts_by_name.items())
    yield "segments", f"{counted}, over {inspection.units} compute units"
    yield "size", f"core segments of up to 2^{inspection.log_size} steps"
    weakest = inspection.weakest
    yield (
        "security",
        f"level {inspection.security}; {weakest.bits} bits by {weakest.weakest.name} of {weakest.kind}",
    )
    yield "", weakest.statement
    for kind in inspection.kinds:
        yield "", ""
        yield from _kind_lines(kind)
    yield "", ""
    yield from _size_lines(inspection)
    if len(inspection.starks) > 1:
        yield "", ""
        yield from _stark_lines(inspection.starks)


def _kind_lines(kind: InspectedKind) -> Iterator[tuple[str, str]]:
    """A kind's parameters and the terms of its soundness, in the order of the transcript."""
    parameters = kind.parameters
    yield (
        kind.name,
        f"2^{kind.log_size} rows, {parameters.queries} queries, blowup {1 << parameters.log_blowup}, "
        f"folds of {1 << parameters.log_folding_arity}, {kind.soundness.regime}",
    )
    for term in kind.soundness.terms:
        proved = math.floor(term.bits * 100) / 100  # never more than is proved
        yield f"  {term.name}", f"{proved:>7.2f} bits, {term.grinding_bits:>2} of them grinding"


def _size_lines(inspection: Inspection) -> Iterator[tuple[str, str]]:
    """Bytes by part of the whole proof."""
    for part, count in inspection.sizes.items():
        yield part.replace("_", " "), f"{count:>14,} bytes{count / inspection.size:>8.1%}"
    yield "total", f"{inspection.size:>14,} bytes, {size_text(inspection.size)}"


def _stark_lines(starks: tuple[InspectedStark, ...]) -> Iterator[tuple[str, str]]:
    """Bytes of each segment, and of what takes most of them."""
    yield "segment", f"{'bytes':>14}{'rows':>14}{'siblings':>14}{'fri layers':>14}{'rest':>14}"
    for stark in starks:
        rows = sum(count for part, count in stark.sizes.items() if part.startswith("rows_"))
        siblings, layers = stark.sizes["siblings"], stark.sizes["fri_layers"]
        counts = (stark.size, rows, siblings, layers, stark.size - rows - siblings - layers)
        yield f"{stark.kind} {stark.number}", "".join(f"{count:>14,}" for count in counts)
