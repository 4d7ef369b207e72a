"""Hostile bytes in the place of a final proof: changed, cut, continued, or of another sort."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from tests.attacks.folded import (
    WRONG_TRANSCRIPT,
    FoldedJob,
    compressed_proof,
    finished,
    folded_job,
    refused,
    refused_under,
    shrunk,
)
from tests.attacks.hostile import flipped, regions
from zisk.field.koalabear import P
from zisk.proof_format.final_proof import encode_final_proof
from zisk.prover import ProofForm, VerificationError, verify
from zisk.recursion.shipped import shipped_keys
from zisk.stark.errors import Rejection
from zisk.stark.proof import encode

pytestmark = pytest.mark.slow

FORMAT, STATEMENT, KEY = Rejection.FORMAT, Rejection.STATEMENT, Rejection.KEY


@pytest.fixture(scope="module")
def job() -> FoldedJob:
    return folded_job()


def test_the_proofs_are_accepted(job: FoldedJob) -> None:
    final = verify(job.data, job.program.key)
    compressed = verify(encode_final_proof(compressed_proof()), job.program.key)
    assert (final.form, compressed.form) == (ProofForm.FINAL, ProofForm.COMPRESSED)
    assert final == replace(compressed, form=ProofForm.FINAL)
    assert (final.segments, final.steps, final.outputs) == (1, None, job.challenge.claims.outputs)


def test_every_word_of_the_header_matters(job: FoldedJob) -> None:
    """Magic, version, form, program, level, size, units, claims, nonce, length of the circuit's proof."""
    length = len(job.data) - len(job.final.proof)
    assert length % 4 == 0
    for place in range(0, length, 4):
        for bit in (0, 31):
            with pytest.raises(VerificationError):
                verify(flipped(job.data, place, bit), job.program.key)


def test_every_region_of_the_proof_matters(job: FoldedJob) -> None:
    """First, last and a random word of each region, then words of the openings."""
    known = regions(shipped_keys(128).final)
    draw = np.random.default_rng(11)
    words = {
        word for start, end in known.values() for word in (start, end - 1, int(draw.integers(start, end)))
    }
    last = max(end for _, end in known.values())
    words |= {int(word) for word in draw.integers(last, len(job.final.proof) // 4 - 1, 40)}
    for word in sorted(words):
        changed = flipped(job.final.proof, 4 + 4 * word, int(draw.integers(0, 31)))
        with pytest.raises(VerificationError):
            verify(encode_final_proof(replace(job.final, proof=changed)), job.program.key)


def test_every_word_of_the_key_matters(job: FoldedJob) -> None:
    key = job.program.key
    draw = np.random.default_rng(12)
    for place in [*range(0, 24, 4), *draw.choice(np.arange(24, len(key), 4), 30, replace=False)]:
        refused_under(flipped(key, int(place), int(draw.integers(32))), job.data, KEY)


def test_a_proof_cut_short_or_continued(job: FoldedJob) -> None:
    draw = np.random.default_rng(13)
    lengths = [0, 1, 4, 100, len(job.data) - 1, *draw.integers(1, len(job.data), 12)]
    for length in lengths:
        refused_under(job.program.key, job.data[: int(length)], FORMAT)
    for more in (b"\0", bytes(4), job.data):
        refused_under(job.program.key, job.data + more, FORMAT, text="bytes after its end")
    proof = job.final.proof
    for changed in (b"", b"pzS1", proof[:-4], proof[:-1], proof + bytes(4), proof + proof):
        refused(replace(job.final, proof=changed), job, FORMAT)


@pytest.mark.parametrize("seed", range(3))
def test_garbage(job: FoldedJob, seed: int) -> None:
    """Also behind a true beginning."""
    garbage = np.random.default_rng(seed).bytes(10_000)
    for data in (b"pzF1" + garbage, job.data[:200] + garbage, job.data[:400] + garbage):
        refused_under(job.program.key, data, FORMAT, KEY, STATEMENT)


def test_a_gigabyte_of_zeros(job: FoldedJob) -> None:
    """Behind the magic, and as the circuit's proof: refused before anything is made of it."""
    zeros = b"pzF1" + bytes(1 << 30)
    tracemalloc.start()
    refused_under(job.program.key, zeros, FORMAT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 25


def test_a_number_that_is_no_element(job: FoldedJob) -> None:
    """The same element written as x + p."""
    words = np.frombuffer(job.final.proof, dtype="<u4").copy()
    place = 1 + int(np.flatnonzero(words[1:] < (1 << 32) - P)[0])
    words[place] += P
    refused(replace(job.final, proof=words.tobytes()), job, FORMAT, text="a field element is not canonical")


def test_the_other_form(job: FoldedJob) -> None:
    """Neither form is taken for the other."""
    for proof in (job.final, compressed_proof()):
        refused(replace(proof, compressed=not proof.compressed), job, FORMAT, *WRONG_TRANSCRIPT)


def test_a_leaf_a_node_or_a_shrunk_root_as_a_final_proof(job: FoldedJob) -> None:
    """They are true, and say the same as the final proof or less."""
    inner = shrunk(job.node, shipped_keys(128), job.circuits)
    for proof in (*(leaf.proof for leaf in job.leaves), job.node.proof, inner):
        refused(replace(job.final, proof=encode(proof)), job, FORMAT, Rejection.SHAPE)


def test_a_final_proof_is_a_function_of_its_node(job: FoldedJob) -> None:
    """What the attacks on parts of it start from is the real one."""
    inner = shrunk(job.node, shipped_keys(128), job.circuits)
    assert encode(finished(inner, job.circuits)) == job.final.proof
