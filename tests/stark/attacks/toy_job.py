"""A machine of one instruction, so that jobs of several segments are proved in a moment.

A core segment counts: every step takes pc to pc + 1, until the step at pc 20 halts with exit code 20. The one
edges segment that is asked to puts out 64 words, word i being 3 i. Public values and terms are the machine's.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

import numpy as np

from tests.claims import claims_with
from tests.stark.attacks.kinds import PLAIN
from tests.stark.toy import BACKEND, LOG_SIZE, PROGRAM
from zisk.field.koalabear import to_montgomery
from zisk.proof_format.job_proof import JobProof
from zisk.proof_format.program_key import ProgramKey
from zisk.proof_format.statement import Claims, derive_challenge
from zisk.proof_format.units import contribution_root, segments_of_units
from zisk.prover.contribution import Contribution, UnitContribution
from zisk.recursion.shipped import shipped_keys
from zisk.stark.air import Builder, build_air
from zisk.stark.commitment import FixedTables, fix_tables
from zisk.stark.key import VerifyingKey
from zisk.stark.kind import Kind, TableShape
from zisk.stark.parameters import parameters_for
from zisk.stark.proof import encode
from zisk.stark.prove import CommittedSegment, commit_segment, prove_segment
from zisk.stark.transcript_order import JobChallenge, SearchedWork
from zisk.verifier.verify import Outcome, verify_job
from zisk.vm.kinds import CORE_PUBLICS, CORE_TERMS, EDGES_PUBLICS, EDGES_TERMS, core_requirements
from zisk.vm.kinds.core import KIND as CORE
from zisk.vm.memory_map import HALTED
from zisk.vm.segment_kind import SegmentKind
from zisk.vm.tables.buses import EXIT, OUTPUT, STATE

LAST_PC = 20
LEVEL = 128
CUTS = (5, 14, 21)
"""Steps after which the honest run is cut."""

OUTPUTS = tuple(3 * place for place in range(64))
CLAIMS = Claims(exit_code=LAST_PC, outputs=OUTPUTS, counts=(len(CUTS), 1), kind_claims=(77,))


def _count(b: Builder) -> None:
    active, halts = b.flag("active"), b.flag("halts")
    pc, following, ts = b.column("pc"), b.column("next"), b.column("ts")
    b.zero("counts", (1 - halts) * (following - pc - 1))
    b.zero("halts at the end", halts * (following - HALTED))
    b.zero("ends", halts * (pc - LAST_PC))
    b.zero("only active rows halt", halts * (1 - active))
    b.receive(STATE, [pc, ts], active)
    b.send(STATE, [following, ts + 4], active)
    b.send(EXIT, [pc, 0, 0, 0], halts)


def _put_out(b: Builder) -> None:
    place, used = b.preprocessed("place"), b.flag("used")
    b.send(OUTPUT, [place, 3 * place, 0], used)


@cache
def core_fixed() -> FixedTables:
    """Set-up of core segments."""
    kind = Kind(
        "toy core",
        101,
        LOG_SIZE,
        (TableShape(build_air("count", _count), LOG_SIZE),),
        CORE_PUBLICS,
        CORE_TERMS,
        core_requirements(LOG_SIZE),
    )
    return fix_tables(kind, PLAIN, [None], BACKEND)


@cache
def edges_fixed() -> FixedTables:
    """Set-up of edges segments."""
    tables = (TableShape(build_air("put out", _put_out), 6),)
    kind = Kind("toy edges", 102, LOG_SIZE, tables, EDGES_PUBLICS, EDGES_TERMS)
    return fix_tables(kind, PLAIN, [to_montgomery(np.arange(64, dtype=np.uint64)[None])], BACKEND)


@dataclass(frozen=True)
class ToyKey:
    """What `verify_job` asks of a program's key."""

    level: int = LEVEL
    log_size: int = LOG_SIZE
    entry: int = 0
    chunks: int = 0
    digest: tuple[int, ...] = PROGRAM

    def key_of(self, kind: SegmentKind, place: int) -> VerifyingKey:
        """Key of the segments of a kind."""
        return (core_fixed() if kind is CORE else edges_fixed()).key


KEY = cast(ProgramKey, ToyKey())


def core_segment(
    index: int, pc_in: int, steps: int, *, pc_out: int | None = None, end_ts: int | None = None
) -> CommittedSegment:
    """A core segment that counts `steps` times from `pc_in`, with the true public values unless given."""
    rows = 1 << max(0, (steps - 1).bit_length())
    trace = np.zeros((5, rows), dtype=np.uint64)
    pcs = pc_in + np.arange(steps, dtype=np.uint64)
    halts = pcs == LAST_PC
    nexts = np.where(halts, HALTED, pcs + 1)
    trace[:, :steps] = [np.ones(steps), halts, pcs, nexts, 1 + 4 * np.arange(steps)]
    trace[3, steps:] = 1
    publics = (
        index,
        pc_in,
        int(nexts[-1]) if pc_out is None else pc_out,
        1 + 4 * steps if end_ts is None else end_ts,
    )
    return commit_segment(core_fixed(), [to_montgomery(trace)], publics, PROGRAM, BACKEND)


def edges_segment(index: int = 1, previous: int = 0, last: int = 77, *, used: int = 1) -> CommittedSegment:
    """An edges segment that puts the words out, or does not."""
    trace = to_montgomery(np.full((1, 64), used, dtype=np.uint64))
    return commit_segment(edges_fixed(), [trace], (index, previous, last), PROGRAM, BACKEND)


@cache
def core_segments() -> tuple[CommittedSegment, ...]:
    """The core segments of the honest run."""
    starts = (0, *CUTS[:-1])
    return tuple(
        core_segment(index, start, end - start)
        for index, (start, end) in enumerate(zip(starts, CUTS, strict=True), start=1)
    )


def committed() -> tuple[CommittedSegment, ...]:
    """All segments of the honest run, in job-wide order."""
    return (*core_segments(), edges_segment())


def challenge_of(
    segments: Sequence[CommittedSegment], claims: Claims = CLAIMS, units: int = 3
) -> tuple[JobChallenge, tuple[int, ...]]:
    """The global challenge over these segments and claims, and its nonces."""
    work = SearchedWork(BACKEND)
    job = derive_challenge(
        program_digest=PROGRAM,
        level=LEVEL,
        log_size=LOG_SIZE,
        grinding_bits=parameters_for(LEVEL).global_grinding_bits,
        keys=shipped_keys(LEVEL).root,
        claims=claims,
        units=units,
        root=contribution_root([one.leaf for one in segments], units),
        count=len(segments),
        weight=sum(one.weight for one in segments),
        work=work,
    )
    return job, tuple(work.nonces)


def prove_all(segments: Sequence[CommittedSegment], job: JobChallenge) -> tuple[bytes, ...]:
    """The proofs of segments under one challenge."""
    return tuple(encode(prove_segment(one, job, BACKEND)) for one in segments)


def prove_job(segments: Sequence[CommittedSegment], claims: Claims = CLAIMS, units: int = 3) -> JobProof:
    """Prove a job as its segments and claims are, true or false."""
    job, nonces = challenge_of(segments, claims, units)
    return JobProof(PROGRAM, LEVEL, LOG_SIZE, units, claims, nonces, prove_all(segments, job))


def rebound(proof: JobProof, segments: Sequence[CommittedSegment], **changes) -> JobProof:
    """A proof with claims or units changed and a nonce for the new challenge, but the old segment proofs."""
    units = changes.pop("units", proof.units)
    claims = claims_with(proof.claims, **changes)
    return dataclasses.replace(
        proof, claims=claims, units=units, nonces=challenge_of(segments, claims, units)[1]
    )


def contribution(segments: Sequence[CommittedSegment], units: int, *chosen: int) -> Contribution:
    """What the chosen units contribute, all if none is chosen."""
    shares = segments_of_units(len(segments), units)
    return Contribution(
        PROGRAM,
        units,
        CLAIMS,
        {
            unit: UnitContribution(
                tuple(segments[place].leaf for place in shares[unit]),
                sum(segments[place].weight for place in shares[unit]),
            )
            for unit in chosen or range(units)
        },
    )


def verify(proof: JobProof) -> Outcome:
    """The real verifier of jobs, under the toy machine's key."""
    return verify_job(proof, KEY)
