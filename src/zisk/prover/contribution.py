"""Phase one's result as bytes: the claims of a run and the leaf digests of some units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zisk.choices import MAXIMAL_UNITS
from zisk.kernels.backend import Backend
from zisk.kernels.default import default_backend
from zisk.proof_format.program_key import ProgramKey
from zisk.proof_format.statement import (
    Claims,
    GlobalChallenge,
    check_claims,
    derive_challenge,
    read_claims,
    write_claims,
)
from zisk.proof_format.units import contribution_root, segments_of_units
from zisk.proof_format.words import Reader, Writer
from zisk.prover.errors import ContributionError, JobTooLargeError
from zisk.recursion.shipped import shipped_keys
from zisk.stark.errors import VerificationError
from zisk.stark.key import Digest
from zisk.stark.kind import WEIGHT_LIMIT
from zisk.stark.parameters import parameters_for
from zisk.stark.transcript_order import SearchedWork

MAGIC = b"pzC1"
_UNIT_BYTES = 16
_LEAF_BYTES = 36


@dataclass(frozen=True, slots=True)
class UnitContribution:
    """What one unit committed to: its segments' leaf digests in job-wide order, and their weight."""

    leaves: tuple[Digest, ...]
    weight: int


@dataclass(frozen=True, slots=True)
class Contribution:
    """The claims of a run and the contributions of some units of the job."""

    program_digest: Digest
    units: int
    claims: Claims
    shares: Mapping[int, UnitContribution]


def encode_contribution(contribution: Contribution) -> bytes:
    """A contribution's canonical bytes."""
    writer = Writer(MAGIC)
    writer.digest(contribution.program_digest)
    writer.u32(contribution.units)
    write_claims(writer, contribution.claims)
    writer.u32(len(contribution.shares))
    for unit in sorted(contribution.shares):
        share = contribution.shares[unit]
        writer.u32(unit)
        writer.u64(share.weight)
        writer.u32(len(share.leaves))
        for leaf in share.leaves:
            writer.digest(leaf)
    return writer.finish()


def decode_contribution(data: bytes) -> Contribution:
    """Read a contribution.

    Raises:
        ContributionError: the bytes are no contribution.
    """
    reader = Reader(data, MAGIC, lambda why: ContributionError(f"this is no contribution: {why}"))
    digest, units, claims = reader.digest(), reader.u32(), read_claims(reader)
    shares, last = dict[int, UnitContribution](), 0
    for _ in range(reader.count(_UNIT_BYTES)):
        unit, weight = reader.u32(), reader.u64()
        leaves = tuple(reader.digest() for _ in range(reader.count(_LEAF_BYTES)))
        if unit in shares:
            raise ContributionError(f"unit {unit} contributes twice")
        if unit < last:
            raise ContributionError(f"unit {unit} does not stand in order")
        shares[unit], last = UnitContribution(leaves, weight), unit
    reader.end()
    return Contribution(digest, units, claims, shares)


def combine_contributions(
    key: ProgramKey, contributions: Sequence[bytes], backend: Backend | None = None
) -> GlobalChallenge:
    """The job's global challenge from the contributions of all its units, in any order.

    Raises:
        ContributionError: they contradict each other, claim what no run has, or a unit is missing or doubled.
        JobTooLargeError: the segments may put more messages on the global buses than one job can carry.
    """
    if not contributions:
        raise ContributionError("no contribution was given")
    decoded = [decode_contribution(data) for data in contributions]
    first = decoded[0]
    shares: dict[int, UnitContribution] = {}
    for one in decoded:
        if one.program_digest != key.digest:
            raise ContributionError("a contribution is for another program, size or security level")
        if (one.units, one.claims) != (first.units, first.claims):
            raise ContributionError("contributions disagree on the result of the run")
        twice = shares.keys() & one.shares.keys()
        if twice:
            raise ContributionError(f"unit {min(twice)} contributes twice")
        shares.update(one.shares)
    _check_numbers(first)
    expected = segments_of_units(first.claims.segments, first.units)
    leaves: list[Digest | None] = [None] * first.claims.segments
    if sorted(shares) != list(range(first.units)):
        missing = sorted(set(range(first.units)) ^ set(shares))
        raise ContributionError(f"units {missing} are missing or do not exist")
    for unit, positions in enumerate(expected):
        if len(shares[unit].leaves) != len(positions):
            raise ContributionError(
                f"unit {unit} contributes {len(shares[unit].leaves)} segments, it has {len(positions)}"
            )
        for position, leaf in zip(positions, shares[unit].leaves, strict=True):
            leaves[position] = leaf
    known = tuple(leaf for leaf in leaves if leaf is not None)
    weight = sum(share.weight for share in shares.values())
    if weight >= WEIGHT_LIMIT:
        raise JobTooLargeError("messages between segments", weight, WEIGHT_LIMIT - 1)
    bits = parameters_for(key.level).global_grinding_bits
    work = SearchedWork(backend or default_backend())
    job = derive_challenge(
        program_digest=key.digest,
        level=key.level,
        log_size=key.log_size,
        grinding_bits=bits,
        keys=shipped_keys(key.level).root,
        claims=first.claims,
        units=first.units,
        root=contribution_root(known, first.units),
        count=len(known),
        weight=weight,
        work=work,
    )
    return GlobalChallenge(first.claims, first.units, known, weight, tuple(work.nonces), job)


def _check_numbers(contribution: Contribution) -> None:
    """Refuse numbers of no job before anything is allocated by them: contributions come from workers."""
    claims, units = contribution.claims, contribution.units
    if not 1 <= units <= MAXIMAL_UNITS:
        raise ContributionError(f"no job has {units} units: it has 1 to {MAXIMAL_UNITS}")
    try:
        check_claims(claims)
    except VerificationError as error:
        counted = " and ".join(f"{count} {name}" for name, count in claims.counts_by_name.items())
        raise ContributionError(f"no job has {counted} segments like these: {error.detail}") from error
