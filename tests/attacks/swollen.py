"""Composite proofs that are large and false, and have the form of a true one down to the last word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tests.claims import claims_with
from zisk.field.koalabear import P
from zisk.kernels.default import default_backend
from zisk.proof_format.job_proof import JobProof, encode_job_proof
from zisk.proof_format.program_key import ProgramKey
from zisk.proof_format.statement import derive_challenge
from zisk.proof_format.units import contribution_root
from zisk.recursion.shipped import shipped_keys
from zisk.stark.key import VerifyingKey
from zisk.stark.parameters import parameters_for
from zisk.stark.proof import MAGIC, outline, proof_shape
from zisk.stark.transcript_order import SearchedWork, leaf_digests
from zisk.vm.kinds.core import KIND as CORE
from zisk.vm.kinds.edges import KIND as EDGES


def least_segment(key: VerifyingKey, index: int, draw: np.random.Generator) -> bytes:
    """The shortest bytes with the form of a proof: one row an opening, no sibling, elements drawn."""
    shape = proof_shape(key.kind, key.parameters)
    heights = [max(height, 0) for height in key.fixed_log_heights]
    publics = [index if name == "index" else 0 for name in key.kind.public_names]
    rest = draw.integers(0, P, shape.fixed - len(heights) - len(publics), dtype=np.uint32)
    openings = [
        part
        for width in shape.opening_widths
        for part in (np.array([1, 0], dtype=np.uint32), draw.integers(0, P, width, dtype=np.uint32))
    ]
    words = np.concatenate([np.array(heights + publics, dtype=np.uint32), rest, *openings])
    return MAGIC + words.astype("<u4").tobytes()


def swollen_composite(job: JobProof, key: ProgramKey, size: int) -> bytes:
    """A composite proof of about `size` bytes, of one core segment and the shortest edges segments.

    Its nonce is that of its own challenge, so that nothing is refused before that is recomputed.
    """
    draw = np.random.default_rng(1)
    edges = size // len(least_segment(key.key_of(EDGES, key.chunks), 1, draw))
    keys = [key.key_of(CORE, 0), *(key.key_of(EDGES, number) for number in range(edges))]
    segments = [least_segment(one, max(place, 1), draw) for place, one in enumerate(keys)]
    claims = claims_with(job.claims, core=1, edges=edges)
    work = SearchedWork(default_backend())
    leaves, weight = _leaves(segments, keys, key)
    derive_challenge(
        program_digest=key.digest,
        level=key.level,
        log_size=key.log_size,
        grinding_bits=parameters_for(key.level).global_grinding_bits,
        keys=shipped_keys(key.level).root,
        claims=claims,
        units=job.units,
        root=contribution_root(leaves, job.units),
        count=len(leaves),
        weight=weight,
        work=work,
    )
    return encode_job_proof(replace(job, claims=claims, nonces=tuple(work.nonces), segments=tuple(segments)))


def _leaves(
    segments: Sequence[bytes], keys: Sequence[VerifyingKey], key: ProgramKey
) -> tuple[list[tuple[int, ...]], int]:
    """Their leaf digests, and the sum of their weights."""
    outlines = [outline(data, one) for data, one in zip(segments, keys, strict=True)]
    weight = sum(one.kind.weight(known.log_heights) for one, known in zip(keys, outlines, strict=True))
    committed = [known.committed for known in outlines]
    first, others = (
        leaf_digests(keys[part], key.digest, committed[part]) for part in (slice(1), slice(1, None))
    )
    return [*first, *others], weight
