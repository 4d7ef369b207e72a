"""A kind of segments is added by its folder and one line of the registry, and nothing else.

What a folder of `zisk.vm.kinds` needs is what `tally` beside this file has:

- A package whose `KIND` is a `SegmentKind`, importable without Numba, since verifiers import it.
- A number that no other kind has, and that of circuits neither; it is in keys and transcripts for good.
- A shape: tables with ids of buses of their own, at least one preprocessed column, at least one message on a
  global bus, and public values that begin with `index`, the segment's number from 1.
- Terms that chain the segments by their numbers, and terms of the job for both ends of the chain. They are
  all that binds the number of segments that a job claims, and what else it claims of the kind.
- A filling: preprocessed columns, what a run's segments are filled from, main columns, public values.

Every kind is in the program digest, so a new one changes keys of programs and circuits: see "When proofs
change" in docs/development.md.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import zisk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def with_tally(folder: Path, opening: str, line: str) -> Path:
    """A copy of the package with the toy kind's folder, and one line in its registry."""
    package = folder / "zisk"
    shutil.copytree(Path(zisk.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(HERE / "tally", package / "vm" / "kinds" / "tally")
    registry = package / "vm" / "kinds" / "registry.py"
    text = registry.read_text()
    assert text.count(opening) == 1
    registry.write_text(text.replace(opening, opening + line))
    return folder


def report_of(folder: Path) -> dict[str, Any]:
    """What `three_kinds` prints with the package of a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.vm.kinds.three_kinds"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Of a job of three kinds, the third in the registry's last line."""
    return report_of(with_tally(tmp_path_factory.mktemp("last"), '    "edges",\n', '    "tally",\n'))


def test_a_job_of_three_kinds_is_proved_and_verified(report: dict[str, Any]) -> None:
    assert report["kinds"] == ["core", "edges", "tally"]
    assert report["claims"] == ["core_segments", "edges_segments", "tally_segments", "last_key", "total"]
    assert report["counts"] == [1, 1, 2]
    assert report["claimed"][1:] == [240]
    assert report["segments"] == [["core", 1], ["edges", 1], ["tally", 1], ["tally", 2]]
    assert report["is what the prover makes"] is True
    assert report["verdict"] == ""


def test_what_lies_about_the_third_kind_is_refused(report: dict[str, Any]) -> None:
    """Every segment is proved anew under the challenge of the lie, so nothing else is wrong."""
    assert report["lies"] == {
        "left out": "BUS",
        "repeated": "STATEMENT",
        "exchanged": "STATEMENT",
        "another claim": "BUS",
        "before the others": "FORMAT",
        "another key": "BUS",
    }


def test_segments_of_all_kinds_have_leaves(report: dict[str, Any]) -> None:
    """With the third kind in the program digest that every leaf opens: a key that is not there has none.

    A leaf that does not state the program's digest takes that key, so nothing else is wrong.
    """
    assert report["leaves"] == [True] * 4
    assert report["false leaf"] is False
    assert report["leaf under another key"] is False
    assert report["leaf of no program"] is True


def test_the_place_of_the_line_changes_no_byte(report: dict[str, Any], tmp_path: Path) -> None:
    first = report_of(with_tally(tmp_path, "FOLDERS = (\n", '    "tally",\n'))
    assert (first["key"], first["proof"]) == (report["key"], report["proof"])
    assert first == report
