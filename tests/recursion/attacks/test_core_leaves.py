"""Leaves over core segments: a key, a program, a job or a share in it other than what the leaf says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from tests.recursion.attacks.machine import (
    ProvedSegment,
    core_fixed,
    core_kind,
    core_leaf,
    core_segment,
    places,
    program,
    proved,
    with_core_key,
)
from tests.recursion.attacks.weak import accepted, refused, without
from tests.stark.attacks.kinds import PLAIN
from tests.stark.toy import BACKEND, JOB, LOG_SIZE
from zisk.field import quintic
from zisk.field.koalabear import P
from zisk.hash.sponge import hash_elements as native_digest
from zisk.hash.tags import TAG_CONTRIBUTION
from zisk.recursion import keys, leaf
from zisk.recursion.circuit import Circuit
from zisk.recursion.hashing import hash_elements
from zisk.recursion.interface import Interface
from zisk.recursion.keys import KeyWires
from zisk.recursion.memory import Wire
from zisk.recursion.segment_circuit import Statement, VerifiedWires, verify_in_circuit
from zisk.stark.challenges import BusChallenge
from zisk.stark.commitment import fix_tables
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import VerifyingKey
from zisk.stark.parameters import SecurityParameters
from zisk.stark.prove import commit_segment
from zisk.stark.transcript_order import JobChallenge
from zisk.stark.verify import check_segment
from zisk.vm.memory_map import HALTED

OTHER_LEVEL = dataclasses.replace(PLAIN, level=100)


@pytest.fixture(scope="module")
def circuit() -> Circuit:
    return core_leaf()


@pytest.fixture(scope="module")
def honest() -> ProvedSegment:
    return proved(core_segment(1, 0, 5))


def values(interface: Interface[int], **changed: Any) -> tuple[int, ...]:
    return dataclasses.replace(interface, **changed).values


def test_a_true_segment_has_a_leaf(circuit: Circuit, honest: ProvedSegment) -> None:
    accepted(circuit, honest.interface().values, honest.core_hints())


# The key.


@pytest.mark.parametrize(
    ("rotation", "parameters"),
    [pytest.param(40, PLAIN, id="another table"), pytest.param(0, OTHER_LEVEL, id="100 bits")],
)
def test_a_key_that_the_program_does_not_name_is_refused(
    circuit: Circuit, rotation: int, parameters: SecurityParameters
) -> None:
    """The segment is proved under a key of the prover's own."""
    segment = proved(core_segment(1, 0, 5, fixed=core_fixed(rotation, parameters)))
    refused(circuit, segment.interface().values, segment.core_hints())
    with without("_state_program"):
        trusting = core_leaf(core_kind(), parameters)
    accepted(trusting, segment.interface().values, segment.core_hints())


def test_a_segment_of_100_bits_in_a_leaf_of_128_is_refused(circuit: Circuit) -> None:
    """Even for a program that names its key: the leaf hashes 128 into key and program digest."""
    key = core_fixed(0, OTHER_LEVEL)
    parts = with_core_key(key.key.digest)
    segment = proved(core_segment(1, 0, 5, fixed=key, digest=parts.digest))
    refused(circuit, segment.interface(parts).values, segment.core_hints(parts))
    with without("_state_program"):
        trusting = core_leaf()
    refused(trusting, segment.interface(parts).values, segment.core_hints(parts))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"log_size": LOG_SIZE + 1}, id="another size"),
        pytest.param({"level": 100}, id="another level"),
        pytest.param({"keys": with_core_key(core_fixed(40).key.digest).keys}, id="another core key"),
    ],
)
def test_a_program_of_another_size_level_or_key_is_refused(circuit: Circuit, change: dict[str, Any]) -> None:
    """The segment absorbs that program's digest, so the digest's parts are all that is wrong."""
    parts = dataclasses.replace(program(), **change)
    segment = proved(core_segment(1, 0, 5, digest=parts.digest))
    refused(circuit, segment.interface(parts).values, segment.core_hints(parts))
    with without("_state_program"):
        trusting = core_leaf()
    accepted(trusting, segment.interface(parts).values, segment.core_hints(parts))


def test_a_leaf_of_another_size_is_refused() -> None:
    """The program is of the leaf's size, the leaf of the next: a segment of that size is proved under it."""
    size = LOG_SIZE + 1
    fixed = core_fixed(log_size=size)
    segment = proved(core_segment(1, 0, 5, fixed=fixed))
    publics, hints = segment.interface().values, segment.core_hints()
    refused(core_leaf(core_kind(size), PLAIN), publics, hints)
    with without("_state_program"):
        trusting = core_leaf(core_kind(size), PLAIN)
    accepted(trusting, publics, hints)


# Heights.


def test_another_height_of_a_preprocessed_table_is_refused(circuit: Circuit) -> None:
    """Two equal halves have the tree of one half: the caps agree, and only the digest has the height."""
    halves = np.concatenate([places(0, 32)] * 2, axis=1)
    whole, half = (
        fix_tables(core_kind(), PLAIN, [None, table], BACKEND) for table in (halves, places(0, 32))
    )
    assert whole.key.cap == half.key.cap
    parts = with_core_key(whole.key.digest)
    half = dataclasses.replace(half, key=claiming(half.key, whole.key))
    committed = core_segment(1, 0, 5)
    traces = [committed.traces[0], committed.traces[1][:, :32]]
    segment = proved(commit_segment(half, traces, committed.publics, parts.digest, BACKEND))
    publics, hints = segment.interface(parts).values, segment.core_hints(parts)
    refused(circuit, publics, hints)
    with patch.object(keys, "hash_elements", digest_of(whole.key)):
        trusting = core_leaf()
    accepted(trusting, publics, hints)


def claiming(key: VerifyingKey, other: VerifyingKey) -> VerifyingKey:
    """A key that goes by the digest of another."""
    copy = dataclasses.replace(key)
    copy.__dict__["digest"] = other.digest
    return copy


def digest_of(key: VerifyingKey) -> Callable[..., list[Wire]]:
    """In place of the hash of a key: one over the heights of this key, whatever is claimed."""

    def hash_with_heights(circuit: Circuit, tag: int, elements: Sequence[Wire]) -> list[Wire]:
        heights = [circuit.constant(height + 1) for height in key.fixed_log_heights]
        return hash_elements(circuit, tag, [*elements[:5], *heights, *elements[5 + len(heights) :]])

    return hash_with_heights


@pytest.mark.parametrize(
    "flags",
    [
        pytest.param((0, 0, 0, 1, 1, 0, 0, 0, 0), id="two"),
        pytest.param((0,) * 9, id="none"),
        pytest.param((0, 0, 0, 2, 0, 0, 0, 0, 0), id="one that is 2"),
        pytest.param((0, 0, 1, P - 1, 1, 0, 0, 0, 0), id="one that is -1"),
        pytest.param((0, 0, 1, 0, 0, 0, 0, 0, 0), id="a smaller height"),
        pytest.param((0, 0, 0, 0, 1, 0, 0, 0, 0), id="a greater height"),
    ],
)
def test_flags_that_are_no_height_or_another_are_refused(
    circuit: Circuit, honest: ProvedSegment, flags: tuple[int, ...]
) -> None:
    hints = honest.core_hints()
    assert hints.values[:9] == [0, 0, 0, 1, 0, 0, 0, 0, 0]
    forged = dataclasses.replace(hints, values=[*flags, *hints.values[9:]])
    refused(circuit, honest.interface().values, forged)


# What the leaf says of its segment.


def test_a_segment_with_another_main_cap_than_contributed_is_refused(
    circuit: Circuit, honest: ProvedSegment
) -> None:
    """The same public values, and the challenge bound the honest leaf."""
    other = proved(core_segment(1, 0, 5, padding=9))
    assert other.leaf != honest.leaf
    publics = values(other.interface(), digest=honest.leaf)
    refused(circuit, publics, other.core_hints())
    accepted(saying(leaf=lambda circuit, said: said.digest), publics, other.core_hints())


def test_a_node_digest_offered_as_that_of_a_leaf_is_refused(circuit: Circuit, honest: ProvedSegment) -> None:
    """One leaf would stand for a subtree of the contributions."""
    digest = native_digest(TAG_CONTRIBUTION, [*honest.leaf, *honest.leaf])
    publics = values(honest.interface(), digest=digest)
    refused(circuit, publics, honest.core_hints())
    accepted(saying(leaf=lambda circuit, said: said.digest), publics, honest.core_hints())


@pytest.mark.parametrize("coefficient", range(5))
def test_another_global_sum_is_refused(circuit: Circuit, honest: ProvedSegment, coefficient: int) -> None:
    """What a prover would do who moves a part of the sum to another segment."""
    total = honest.interface().total
    moved = tuple((one + (k == coefficient)) % P for k, one in enumerate(total))
    publics = values(honest.interface(), total=moved)
    refused(circuit, publics, honest.core_hints())
    accepted(saying(global_sum=extension), publics, honest.core_hints())


def extension(circuit: Circuit, said: Interface[Wire]) -> Wire:
    wire = circuit.wire()
    circuit.elements(wires=said.total, groups=[wire])
    return wire


@pytest.mark.parametrize("step", [1, -1, 1 << 29])
def test_another_weight_is_refused(circuit: Circuit, honest: ProvedSegment, step: int) -> None:
    publics = values(honest.interface(), weight=(honest.interface().weight + step) % P)
    refused(circuit, publics, honest.core_hints())
    accepted(saying(weight=lambda circuit, said: said.weight), publics, honest.core_hints())


@pytest.mark.parametrize("count", [0, 2, P - 1])
def test_another_count_is_refused(circuit: Circuit, honest: ProvedSegment, count: int) -> None:
    publics = values(honest.interface(), count=count)
    refused(circuit, publics, honest.core_hints())
    with without("_verify"):
        trusting = core_leaf()
    accepted(trusting, publics, honest.core_hints())


def saying(**parts: Callable[[Circuit, Interface[Wire]], Any]) -> Circuit:
    """The leaf with parts of what a segment shows taken from what the leaf says."""

    def lenient(circuit: Circuit, key: KeyWires, statement: Statement) -> VerifiedWires:
        said = Interface.split(circuit.publics)
        shown = verify_in_circuit(circuit, key, statement)
        return dataclasses.replace(shown, **{name: part(circuit, said) for name, part in parts.items()})

    with patch.object(leaf, "verify_in_circuit", lenient):
        return core_leaf()


# The job.


@pytest.mark.parametrize(
    "job",
    [
        pytest.param(JobChallenge(tuple(range(12, 21)), JOB.bus), id="binding"),
        pytest.param(JobChallenge(JOB.binding, BusChallenge(JOB.bus.beta, JOB.bus.beta)), id="alpha"),
        pytest.param(JobChallenge(JOB.binding, BusChallenge(JOB.bus.alpha, JOB.bus.alpha)), id="beta"),
    ],
)
def test_a_segment_of_another_job_is_refused(circuit: Circuit, job: JobChallenge) -> None:
    """The leaf says this job, the segment is proved under another challenge."""
    segment = proved(core_segment(1, 0, 5), job)
    said = values(
        segment.interface(), binding=JOB.binding, alpha=tuple(JOB.bus.alpha), beta=tuple(JOB.bus.beta)
    )
    refused(circuit, said, segment.core_hints())
    accepted(under(job), said, segment.core_hints())


def under(job: JobChallenge) -> Circuit:
    """The leaf that verifies under this challenge, whatever it says."""

    def lenient(circuit: Circuit, key: KeyWires, statement: Statement) -> VerifiedWires:
        binding, alpha, beta = (
            [circuit.constant(one) for one in part] for part in (job.binding, job.bus.alpha, job.bus.beta)
        )
        changed = dataclasses.replace(statement, binding=binding, alpha=alpha, beta=beta)
        return verify_in_circuit(circuit, key, changed)

    with patch.object(leaf, "verify_in_circuit", lenient):
        return core_leaf()


# Public values and challenges.


@pytest.mark.parametrize(
    ("index", "pc_in"),
    [
        pytest.param(1 << 24, 0, id="index 2^24"),
        pytest.param(0, 0, id="index 0"),
        pytest.param(1, HALTED, id="starts after the halt"),
    ],
)
def test_a_segment_that_does_not_meet_its_requirements_is_refused(
    circuit: Circuit, index: int, pc_in: int
) -> None:
    """The proof lacks nothing else."""
    segment = proved(core_segment(index, pc_in, 5))
    with pytest.raises(VerificationError) as caught:
        check_segment(segment.proof, segment.key, program().digest, JOB)
    assert caught.value.reason is Rejection.STATEMENT
    publics, hints = segment.interface().values, segment.core_hints()
    refused(circuit, publics, hints)
    lenient = dataclasses.replace(core_kind(), requirements=())
    accepted(core_leaf(lenient, PLAIN), publics, hints)


@pytest.mark.parametrize("place", range(5))
def test_another_gamma_is_refused(circuit: Circuit, honest: ProvedSegment, place: int) -> None:
    hints = honest.core_hints()
    other = quintic.element((one + (k == place)) % P for k, one in enumerate(hints.gamma))
    refused(circuit, honest.interface().values, dataclasses.replace(hints, gamma=other))
