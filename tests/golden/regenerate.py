"""Writes the digests of all cases: `python -m tests.golden.regenerate`, from the root of the repository.

Proofs that are out in the world must stay valid. A change that alters these bytes raises `FORMAT_VERSION`
(`zisk.stark.key`), so that its digests go to a file of their own. Before a version is released its file may
be overwritten.
"""

from __future__ import annotations

import json
from dataclasses import asdict

from tests.golden.cases import CASES, PINNED, proved


def regenerate() -> None:
    """Prove every case and write the file."""
    digests = {name: asdict(proved(name).digests) for name in CASES}
    PINNED.write_text(json.dumps(digests, indent=2) + "\n")


if __name__ == "__main__":
    regenerate()
    print(f"wrote {PINNED}")
