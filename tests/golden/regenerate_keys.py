"""Writes the keys that this version ships: `python -m tests.golden.regenerate_keys`, from the project's root.

They follow from the circuits alone. A change of a table, a parameter or a circuit changes them, and with them
every proof: see `tests.golden.regenerate`. `docs/keys.json` is the copy for whoever writes another verifier.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from zisk.kernels.cpu.backend import CpuBackend
from zisk.kernels.pool import Pool
from zisk.recursion.circuits import CircuitSet, folding_parameters
from zisk.recursion.shipped import FILE_NAME, ShippedKeys
from zisk.stark.key import VerifyingKey

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "src" / "zisk" / "recursion" / FILE_NAME
DOCUMENTED = ROOT / "docs" / FILE_NAME
LEVELS = (128, 100)


def derived_keys(level: int) -> ShippedKeys:
    """The keys of a security level, from its circuits."""
    return CircuitSet(folding_parameters(level), CpuBackend(Pool())).keys()


def written(keys: dict[int, ShippedKeys]) -> str:
    """The file's text: a digest a line."""
    text = json.dumps({str(level): _level(of_level) for level, of_level in keys.items()}, indent=1)
    return re.sub(r"\[\s+(\d+(?:,\s+\d+)*)\s+\]", _one_line, text) + "\n"


def _level(keys: ShippedKeys) -> dict[str, Any]:
    return {"allowed": keys.allowed, "final": _key(keys.final), "compressed": _key(keys.compressed)}


def _key(key: VerifyingKey) -> dict[str, Any]:
    return {"log_heights": key.fixed_log_heights, "cap": key.cap}


def _one_line(found: re.Match[str]) -> str:
    return "[" + re.sub(r"\s+", " ", found[1]) + "]"


if __name__ == "__main__":
    text = written({level: derived_keys(level) for level in LEVELS})
    for path in (SHIPPED, DOCUMENTED):
        path.write_text(text, encoding="ascii")
        print(f"wrote {path}")
