"""Jobs for the tests of the readable verifier, proved by the package, and what both verifiers say."""

from collections.abc import Mapping
from itertools import accumulate

import pytest

from tests.golden.cases import EXAMPLES, Proved
from tests.readable.claims import Statement
from tests.readable.job import verify
from tests.readable.proof import SegmentProof
from tests.readable.reader import RefusedError
from zisk.kernels.cpu.backend import CpuBackend
from zisk.kernels.pool import Pool
from zisk.prover import ProofForm, prove, setup
from zisk.prover import verify as package_verify
from zisk.stark.errors import VerificationError
from zisk.verifier.policy import ANY_LEVEL

BACKEND = CpuBackend(Pool(2))


def prove_job(
    guest: str, data: bytes, *, log_size: int, security: int, units: int, form: ProofForm
) -> Proved:
    """Set up and prove a run of an example."""
    elf = (EXAMPLES / guest / f"{guest}.elf").read_bytes()
    program = setup(elf, log_size=log_size, security=security, backend=BACKEND)
    return Proved(program.key, prove(program, data, units=units, form=form, backend=BACKEND).proof)


def both_accept(job: Proved) -> Statement:
    """Both verifiers take a proof and say the same of it."""
    statement, outcome = verify(job.proof, job.key), package_verify(job.proof, job.key, ANY_LEVEL)
    assert b"".join(word.to_bytes(4, "little") for word in statement.program) == outcome.digest
    assert (statement.exit_code, tuple(statement.outputs)) == (outcome.exit_code, outcome.outputs)
    assert statement.core_segments == outcome.segments
    return statement


def both_refuse(proof: bytes, key: bytes, why: str | None = None) -> None:
    """Neither verifier takes these bytes; the readable one says why, in words that match if given."""
    with pytest.raises(RefusedError, match=why):
        verify(proof, key)
    with pytest.raises(VerificationError):
        package_verify(proof, key, ANY_LEVEL)


def regions(proof: SegmentProof, words: int) -> Mapping[str, range]:
    """The words of each part of the proof of a segment or circuit, in the order of docs/format.md."""
    lengths = {
        "magic": 1,
        "heights": len(proof.log_heights),
        "publics": len(proof.publics),
        "main cap": 9 * len(proof.main_cap),
        "stage-2 cap": 9 * len(proof.stage2_cap),
        "sums": 5 * sum(len(sums) for sums in proof.sums),
        "quotient cap": 9 * len(proof.quotient_cap),
        "openings": 5 * len(proof.openings),
        "openings at the next point": 5 * len(proof.openings_next),
        "caps of FRI": 9 * sum(len(cap) for cap in proof.fri_caps),
        "final polynomial": 5 * len(proof.final),
        "nonces": len(proof.nonces),
    }
    openings = proof.trees | {f"layer {number}": one for number, one in enumerate(proof.layers)}
    for name, opening in openings.items():
        lengths[f"{name}: counts"] = 2
        lengths[f"{name}: rows"] = sum(map(len, opening.rows))
        lengths[f"{name}: siblings"] = 9 * len(opening.siblings)
    ends = list(accumulate(lengths.values()))
    assert ends[-1] == words
    return {name: range(end - length, end) for (name, length), end in zip(lengths.items(), ends, strict=True)}
