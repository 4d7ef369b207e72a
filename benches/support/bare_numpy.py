"""A process that only verifies, where of other packages NumPy alone can be imported."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

_PROGRAM = """
import sys
import time
from pathlib import Path

ALLOWED = {"numpy", "zisk"} | sys.stdlib_module_names


class Refusal:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] not in ALLOWED:
            raise ImportError(f"{name} is refused")


def peak_megabytes():
    (line,) = (line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


sys.meta_path.insert(0, Refusal)
start = time.process_time()
import numpy

numpy_seconds, numpy_megabytes = time.process_time() - start, peak_megabytes()
from zisk import verify

import_seconds, import_megabytes = time.process_time() - start, peak_megabytes()
proof, key = (Path(name).read_bytes() for name in sys.argv[1:])
start = time.process_time()
verify(proof, key=key, minimal_security=0)
verify_seconds = time.process_time() - start
import json

print(
    json.dumps(
        {
            "numpy_seconds": numpy_seconds,
            "numpy_megabytes": numpy_megabytes,
            "import_seconds": import_seconds,
            "import_megabytes": import_megabytes,
            "verify_seconds": verify_seconds,
            "verify_megabytes": peak_megabytes(),
        }
    )
)
"""


@dataclass(frozen=True, slots=True)
class BareVerifier:
    """What one process took, in processor seconds and megabytes of peak memory (Linux).

    Attributes:
        numpy_seconds, numpy_megabytes: to import NumPy; the memory is the interpreter's too.
        import_seconds, import_megabytes: to import `zisk.verify`, NumPy included.
        verify_seconds: for one verification, imports left out.
        verify_megabytes: at the end.
    """

    numpy_seconds: float
    numpy_megabytes: float
    import_seconds: float
    import_megabytes: float
    verify_seconds: float
    verify_megabytes: float


def verify_with_numpy_alone(proof: bytes, key: bytes) -> BareVerifier:
    """Verify a proof in an interpreter of its own.

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
        raise RuntimeError(f"the proof is not verified with NumPy alone:\n{result.stderr}")
    return BareVerifier(**json.loads(result.stdout))
