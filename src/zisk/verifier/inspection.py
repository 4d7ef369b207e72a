"""What a proof says of itself: sizes, parameters, claims and what its kinds prove. Nothing is verified.

Everything is read off the bytes and the kinds, without a key: the lengths of a proof follow from kind, size
and security level.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from zisk.proof_format.final_proof import FINAL_MAGIC, decode_final_proof
from zisk.proof_format.job_proof import JOB_MAGIC, decode_job_proof
from zisk.proof_format.program_key import digest_bytes
from zisk.proof_format.statement import Claims
from zisk.recursion.shapes import final_kind, inner_kind, shrink_kind
from zisk.stark.batching import Tree, tree_widths
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import FORMAT_VERSION
from zisk.stark.kind import Kind
from zisk.stark.parameters import (
    CircuitRole,
    SecurityParameters,
    circuit_parameters,
    parameters_for,
)
from zisk.stark.proof import MAGIC, OPENING_COUNTS, WORD_BYTES, SegmentProof, TreeOpening, decode
from zisk.stark.soundness import SoundnessReport, report
from zisk.stark.summary import summarise
from zisk.verifier.job_checks import check_segment_count
from zisk.verifier.screening import any_key, check_parameters
from zisk.vm.kinds import KINDS

JOB_WORDS = 3
"""Words of a composite proof that frame it: version, number of nonces, number of segments."""
FINAL_WORDS = 3
"""Words of a final proof that frame it: version, form, number of nonces."""

Sizes = Mapping[str, int]
"""Bytes by part. The parts are `PARTS`; those that a proof lacks are absent."""

PARTS = (
    "statement",
    "nonces",
    "caps",
    "sums",
    "openings",
    "rows_preprocessed",
    "rows_main",
    "rows_stage2",
    "rows_quotient",
    "siblings",
    "fri_layers",
    "final_polynomial",
    "framing",
)
"""The parts of a proof in the order of reports.

`statement` is what is claimed: program, heights, public values. `caps` are those of the trees that are
queried at layer 0, `rows_*` their opened rows and `siblings` what hashes these to the caps. `fri_layers` is
caps, rows and siblings of all later layers. `framing` is magic bytes and lengths.
"""


@dataclass(frozen=True, slots=True)
class InspectedStark:
    """One STARK in a proof.

    Attributes:
        kind: the name of its kind.
        number: its place among those of its kind, from 1.
        log_heights: log2 of the heights that it claims, by table.
        sizes: bytes by part.
    """

    kind: str
    number: int
    log_heights: Mapping[str, int]
    sizes: Sizes

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(self.sizes.values())


@dataclass(frozen=True, slots=True)
class InspectedKind:
    """A kind that a proof rests on: the parameters of its STARKs and what these prove."""

    name: str
    log_size: int
    parameters: SecurityParameters
    soundness: SoundnessReport


@dataclass(frozen=True, slots=True)
class Inspection:
    """A proof as its bytes describe it.

    Attributes:
        container: what kind of proof it is.
        program: the program digest that it names, 36 bytes.
        security, log_size: level and size of core segments that it names.
        units: compute units of the job.
        claims: exit code, outputs and numbers of segments, unchecked.
        kinds: of the segments, in their order; of a folded proof also those of the circuits, up to its own.
        starks: in the order of the proof.
        own_sizes: bytes by part of what is in none of the STARKs.
    """

    container: str
    program: bytes
    security: int
    log_size: int
    units: int
    claims: Claims
    kinds: tuple[InspectedKind, ...]
    starks: tuple[InspectedStark, ...]
    own_sizes: Sizes
    version: int = FORMAT_VERSION

    @property
    def sizes(self) -> Sizes:
        """Bytes by part, of the whole proof."""
        total = Counter(self.own_sizes)
        for stark in self.starks:
            total.update(stark.sizes)
        return {part: total[part] for part in PARTS if part in total}

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(self.sizes.values())

    @property
    def weakest(self) -> SoundnessReport:
        """The soundness report with the fewest bits; the first of equals."""
        return max((kind.soundness for kind in self.kinds), key=lambda one: one.weakest.error)


def inspect(proof: bytes) -> Inspection:
    """Take a proof apart without verifying it.

    Raises:
        VerificationError: the bytes are not the canonical encoding of a proof of this version.
    """
    read = _CONTAINERS.get(proof[: len(JOB_MAGIC)])
    if read is None:
        raise VerificationError(Rejection.FORMAT, "it does not start like a proof of this version")
    return read(proof)


def stark_sizes(proof: SegmentProof, kind: Kind) -> Sizes:
    """Bytes by part of a STARK of a kind; they add up to the length of its encoding."""
    trees = [tree for tree in Tree if sum(tree_widths(kind, tree))]
    rows = {
        f"rows_{tree.name.lower()}": _bytes(opening.rows)
        for tree, opening in zip(trees, proof.trees, strict=True)
    }
    openings = (*proof.trees, *proof.layers)
    return {
        "statement": _bytes(proof.log_heights, proof.publics),
        "nonces": _bytes(proof.nonces),
        "caps": _bytes(proof.main_cap, proof.stage2_cap, proof.quotient_cap),
        "sums": _bytes(proof.sums),
        "openings": _bytes(proof.here, proof.following),
        **rows,
        "siblings": _bytes(*(opening.siblings for opening in proof.trees)),
        "fri_layers": _bytes(*proof.fold_caps) + sum(map(_opening_bytes, proof.layers)),
        "final_polynomial": _bytes(proof.final_polynomial),
        "framing": len(MAGIC) + WORD_BYTES * OPENING_COUNTS * len(openings),
    }


def _composite(data: bytes) -> Inspection:
    """Inspect the proof of a job that holds the proof of each segment."""
    job = decode_job_proof(data)
    check_parameters(job.level, job.log_size)
    check_segment_count(job)
    parameters = parameters_for(job.level)
    starks = []
    for position, segment in enumerate(job.segments):
        kind, place = job.claims.located(position)
        starks.append(_stark(segment, kind.name, place + 1, kind.of_job(job.log_size), parameters))
    return Inspection(
        container="composite",
        program=digest_bytes(job.program),
        security=job.level,
        log_size=job.log_size,
        units=job.units,
        claims=job.claims,
        kinds=_inspected_segments(job.log_size, parameters),
        starks=tuple(starks),
        own_sizes=_own_sizes(data, JOB_WORDS, job.nonces, job.segments),
    )


def _final(data: bytes) -> Inspection:
    """Inspect the proof of a job whose segments are folded into one circuit's proof."""
    final = decode_final_proof(data)
    check_parameters(final.level, final.log_size)
    role = CircuitRole.COMPRESSED if final.compressed else CircuitRole.FINAL
    segments = _inspected_segments(final.log_size, parameters_for(final.level))
    circuits = (
        _inspected_circuit("leaf or node", inner_kind(), final.level, CircuitRole.INNER),
        _inspected_circuit("shrink", shrink_kind(), final.level, CircuitRole.SHRINK),
        _inspected_circuit(role.value, final_kind(), final.level, role),
    )
    return Inspection(
        container=role.value,
        program=digest_bytes(final.program),
        security=final.level,
        log_size=final.log_size,
        units=final.units,
        claims=final.claims,
        kinds=(*segments, *circuits),
        starks=(_stark(final.proof, role.value, 1, final_kind(), circuits[-1].parameters),),
        own_sizes=_own_sizes(data, FINAL_WORDS, final.nonces, (final.proof,)),
    )


_CONTAINERS: Mapping[bytes, Callable[[bytes], Inspection]] = {JOB_MAGIC: _composite, FINAL_MAGIC: _final}


def _own_sizes(data: bytes, words: int, nonces: Sequence[int], starks: Sequence[bytes]) -> Sizes:
    """Bytes by part of a container without its STARKs; `words` frame it, beside magic and lengths."""
    framing, own_nonces = len(JOB_MAGIC) + WORD_BYTES * (words + len(starks)), _bytes(nonces)
    statement = len(data) - framing - own_nonces - sum(map(len, starks))
    return {"statement": statement, "nonces": own_nonces, "framing": framing}


def _inspected_segments(log_size: int, parameters: SecurityParameters) -> tuple[InspectedKind, ...]:
    """The kinds of a job's segments, which meet on the global buses."""
    kinds = [kind.of_job(log_size) for kind in KINDS]
    return tuple(
        InspectedKind(kind.name, kind.log_size, parameters, report(summarise(kind, kinds), parameters))
        for kind in kinds
    )


def _inspected_circuit(name: str, kind: Kind, level: int, role: CircuitRole) -> InspectedKind:
    """A circuit that verifies what comes before it."""
    parameters = circuit_parameters(level, role)
    soundness = replace(report(summarise(kind, (kind,)), parameters), kind=name)
    return InspectedKind(name, kind.log_size, parameters, soundness)


def _stark(data: bytes, name: str, number: int, kind: Kind, parameters: SecurityParameters) -> InspectedStark:
    proof = decode(data, any_key(kind, parameters))
    heights = dict(zip((air.name for air in kind.airs), proof.log_heights, strict=True))
    return InspectedStark(name, number, heights, stark_sizes(proof, kind))


def _opening_bytes(opening: TreeOpening) -> int:
    return _bytes(opening.rows, opening.siblings)


def _bytes(*arrays: npt.ArrayLike) -> int:
    """Bytes of the elements of arrays, each one word."""
    return WORD_BYTES * sum(np.size(array) for array in arrays)
