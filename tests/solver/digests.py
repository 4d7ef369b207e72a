"""What the page was made from: digests of each table's AIRs and of the code of its claims."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from tests.solver.all_claims import PROVIDERS, USES, all_claims, claims_of
from tests.solver.claim import digest_of

HERE = Path(__file__).parent
SHARED = ("polynomial.py", "claim.py", "constants.py", "implication.py")
LENGTH = 16
"""Hexadecimal digits of a digest on the page."""


def air_digest(table: str) -> str:
    """Digest of a table's AIRs, of all sizes."""
    claims = (claim for claim in all_claims() if claim.table == table)
    airs = {claim.sizes: claim.air for claim in claims}
    return _digest(sorted({digest_of(air()) for air in airs.values()}))


def source_digest(table: str) -> str:
    """Digest of the code that shows a table's claims: its folders, tests left out, and what all share."""
    folders = {folder for folder in PROVIDERS for claim in claims_of(folder) if claim.table == table}
    used = sorted({used for folder in folders for used in USES[folder]})
    return _digest([_folder_digest(folder) for folder in used] + [_shared_digest()])


@cache
def _folder_digest(folder: str) -> str:
    paths = sorted(path for path in (HERE / folder).glob("*.py") if not path.name.startswith("test_"))
    return _digest(path.name + path.read_text() for path in paths)


@cache
def _shared_digest() -> str:
    return _digest((HERE / name).read_text() for name in SHARED)


def _digest(texts: Iterable[str]) -> str:
    whole = hashlib.sha256()
    for text in texts:
        whole.update(hashlib.sha256(text.encode()).digest())
    return whole.hexdigest()[:LENGTH]
