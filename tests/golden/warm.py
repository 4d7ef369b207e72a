"""Proves a pinned job once every kernel is compiled, and tells what was compiled all the same.

`python -m tests.golden.warm NAME` prints key, proof and those signatures as JSON. The smallest job is proved
in its composite form as well.
"""

from __future__ import annotations

import json
import sys

from numba.core.dispatcher import Dispatcher

from tests.golden.cases import prove_case
from zisk.kernels.warmup import warm_up


def signatures() -> set[str]:
    """Kernels of the package with the types that they are compiled for in this process."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("zisk")]
    kernels = [one for module in modules for one in vars(module).values() if isinstance(one, Dispatcher)]
    return {
        f"{kernel.py_func.__module__}.{kernel.py_func.__name__}{types}"
        for kernel in kernels
        for types in kernel.signatures
    }


def main(name: str) -> None:
    """Warm up, prove, print."""
    warm_up()
    warm = signatures()
    prove_case("fibonacci")
    job = prove_case(name)
    compiled = sorted(signatures() - warm)
    print(json.dumps({"key": job.key.hex(), "proof": job.proof.hex(), "compiled": compiled}))


if __name__ == "__main__":
    main(sys.argv[1])
