"""The leaves of the real kinds, over a run of the fibonacci guest at size 16 with few queries."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.recursion.attacks.machine import ProvedSegment
from tests.recursion.attacks.weak import accepted, refused, without
from zisk.field.koalabear import P
from zisk.hash.sponge import DIGEST_LENGTH
from zisk.proof_format.program_key import ProgramKey
from zisk.prover import ProofForm, ProvingSession, global_challenge, setup
from zisk.prover.unit_proof import decode_unit_proof
from zisk.recursion.circuit import Circuit
from zisk.recursion.heights import height_hints
from zisk.recursion.interface import INTERFACE_LENGTH
from zisk.recursion.keys import key_hints
from zisk.recursion.leaf import record_leaf
from zisk.recursion.paths import path_hints
from zisk.recursion.program_parts import LOG_CHUNKS
from zisk.recursion.segment_hints import SegmentHints
from zisk.stark import parameters
from zisk.stark.parameters import SecurityParameters
from zisk.stark.proof import decode
from zisk.vm.kinds import KINDS
from zisk.vm.kinds.core import KIND as CORE
from zisk.vm.kinds.edges import KIND as EDGES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

GUEST = Path(__file__).parents[3] / "examples" / "fibonacci"
FEW = SecurityParameters(level=128, queries=4, query_grinding_bits=0)
KEYS = slice(28, 37)
"""Where the root of the allowed keys stands among the public values."""


@dataclasses.dataclass(frozen=True)
class RealLeaf:
    """A leaf circuit with what it is executed with."""

    segment: ProvedSegment
    circuit: Circuit
    publics: tuple[int, ...]
    hints: SegmentHints
    key: ProgramKey

    def changed(self, place: int, value: int | None = None) -> SegmentHints:
        """The hints with another one at a place: by default one more."""
        given = list(self.hints.values)
        given[place] = (given[place] + 1) % P if value is None else value
        return dataclasses.replace(self.hints, values=given)


def proofs() -> tuple[ProgramKey, ProvedSegment, ProvedSegment]:
    """A core and an edges segment of one job."""
    program = setup((GUEST / "fibonacci.elf").read_bytes(), log_size=16)
    data = (GUEST / "inputs" / "90.bin").read_bytes()
    session = ProvingSession(program, data, units=1, allocation=[0], form=ProofForm.COMPOSITE)
    challenge = global_challenge(program, [session.contributions()])
    (unit,) = session.prove(challenge)
    key = program.program_key
    found = []
    for one, data, leaf in zip(
        [key.key_of(kind, 0) for kind in KINDS], decode_unit_proof(unit)[1], challenge.leaves, strict=True
    ):
        found.append(ProvedSegment(one, decode(data, one), leaf, challenge.job))
    return key, found[0], found[1]


@pytest.fixture(scope="module")
def leaves() -> Iterator[dict[str, RealLeaf]]:
    with patch.dict(parameters._LEVELS, {128: FEW}):
        key, core, edges = proofs()
        parts = key.parts
        yield {
            "core": RealLeaf(
                core,
                record_leaf(CORE, KINDS, CORE.of_job(16), FEW),
                core.interface(parts).values,
                core.core_hints(parts),
                key,
            ),
            "edges": RealLeaf(
                edges,
                record_leaf(EDGES, KINDS, EDGES.of_job(16), FEW),
                edges.interface(parts).values,
                edges.edges_hints(parts),
                key,
            ),
        }


@pytest.fixture(params=["core", "edges"])
def leaf(request: pytest.FixtureRequest, leaves: dict[str, RealLeaf]) -> RealLeaf:
    return leaves[request.param]


def test_the_segments_of_a_real_job_have_leaves(leaf: RealLeaf) -> None:
    accepted(leaf.circuit, leaf.publics, leaf.hints)


def test_every_other_public_value_of_a_real_leaf_is_refused(leaf: RealLeaf) -> None:
    for place in {*range(INTERFACE_LENGTH)} - {*range(KEYS.start, KEYS.stop)}:
        lie = [(one + (k == place)) % P for k, one in enumerate(leaf.publics)]
        refused(leaf.circuit, lie, leaf.hints)


def test_every_part_of_the_program_of_a_real_leaf_is_refused_if_changed(leaf: RealLeaf) -> None:
    """The hints between key and proof: parts of the program, the opened chunk, and public values."""
    start = len(key_hints(leaf.segment.key, leaf.segment.proof.log_heights))
    is_core = leaf.segment.key is leaf.key.key_of(CORE, 0)
    parts = 2 + 2 * DIGEST_LENGTH
    if not is_core:
        parts = 3 + 3 * DIGEST_LENGTH + 2 + LOG_CHUNKS * (1 + DIGEST_LENGTH)
    for place in range(start, start + parts + len(leaf.segment.key.kind.public_names)):
        refused(leaf.circuit, leaf.publics, leaf.changed(place))


def test_every_other_height_of_a_real_table_is_refused(leaf: RealLeaf) -> None:
    """One higher or lower, with flags that are consistent."""
    kind, heights = leaf.segment.key.kind, leaf.segment.proof.log_heights
    flags = len(height_hints(kind, heights))
    for table, shape in enumerate(kind.tables):
        for height in {heights[table] - 1, heights[table] + 1} & {*range(shape.max_log_height + 1)}:
            others = [*heights]
            others[table] = height
            values = [*height_hints(kind, others), *leaf.hints.values[flags:]]
            refused(leaf.circuit, leaf.publics, dataclasses.replace(leaf.hints, values=values))


def test_a_real_chunk_under_another_number_is_refused(leaves: dict[str, RealLeaf]) -> None:
    """The first chunk's segment, said to be opened at the second place, or to be beyond the tree."""
    leaf, tree = leaves["edges"], leaves["edges"].key.parts.keys[EDGES.number].tree
    start = len(key_hints(leaf.segment.key, leaf.segment.proof.log_heights)) + 3 + 3 * DIGEST_LENGTH
    assert leaf.hints.values[start : start + 2] == [0, 0]
    refused(leaf.circuit, leaf.publics, leaf.changed(start, 1))
    path = path_hints(tree, 1)
    values = [*leaf.hints.values]
    values[start + 1 : start + 2 + len(path)] = [1, *path]
    refused(leaf.circuit, leaf.publics, dataclasses.replace(leaf.hints, values=values))


def test_a_real_leaf_of_another_program_is_refused(leaves: dict[str, RealLeaf]) -> None:
    """A leaf that does not state the program's digest takes any entry."""
    leaf = leaves["core"]
    entry = len(key_hints(leaf.segment.key, leaf.segment.proof.log_heights))
    refused(leaf.circuit, leaf.publics, leaf.changed(entry))
    with without("_state_program"):
        trusting = record_leaf(CORE, KINDS, CORE.of_job(16), FEW)
    accepted(trusting, leaf.publics, leaf.changed(entry))
