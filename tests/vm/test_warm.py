"""The interpreter is compiled with all other kernels, and not by importing the package."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from zisk.vm import interpreter
from zisk.vm.warm import warm


def test_warming_compiles_both_forms() -> None:
    warm()
    compiled: Any = interpreter.interpret
    assert len(compiled.signatures) == 2


def test_importing_the_package_loads_no_compiler_and_announces_the_kernels() -> None:
    code = (
        "import sys, zisk.vm\n"
        "from zisk.kernels import warmup\n"
        "assert 'numba' not in sys.modules and 'numpy' not in sys.modules\n"
        "assert 'interpreter' in warmup._registered\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
