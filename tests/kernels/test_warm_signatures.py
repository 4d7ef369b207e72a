"""Warming up compiles every signature that a proof needs: workers never wait for a compiler."""

import subprocess
import sys

import pytest

SCRIPT = """
import sys
from pathlib import Path
import zisk.vm
from numba.core.dispatcher import Dispatcher
from zisk.kernels.warmup import warm_up

def signatures():
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("zisk")]
    values = [value for module in modules for value in vars(module).values()]
    kernels = [value.py_func for value in values if isinstance(value, Dispatcher)]
    compiled = [value.signatures for value in values if isinstance(value, Dispatcher)]
    return {
        f"{kernel.__module__}.{kernel.__name__}{key}"
        for kernel, keys in zip(kernels, compiled)
        for key in keys
    }

warm_up()
from zisk.prover import ProofForm, prove, setup, verify
warm = signatures()
guest = Path("examples/fibonacci")
program = setup((guest / "fibonacci.elf").read_bytes(), log_size=16)
data = (guest / "inputs" / "90.bin").read_bytes()
for form in (ProofForm.COMPOSITE, ProofForm.COMPRESSED):
    verify(prove(program, data, units=2, form=form).proof, program.key)
print(*sorted(signatures() - warm), sep="\\n")
"""


@pytest.mark.slow
def test_a_proof_compiles_nothing_more() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stdout.strip() == ""
