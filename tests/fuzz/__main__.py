"""`python -m tests.fuzz`: feeds hostile bytes to every parser, for as long as asked."""

from __future__ import annotations

import argparse
import gc
import sys
import time
from pathlib import Path

from tests.fuzz.parsers import NAMES, made_parsers
from tests.fuzz.running import Report, bound_addresses, run

THOROUGH_CASES = 10_000
"""From so many cases on, or with --minutes, a real final proof is made first: half a minute."""


def main() -> int:
    """Run, print the report; 1 where a case failed, whose bytes are then in the folder named."""
    arguments = _arguments()
    start = time.monotonic()
    thorough = arguments.minutes is not None or arguments.cases >= THOROUGH_CASES
    names = NAMES if arguments.parser is None else (arguments.parser,)
    parsers = made_parsers(names, thorough=thorough)
    print(f"seeds made in {time.monotonic() - start:.1f} s", flush=True)
    gc.collect()
    gc.freeze()  # collections during cases do not go through what the seeds left
    bound_addresses()
    limit = None if arguments.minutes is None else 60 * arguments.minutes
    cases = arguments.cases if arguments.minutes is None else None
    report, start = Report({}), time.monotonic()
    for report in run(parsers, arguments.seed, cases=cases, seconds=limit):
        if report.cases % 10_000 == 0:
            seconds = time.monotonic() - start
            print(f"{report.cases} cases, {len(report.failures)} failures, {seconds:.0f} s", flush=True)
    print(*report.lines(), sep="\n")
    for failure in report.failures:
        arguments.save.mkdir(parents=True, exist_ok=True)
        place = arguments.save / f"{failure.parser.replace(' ', '-')}-{arguments.seed}-{failure.case}"
        place.write_bytes(failure.data)
        print(f"{place}: {failure.why}")
    return 1 if report.failures else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=4_000, help="how many in all (default: %(default)s)")
    parser.add_argument("--minutes", type=float, help="run so long instead")
    parser.add_argument("--seed", type=int, default=1, help="of all cases (default: %(default)s)")
    parser.add_argument("--parser", choices=NAMES, metavar="NAME", help="this one alone: %(choices)s")
    parser.add_argument(
        "--save", type=Path, default=Path("fuzz-failures"), metavar="FOLDER", help="where failing bytes go"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
