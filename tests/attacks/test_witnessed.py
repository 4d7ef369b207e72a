"""The verdict without proofs of circuits is that of the real final proof, where there is one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.attacks.folded import EXAMPLES, LOG_SIZE, UNITS, folded_job, framed
from tests.attacks.witnessed import NoLeafError, judged, root_of
from tests.vm.jobs import BACKEND
from zisk.field.koalabear import P
from zisk.proof_format.job_proof import JobProof, decode_job_proof
from zisk.prover import Program, ProofForm, ProvingSession, global_challenge, setup, verify
from zisk.prover.unit_proof import assemble_job

NUMBER = 90


@pytest.fixture(scope="module")
def program() -> Program:
    elf = (EXAMPLES / "fibonacci" / "fibonacci.elf").read_bytes()
    return setup(elf, log_size=LOG_SIZE, backend=BACKEND)


@pytest.fixture(scope="module")
def job(program: Program) -> JobProof:
    """The segments of `folded_job()`, not folded."""
    units = range(UNITS)
    session = ProvingSession(
        program,
        framed(NUMBER),
        units=UNITS,
        allocation=list(units),
        form=ProofForm.COMPOSITE,
        backend=BACKEND,
    )
    challenge = global_challenge(program, [session.contributions()], BACKEND)
    proofs = dict(zip(units, session.prove(challenge), strict=True))
    return decode_job_proof(assemble_job(program.program_key, challenge, proofs))


@pytest.mark.slow
def test_its_root_and_outcome_are_those_of_the_final_proof(program: Program, job: JobProof) -> None:
    folded = folded_job(NUMBER)
    assert root_of(job, program.program_key) == folded.node.interface
    assert judged(job, program.program_key) == verify(folded.data, program.key)


def test_a_false_segment_has_no_leaf(program: Program, job: JobProof) -> None:
    """One element of the last opening is another: the same hints but for one."""
    for place, data in enumerate(job.segments):
        last = int.from_bytes(data[-4:], "little")
        segments = list(job.segments)
        segments[place] = data[:-4] + ((last + 1) % P).to_bytes(4, "little")
        with pytest.raises(NoLeafError, match="a Merkle path does not lead to"):
            judged(replace(job, segments=tuple(segments)), program.program_key)
