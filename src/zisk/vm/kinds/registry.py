"""The registry of the kinds of segments: the one place that names them all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module

from zisk.choices import LOG_SIZES
from zisk.stark.errors import AirError
from zisk.stark.kind import CIRCUIT_KIND_NUMBER
from zisk.stark.public_values import Term
from zisk.vm.memory_map import OUTPUT_WORDS
from zisk.vm.segment_kind import JobValues, SegmentKind

FOLDERS = (
    "core",
    "edges",
)
"""The folders beside this file that have a kind, `KIND` of their package: a line for each, in any order."""


def in_order(kinds: Iterable[SegmentKind]) -> tuple[SegmentKind, ...]:
    """Kinds by their numbers: the order of a job's segments, and of whatever stands once for each kind.

    Raises:
        AirError: two of them have something that tells kinds apart in common, or one has what none can have.
    """
    ordered = tuple(sorted(kinds, key=lambda kind: kind.number))
    numbers = [kind.number for kind in ordered]
    names = [name for kind in ordered for name in (kind.name, kind.count_name, *kind.claims)]
    if len({*numbers}) < len(numbers) or len({*names}) < len(names):
        raise AirError(f"kinds of segments share a number or a name: {numbers}, {names}")
    if numbers and (numbers[0] < 1 or CIRCUIT_KIND_NUMBER in numbers):
        raise AirError(f"kinds of segments have numbers from 1, without that of circuits: {numbers}")
    for kind in ordered:
        if len(kind.sizes) != 1 and kind.sizes != LOG_SIZES:
            raise AirError(f"{kind.name}: its sizes are those of a job or one, not {kind.sizes}")
    return ordered


def _kind_in(folder: str) -> SegmentKind:
    return import_module(f"zisk.vm.kinds.{folder}").KIND


KINDS = in_order(_kind_in(folder) for folder in FOLDERS)
"""All kinds, by number. Nothing that is proved depends on the order of `FOLDERS`."""

CLAIM_NAMES = (
    *(kind.count_name for kind in KINDS),
    *(name for kind in KINDS for name in kind.claims),
)
"""What a job claims of its segments, in the order of transcripts and files: their numbers, then the rest."""


def job_terms(*, entry: int, exit_code: int, outputs: Sequence[int], **claimed: int) -> list[Term]:
    """The messages that a job's public values stand for.

    Args:
        entry: pc index where the program starts.
        exit_code: a0 at the halt, 64 bits.
        outputs: the 64 public 32-bit words.
        claimed: a value for each of `CLAIM_NAMES`.
    """
    if len(outputs) != 2 * OUTPUT_WORDS:
        raise ValueError(f"a job has {2 * OUTPUT_WORDS} output words, not {len(outputs)}")
    terms: list[Term] = []
    for kind in KINDS:
        own = tuple(claimed[name] for name in kind.claims)
        terms += kind.job_terms(JobValues(entry, exit_code, outputs, claimed[kind.count_name], own))
    return terms
