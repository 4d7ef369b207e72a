"""Draw the pictures of the pages into `docs/pictures`: `python docs/generate_pictures.py`.

Each picture is drawn from the code: the tree of a job from the rules that share segments out and fold them,
the talk of a cluster from the coordinator's own state machine, tables and buses from the AIRs of the kinds.
"""

from __future__ import annotations

import sys
from pathlib import Path

from drawing.cluster import cluster
from drawing.job import job
from drawing.tables import tables

FOLDER = Path(__file__).with_name("pictures")


def pictures() -> dict[str, str]:
    """Every picture by file name."""
    return {"job.svg": job(), "cluster.svg": cluster(), "tables.svg": tables()}


def main() -> int:
    """Write the pictures."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in pictures().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
