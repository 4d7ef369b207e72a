"""Large false proofs: what their refusal takes, in time and memory."""

from __future__ import annotations

import subprocess
import sys
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.attacks.forging import tell
from tests.attacks.proving import prove_told, set_up
from tests.attacks.swollen import least_segment, swollen_composite
from tests.vm.micro_programs import HALT, micro_program
from zisk.choices import LOG_SIZES
from zisk.proof_format.job_proof import SMALLEST_SEGMENT, JobProof, decode_job_proof, encode_job_proof
from zisk.prover import Program, VerificationError, verify
from zisk.stark.errors import Rejection
from zisk.stark.parameters import parameters_for
from zisk.stark.proof import outline, proof_shape
from zisk.vm.kinds import core_kind, edges_kind
from zisk.vm.kinds.edges import KIND as EDGES

GUEST = micro_program([HALT], {10: 3})
MEGABYTE = 10**6

MEASURE = """
import sys
import time
from pathlib import Path

from zisk.prover import VerificationError, verify


data, key = Path(sys.argv[1]).read_bytes(), Path(sys.argv[2]).read_bytes()
start = time.process_time()
try:
    verify(data, key)
except VerificationError as refusal:
    reason = refusal.reason.value
seconds = time.process_time() - start
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(reason, seconds, 1024 * int(status["VmHWM"].split()[0]) - len(data))
"""


@pytest.fixture(scope="module")
def program() -> Program:
    return set_up(GUEST)


@pytest.fixture(scope="module")
def job(program: Program) -> JobProof[bytes]:
    return decode_job_proof(prove_told(program, tell(GUEST)))


def test_the_bound_on_segments_is_below_every_segment() -> None:
    smallest = min(
        4 * proof_shape(kind, parameters_for(level)).fixed
        for kind in (*map(core_kind, LOG_SIZES), edges_kind())
        for level in (100, 128)
    )
    assert smallest > SMALLEST_SEGMENT


def test_refusal_of_many_small_segments_makes_little_of_them(program: Program, job: JobProof[bytes]) -> None:
    data = swollen_composite(job, program.program_key, 20 * MEGABYTE)
    tracemalloc.start()
    start = time.process_time()
    with pytest.raises(VerificationError) as refusal:
        verify(data, program.key)
    seconds = time.process_time() - start
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refusal.value.reason is Rejection.STATEMENT
    assert peak < 20 * MEGABYTE
    assert seconds < 2


@pytest.mark.slow
def test_two_hundred_megabytes_are_refused_in_two_seconds_and_two_hundred_megabytes(
    program: Program, job: JobProof[bytes], tmp_path: Path
) -> None:
    """In a process of its own, which loads kernels on the way.

    Time is processor time of the call, memory the process's peak, less the bytes of the proof.
    """
    (tmp_path / "proof").write_bytes(swollen_composite(job, program.program_key, 200 * MEGABYTE))
    (tmp_path / "key").write_bytes(program.key)
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "proof"), str(tmp_path / "key")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    reason, seconds, peak = done.stdout.split()
    assert reason == Rejection.STATEMENT.value
    assert float(seconds) < 2
    assert int(peak) < 200 * MEGABYTE


def test_an_opening_without_rows(program: Program, job: JobProof[bytes]) -> None:
    """Each opening in turn, of a segment that is nothing else than short."""
    key = program.program_key.key_of(EDGES, 0)
    shape = proof_shape(key.kind, key.parameters)
    segment = least_segment(key, 1, np.random.default_rng(1))
    place = 4 + 4 * shape.fixed
    assert outline(segment, key).publics[key.kind.public_names.index("index")] == 1
    for width in shape.opening_widths:
        end = place + 4 * (2 + width)
        empty = segment[:place] + bytes(8) + segment[end:]
        with pytest.raises(VerificationError, match="a tree opening has no row"):
            verify(encode_job_proof(replace(job, segments=(job.segments[0], empty))), program.key)
        place = end
