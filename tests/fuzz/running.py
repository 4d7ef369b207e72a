"""Runs cases, bounded in time and memory, and tells what they took."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from random import Random

from tests.fuzz.parsers import Parser

MEBIBYTE = 1 << 20

CASE_BYTES = 50 * MEBIBYTE
"""Memory that a case may take beside its own bytes, of which it may make two copies more."""

GROWTH_BYTES = 64 * MEBIBYTE
"""By how much the process may grow over a run, once every parser has met a twentieth of its cases."""

TRIES = 3
"""How often a case that takes long is run before it counts as slow."""

ADDRESS_BYTES = 2 << 30
"""Addresses that cases have beside what the process begins with: who asks for more gets a MemoryError."""


@dataclass
class Tally:
    """What one parser made of its cases; times are seconds of processor time, memory is bytes."""

    cases: int = 0
    read: int = 0
    slowest: float = 0.0
    slowest_case: int = 0
    most: int = 0


@dataclass
class Failure:
    """A case that a parser does not pass."""

    parser: str
    case: int
    why: str
    data: bytes


@dataclass
class Report:
    """A run: what each parser made of it, what failed, and by how much the process grew."""

    tallies: dict[str, Tally]
    failures: list[Failure] = field(default_factory=list)
    growth: int = 0

    @property
    def cases(self) -> int:
        """Cases in all."""
        return sum(tally.cases for tally in self.tallies.values())

    def lines(self) -> Iterator[str]:
        """The report as text."""
        yield f"{'parser':14} {'cases':>8} {'read':>8} {'slowest':>12} {'case':>8} {'most memory':>12}"
        for name, tally in self.tallies.items():
            yield (
                f"{name:14} {tally.cases:8} {tally.read:8} {1_000 * tally.slowest:9.1f} ms "
                f"{tally.slowest_case:8} {tally.most / MEBIBYTE:8.1f} MiB"
            )
        grown = f"the process grew {self.growth / MEBIBYTE:.1f} MiB"
        yield f"{self.cases} cases, {len(self.failures)} failures, {grown}"


def bound_addresses() -> None:
    """Let the process have no more addresses than `ADDRESS_BYTES` beside those that it has."""
    limit = _status("VmSize") + ADDRESS_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))


def run(
    parsers: Sequence[Parser], seed: int, *, cases: int | None, seconds: float | None
) -> Iterator[Report]:
    """Run cases in turn, each parser as often as its share says; yields the report every 1,000 of them.

    Case number k of a parser depends on the seed, the parser's name and k alone.
    """
    report = Report({parser.name: Tally() for parser in parsers})
    turns = cycle([parser for parser in parsers for _ in range(parser.share)])
    warm, start = sum(parser.share for parser in parsers) * 2, time.monotonic()
    base = 0
    while (cases is None or report.cases < cases) and (seconds is None or time.monotonic() - start < seconds):
        _one(next(turns), seed, report)
        if report.cases == max(warm, (cases or 0) // 20):
            gc.collect()
            base = _status("VmRSS")
        if report.cases % 1_000 == 0:
            yield report
    gc.collect()
    report.growth = _status("VmRSS") - base if base else 0
    if report.growth > GROWTH_BYTES:
        report.failures.append(Failure("all", report.cases, "the process grows", b""))
    yield report


def _one(parser: Parser, seed: int, report: Report) -> None:
    """Run the next case of a parser; one that takes long is run again, for a machine may be slow once."""
    tally = report.tallies[parser.name]
    number = tally.cases
    data = parser.case(Random(f"{seed} {parser.name} {number}"))
    tries = [_tried(parser, data)]
    while tries[-1].seconds > parser.seconds and len(tries) < TRIES:
        tries.append(_tried(parser, data))
    tried = min(tries, key=lambda one: one.seconds)
    why = tried.why
    if not why and tried.seconds > parser.seconds:
        why = f"it takes {tried.seconds:.2f} s"
    if not why and tried.memory > CASE_BYTES + 2 * len(data):
        why = f"it takes {tried.memory / MEBIBYTE:.0f} MiB"
    tally.cases += 1
    tally.read += tried.read
    tally.most = max(tally.most, tried.memory)
    if tried.seconds > tally.slowest:
        tally.slowest, tally.slowest_case = tried.seconds, number
    if why:
        report.failures.append(Failure(parser.name, number, why, data))


@dataclass
class _Tried:
    """What a parser did with bytes: why it fails, if it does, whether it read them, and what that took."""

    why: str
    read: bool
    seconds: float
    memory: int


def _tried(parser: Parser, data: bytes) -> _Tried:
    Path("/proc/self/clear_refs").write_text("5")  # the peak of memory counts from here
    before, start, why, read = _status("VmRSS"), time.process_time(), "", False
    try:
        parser.read(data)
        read = True
    except parser.refusals:
        pass
    except AssertionError as error:
        why = str(error) or "an assertion fails"
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
    return _Tried(why, read, time.process_time() - start, _status("VmHWM") - before)


def _status(name: str) -> int:
    """A size of this process, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return 1024 * int(line.split()[1])
    raise LookupError(name)
