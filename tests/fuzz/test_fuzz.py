"""The ordinary run: some thousand cases of every parser; and that a run notices what it is there for."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from mmap import mmap
from pathlib import Path
from random import Random

import numpy as np
import pytest

from tests.fuzz.fields import Field, Seed, mutated
from tests.fuzz.messages import parse, serialize
from tests.fuzz.parsers import Parser, made_parsers
from tests.fuzz.running import Report, run
from tests.fuzz.seeds import key_seeds, proved, result_seeds, segment_seeds, task_seeds

CASES = 3_000
KEPT: list[mmap] = []


def test_every_parser_stands_thousands_of_hostile_cases(tmp_path: Path) -> None:
    """In a process of its own, whose memory is bounded."""
    command = [sys.executable, "-m", "tests.fuzz", "--cases", str(CASES), "--save", str(tmp_path / "failed")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"\n{CASES} cases, 0 failures" in done.stdout
    counts = re.findall(r"^[a-z ]+ +(\d+) +\d+ +[\d.]+ ms", done.stdout, re.MULTILINE)
    assert len(counts) == 16
    assert min(map(int, counts)) > 50


def test_one_parser_alone(tmp_path: Path) -> None:
    folder = tmp_path / "failed"
    command = [sys.executable, "-m", "tests.fuzz", "--parser", "elf", "--cases", "200", "--seed", "5"]
    done = subprocess.run([*command, "--save", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\nelf                 200 " in done.stdout
    assert not folder.exists()


def _first_cases(name: str, seed: int, beside: Sequence[Parser] = ()) -> list[bytes]:
    """The first 20 cases of a parser, in a run of it and the parsers beside it."""
    met: list[bytes] = []
    [parser] = made_parsers([name], thorough=False)
    parsers = [replace(parser, read=met.append, share=1), *beside]
    list(run(parsers, seed, cases=20 * len(parsers), seconds=None))
    return met


@pytest.mark.parametrize("name", ["elf", "segment", "task", "settings"])
def test_seed_parser_and_number_name_a_case(name: str) -> None:
    """What is saved can be had anew, by whatever run: of the parser alone, or of others too."""
    other = Parser("other", lambda draw: draw.randbytes(9), lambda data: None, (), 1)
    cases = _first_cases(name, 5)
    assert len(cases) == 20
    assert _first_cases(name, 5) == cases
    assert _first_cases(name, 5, [other]) == cases
    assert _first_cases(name, 6) != cases


def _accept(data: bytes) -> None:
    assert data != b"x", "a changed proof is accepted"


def _crash(data: bytes) -> None:
    raise IndexError("list index out of range")


def _hang(data: bytes) -> None:
    sum(range(2_000_000))


def _fill(data: bytes) -> None:
    np.ones(80 << 20, np.uint8)


def _keep(data: bytes) -> None:
    """Keep new pages: what `bytes` takes may be memory that earlier tests of this process left to it."""
    KEPT.append(mmap(-1, 1 << 20))
    KEPT[-1].write(bytes(1 << 20))


@pytest.mark.parametrize(
    ("read", "seconds", "why"),
    [
        (_accept, 9.0, "a changed proof is accepted"),
        (_crash, 9.0, "IndexError: list index out of range"),
        (_hang, 0.01, r"it takes \d+\.\d\d s"),
        (_fill, 9.0, "it takes (79|80) MiB"),
    ],
)
def test_a_case_that_fails_is_told(read: Callable[[bytes], None], seconds: float, why: str) -> None:
    parser = Parser("bad", lambda draw: b"x", read, (ValueError,), 1, seconds)
    [report] = run([parser], 1, cases=1, seconds=None)
    [failure] = report.failures
    assert (failure.parser, failure.case, failure.data) == ("bad", 0, b"x")
    assert re.match(why, failure.why)


def test_documented_errors_are_no_failures() -> None:
    parser = Parser("good", lambda draw: b"x", _crash, (LookupError,), 1)
    [report] = run([parser], 1, cases=20, seconds=None)
    assert (report.failures, report.tallies["good"].cases, report.tallies["good"].read) == ([], 20, 0)


def test_a_process_that_grows_is_told() -> None:
    [report] = run([Parser("leak", lambda draw: b"x", _keep, (), 1)], 1, cases=100, seconds=None)
    KEPT.clear()
    assert [failure.why for failure in report.failures] == ["the process grows"]


def test_cases_depend_on_the_seed_alone() -> None:
    def cases(seed: int) -> list[bytes]:
        return [mutated(Random(f"{seed} {number}"), segment_seeds()) for number in range(50)]

    assert cases(1) == cases(1)
    assert cases(1) != cases(2)
    assert sum(one not in {seed.data for seed in segment_seeds()} for one in cases(1)) > 40


def test_fields_of_seeds_are_inside_them_and_counts_are_numbers() -> None:
    made = proved()
    several: list[Seed] = [
        *segment_seeds(),
        *made.composites,
        *made.contributions,
        *made.units,
        *key_seeds(),
    ]
    for seed in several:
        assert all(0 <= field.start <= field.end <= len(seed.data) for field in seed.fields)
        assert sum(field.number for field in seed.fields) > 20
    first = next(field for field in made.composites[0].fields if not field.number)
    assert made.composites[0].data[first.start : first.start + 4] == b"pzS1"
    assert Field(first.start - 4, 4, True) in made.composites[0].fields


def test_messages_are_taken_apart_and_put_together() -> None:
    for message in (*task_seeds(), *result_seeds()):
        data = message.SerializeToString()
        nodes = parse(data, 4)
        assert nodes is not None
        assert serialize(nodes) == data
        assert isinstance(nodes[0][2], list)


def test_a_report_names_every_parser() -> None:
    report = Report({})
    assert list(report.lines())[-1] == "0 cases, 0 failures, the process grew 0.0 MiB"
