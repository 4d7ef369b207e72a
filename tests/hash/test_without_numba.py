"""Where Numba cannot be imported, everything that a verifier needs works on NumPy and says the same."""

import os
import subprocess
import sys

import numpy as np

from zisk.hash.opening import verify_opening
from zisk.hash.rows import compress_pairs, hash_rows, state_digests
from zisk.hash.sponge import compress
from zisk.hash.transcript import Transcript

PROGRAM = """
import sys

sys.modules["numba"] = None

import numpy as np

from zisk.hash.opening import verify_opening
from zisk.hash.rows import compress_pairs, hash_rows, state_digests
from zisk.hash.transcript import Transcript

rows = np.arange(60, dtype=np.uint32).reshape(3, 20)
digests = hash_rows(4, rows)
transcript = Transcript(4)
transcript.absorb(range(40))
print(digests.tolist(), state_digests(4, rows).tolist())
print(compress_pairs(digests[:1], digests[1:2]).tolist())
print(verify_opening(np.zeros((16, 9)), 5, 4, [7], digests[:1], digests[1:2]))
print([transcript.sample() for _ in range(20)], transcript.check_nonce(3, 0))
"""


def test_verifier_parts_say_the_same() -> None:
    environment = {**os.environ, "PYTHONPATH": ":".join(filter(None, sys.path))}
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True
    )
    assert finished.stderr == ""
    rows = np.arange(60, dtype=np.uint32).reshape(3, 20)
    digests = hash_rows(4, rows)
    transcript = Transcript(4)
    transcript.absorb(range(40))
    assert finished.stdout.splitlines() == [
        f"{digests.tolist()} {state_digests(4, rows).tolist()}",
        str(compress_pairs(digests[:1], digests[1:2]).tolist()),
        "False",
        f"{[transcript.sample() for _ in range(20)]} True",
    ]


def test_opening_of_one_leaf_and_its_neighbour_by_hand() -> None:
    left, right = [1] * 9, [2] * 9
    cap = [[0] * 9] * 3 + [list(compress(left, right))] + [[0] * 9] * 12
    assert verify_opening(cap, 5, 4, [7], [right], [left])
    assert verify_opening(cap, 5, 4, [6], [left], [right])
    assert verify_opening(cap, 5, 4, [6, 7], [left, right], [])
    assert not verify_opening(cap, 5, 4, [6], [right], [left])
