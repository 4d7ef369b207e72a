"""Shows every claim, leaves out every part, and writes `docs/shown.md`.

`python -m tests.solver.report` does everything; `python -m tests.solver.report add logic` takes these tables
and keeps the rows of others. The page is written anew after each table. Fails where
a claim does not hold, or where leaving out is not noticed as listed.
"""

from __future__ import annotations

import sys
import time

from tests.solver.all_claims import all_claims
from tests.solver.claim import RefutedError, UndecidedError
from tests.solver.drop_one import drop_each, tables, unexpected
from tests.solver.page import PAGE, Dropped, current_digests, read, written


def report(table: str) -> list[str]:
    """Show a table's claims and write its rows; returns what is wrong, and writes nothing if anything is."""
    digests = current_digests(table)
    seconds: dict[str, str] = {}
    wrong: list[str] = []
    for claim in all_claims():
        if claim.table != table:
            continue
        start = time.process_time()
        try:
            claim.show(claim.air())
        except (RefutedError, UndecidedError) as error:
            wrong.append(f"{claim.name}: {error}")
        seconds[claim.name] = f"{time.process_time() - start:.2f}"
    outcomes = list(drop_each(table))
    wrong += unexpected(outcomes)
    if not wrong:
        record = read()
        record.seconds.update(seconds)
        refuted = sum(outcome.refuted for outcome in outcomes)
        unnoticed = sum(outcome.noticed_by is None for outcome in outcomes)
        record.dropped[table] = Dropped(refuted, len(outcomes) - refuted - unnoticed, unnoticed)
        record.digests[table] = digests
        PAGE.write_text(written(record), encoding="utf-8")
    return wrong


def main(names: list[str]) -> int:
    """Report on the tables named, on all where none is."""
    unknown = set(names) - set(tables())
    if unknown:
        print(f"no such tables: {', '.join(sorted(unknown))}; there are {', '.join(tables())}")
        return 2
    failed = False
    for table in names or tables():
        start = time.monotonic()
        wrong = report(table)
        failed = failed or bool(wrong)
        print(f"{table}: {time.monotonic() - start:.0f} s", *wrong, sep="\n  ", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
