"""Keys as data: their digest in a circuit is the key's own, and every part of them enters it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.stark.toy import WEAK, toy_fixed, toy_kind
from zisk.field.koalabear import P
from zisk.hash.sponge import DIGEST_LENGTH
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import CircuitError, WitnessError
from zisk.recursion.hashing import hinted_elements
from zisk.recursion.keys import constant_key, hinted_key, key_hints
from zisk.recursion.shapes import INNER_LOG_HEIGHTS, inner_kind
from zisk.recursion.witness import execute
from zisk.stark.key import FREE_HEIGHT, VerifyingKey
from zisk.stark.kind import Kind
from zisk.stark.parameters import CircuitRole, SecurityParameters, circuit_parameters, parameters_for
from zisk.vm.kinds import core_kind, edges_kind

KEY = toy_fixed(toy_kind()).key
HEIGHTS = (2, 5, 5)


def digesting(
    kind: Kind, parameters: SecurityParameters, log_heights: tuple[int, ...] | None = None
) -> Circuit:
    """A circuit whose public values are the digest of a key."""
    circuit = Circuit(DIGEST_LENGTH)
    key = hinted_key(circuit, kind, parameters, log_heights)
    for said, computed in zip(circuit.publics, key.digest, strict=True):
        circuit.assert_equal(said, computed)
    return circuit


def some_key(kind: Kind, parameters: SecurityParameters, log_heights: tuple[int, ...]) -> VerifyingKey:
    """A key with any cap."""
    cap = np.random.default_rng(3).integers(0, P, (1 << parameters.cap_log, DIGEST_LENGTH)).tolist()
    fixed = tuple(
        height if air.preprocessed_width else FREE_HEIGHT
        for air, height in zip(kind.airs, log_heights, strict=True)
    )
    return VerifyingKey(kind, parameters, tuple(tuple(digest) for digest in cap), fixed)


@pytest.mark.parametrize("kind", [core_kind(16), core_kind(22), edges_kind()], ids=["16", "22", "edges"])
@pytest.mark.parametrize("level", [100, 128])
def test_digests_of_segment_keys_are_the_keys_own(kind: Kind, level: int) -> None:
    heights = tuple(max(table.max_log_height - 1, 0) for table in kind.tables)
    key = some_key(kind, parameters_for(level), heights)
    execute(digesting(kind, key.parameters), key.digest, key_hints(key, heights))


def test_digests_of_circuit_keys_are_the_keys_own() -> None:
    """Their heights are the circuit's constants."""
    parameters = circuit_parameters(128, CircuitRole.INNER)
    key = some_key(inner_kind(), parameters, INNER_LOG_HEIGHTS)
    execute(digesting(key.kind, parameters, INNER_LOG_HEIGHTS), key.digest, key_hints(key))
    other = (*INNER_LOG_HEIGHTS[:-1], INNER_LOG_HEIGHTS[-1] - 1)
    with pytest.raises(WitnessError):
        execute(digesting(key.kind, parameters, other), key.digest, key_hints(key))


def test_every_element_of_the_cap_matters() -> None:
    circuit, hints = digesting(KEY.kind, WEAK), key_hints(KEY, HEIGHTS)
    execute(circuit, KEY.digest, hints)
    first = len(hints) - (DIGEST_LENGTH << WEAK.cap_log)
    for place in range(first, len(hints), 11):
        with pytest.raises(WitnessError):
            execute(circuit, KEY.digest, [(one + (k == place)) % P for k, one in enumerate(hints)])


def test_only_the_heights_of_preprocessed_tables_are_in_the_digest() -> None:
    """The first two tables' are the prover's to claim, the third's is the key's."""
    circuit = digesting(KEY.kind, WEAK)
    for heights in ((0, 0, 5), (4, 8, 5)):
        execute(circuit, KEY.digest, key_hints(KEY, heights))
    for height in (0, 4):
        with pytest.raises(WitnessError):
            execute(circuit, KEY.digest, key_hints(KEY, (2, 5, height)))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param((dataclasses.replace(KEY.kind, number=2), WEAK), id="kind"),
        pytest.param((KEY.kind, dataclasses.replace(WEAK, level=100)), id="level"),
        pytest.param((dataclasses.replace(KEY.kind, log_size=9), WEAK), id="size"),
    ],
)
def test_another_kind_level_or_size_has_another_digest(other: tuple[Kind, SecurityParameters]) -> None:
    with pytest.raises(WitnessError):
        execute(digesting(*other), KEY.digest, key_hints(KEY, HEIGHTS))
    key = dataclasses.replace(KEY, kind=other[0], parameters=other[1])
    execute(digesting(*other), key.digest, key_hints(key, HEIGHTS))


def test_a_key_that_is_fixed_has_its_digest_as_constants() -> None:
    circuit = Circuit(DIGEST_LENGTH)
    key = constant_key(circuit, KEY, HEIGHTS)
    for said, constant in zip(circuit.publics, key.digest, strict=True):
        circuit.assert_equal(said, constant)
    execute(circuit, KEY.digest)
    assert [height.options for height in key.heights] == [(2,), (5,), (5,)]
    assert circuit.cap_size(key.cap) == len(KEY.cap)


def test_a_kind_without_preprocessed_columns_has_no_key_as_data() -> None:
    kind = dataclasses.replace(toy_kind(), tables=toy_kind().tables[:1], terms=(), sponges=())
    circuit = Circuit()
    hinted_elements(circuit, 1)
    with pytest.raises(CircuitError, match="is no data"):
        hinted_key(circuit, kind, WEAK)
