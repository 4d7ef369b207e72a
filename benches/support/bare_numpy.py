"""Verification where Numba cannot be imported."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

_PROGRAM = """
import sys
import time
from pathlib import Path


class Refusal:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in ("numba", "llvmlite"):
            raise ImportError(f"{name} is refused")


sys.meta_path.insert(0, Refusal)

from zisk.prover import verify

proof, key = (Path(name).read_bytes() for name in sys.argv[1:])
start = time.process_time()
verify(proof, key)
print(time.process_time() - start)
"""


def verify_seconds_without_numba(proof: bytes, key: bytes) -> float:
    """Processor seconds of one verification in an interpreter of its own, imports left out.

    Raises:
        RuntimeError: it fails there.
    """
    with tempfile.TemporaryDirectory() as folder:
        names = [Path(folder) / "proof", Path(folder) / "key"]
        for name, content in zip(names, (proof, key), strict=True):
            name.write_bytes(content)
        command = [sys.executable, "-c", _PROGRAM, *map(str, names)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(f"the proof is not verified without Numba:\n{result.stderr}")
    return float(result.stdout)
