"""Verifying keys in circuits: constants, or data that hashes to a digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zisk.hash.sponge import DIGEST_LENGTH
from zisk.hash.tags import TAG_KEY
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import CircuitError
from zisk.recursion.hashing import cap_of_digests, hash_elements, hinted_elements
from zisk.recursion.heights import Height, constant_heights, height_hints, hinted_heights
from zisk.recursion.memory import Wire
from zisk.stark.key import FORMAT_VERSION, VerifyingKey, flatten
from zisk.stark.kind import Kind
from zisk.stark.parameters import SecurityParameters


@dataclass(frozen=True)
class KeyWires:
    """A verifying key as a verifier in a circuit reads it.

    Attributes:
        kind, parameters: what the circuit is written down for.
        digest: nine elements of F.
        cap: the number of the preprocessed tree's cap; 0 if the kind has no such tree.
        heights: of all tables, those included that the prover claims.
    """

    kind: Kind
    parameters: SecurityParameters
    digest: Sequence[Wire]
    cap: int
    heights: Sequence[Height[Wire]]


def constant_key(circuit: Circuit, key: VerifyingKey, log_heights: Sequence[int]) -> KeyWires:
    """A key that the circuit itself fixes, with constant heights.

    Raises:
        CircuitError: the key does not allow these heights.
    """
    if not key.heights_allowed(log_heights):
        raise CircuitError(f"{key.kind.name}: the key does not allow heights {tuple(log_heights)}")
    digests = [[circuit.constant(element) for element in digest] for digest in key.cap]
    cap = cap_of_digests(circuit, digests) if digests else 0
    digest = [circuit.constant(element) for element in key.digest]
    return KeyWires(key.kind, key.parameters, digest, cap, constant_heights(log_heights))


def hinted_key(
    circuit: Circuit,
    kind: Kind,
    parameters: SecurityParameters,
    log_heights: Sequence[int] | None = None,
) -> KeyWires:
    """A key whose cap, and heights unless they are given, come from the hints: see `key_hints`.

    Its digest is computed; whoever uses it states where the digest comes from. Heights of tables with
    preprocessed columns are part of the digest, so one key allows one of each.

    Raises:
        CircuitError: the kind has no preprocessed tree.
    """
    if not kind.is_preprocessed:
        raise CircuitError(f"{kind.name}: a key without preprocessed columns is no data")
    given = None if log_heights is None else constant_heights(log_heights)
    heights = hinted_heights(circuit, kind) if given is None else given
    elements = hinted_elements(circuit, (1 << parameters.cap_log) * DIGEST_LENGTH)
    starts = range(0, len(elements), DIGEST_LENGTH)
    cap = cap_of_digests(circuit, [elements[at : at + DIGEST_LENGTH] for at in starts])
    head = [FORMAT_VERSION, kind.number, kind.log_size, parameters.level, len(kind.tables)]
    digest = hash_elements(
        circuit,
        TAG_KEY,
        [
            *(circuit.constant(element) for element in head),
            *(
                height.number(circuit, lambda option: option + 1) if air.preprocessed_width else circuit.zero
                for air, height in zip(kind.airs, heights, strict=True)
            ),
            *elements,
        ],
    )
    return KeyWires(kind, parameters, digest, cap, heights)


def key_hints(key: VerifyingKey, log_heights: Sequence[int] | None = None) -> list[int]:
    """The hints of a key; `log_heights`, those of the proof, where the circuit does not fix them."""
    heights = [] if log_heights is None else height_hints(key.kind, log_heights)
    return [*heights, *flatten(key.cap)]
