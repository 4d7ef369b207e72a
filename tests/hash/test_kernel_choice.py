"""Numba is loaded once there is much to hash, and never for little."""

import subprocess
import sys

import pytest

from zisk.hash.kernel_choice import hashing_kernels
from zisk.kernels.cpu import merkle, poseidon2

HASH = """
import sys
import numpy as np
from zisk.hash.rows import compress_pairs, hash_rows
from zisk.hash.transcript import Transcript

rows, columns, elements = map(int, sys.argv[1:])
nodes = hash_rows(1, np.zeros((rows, columns), np.uint32))
Transcript(1).absorb([0] * elements)
print("numba" in sys.modules)
"""


@pytest.mark.parametrize(
    ("rows", "columns", "elements", "loaded"),
    [
        (0, 0, 0, False),
        (48, 700, 5_000, False),
        (1, 15, 15 * 1_900, False),
        (1, 15, 15 * 2_100, True),
        (100_000, 15, 0, True),
        (300, 15 * 400, 0, True),
    ],
)
def test_numba_is_loaded_for_much_hashing(rows: int, columns: int, elements: int, loaded: bool) -> None:
    command = [sys.executable, "-c", HASH, str(rows), str(columns), str(elements)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == f"{loaded}\n"


def test_kernels_that_are_loaded_are_used_for_the_least() -> None:
    assert hashing_kernels("merkle", 0, 0) is merkle
    assert hashing_kernels("poseidon2", 0, 0) is poseidon2
