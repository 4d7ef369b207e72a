"""What a session makes of its segment proofs: payloads of its units, for whoever aggregates the job."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from zisk.proof_format.statement import GlobalChallenge
from zisk.proof_format.units import segments_of_units, unit_of_segment
from zisk.prover.fold_tree import fold_tree
from zisk.prover.folded_parts import FoldedPart, encode_parts
from zisk.prover.folding import Folder
from zisk.prover.unit_proof import encode_unit_proof


class Delivery(Protocol):
    """Takes segment proofs in, in any order."""

    def phase(self, positions: Collection[int]) -> AbstractContextManager[None]:
        """Tell the progress of what is done with the proofs of these segments, until the context ends."""
        ...

    def add(self, position: int, proof: bytes) -> None:
        """Take the proof of the segment at a position of the job-wide order."""
        ...

    def payloads(self, units: Sequence[int]) -> list[bytes]:
        """What each of these units delivers, once all their segments are in."""
        ...


class SegmentDelivery:
    """Delivers the segment proofs themselves."""

    def __init__(self, challenge: GlobalChallenge) -> None:
        self._shares = segments_of_units(challenge.claims.segments, challenge.units)
        self._proofs: dict[int, bytes] = {}

    def phase(self, positions: Collection[int]) -> AbstractContextManager[None]:
        """Tell nothing: nothing is done with them."""
        del positions
        return nullcontext()

    def add(self, position: int, proof: bytes) -> None:
        """Keep a segment proof."""
        self._proofs[position] = proof

    def payloads(self, units: Sequence[int]) -> list[bytes]:
        """The segment proofs of each unit."""
        return [
            encode_unit_proof(unit, [self._proofs[position] for position in self._shares[unit]])
            for unit in units
        ]


class FoldedDelivery:
    """Folds segment proofs as they come, and delivers what has no sibling here.

    A subtree may span several units: it is delivered by the one that holds its first segment.
    """

    def __init__(self, folder: Folder, challenge: GlobalChallenge) -> None:
        self._folder, self._units = folder, challenge.units
        self._positions = fold_tree(challenge.claims.segments, challenge.units).positions

    def phase(self, positions: Collection[int]) -> AbstractContextManager[None]:
        """Tell of every fold."""
        return self._folder.folding_segments(positions)

    def add(self, position: int, proof: bytes) -> None:
        """Fold a segment proof."""
        self._folder.add_segment(position, proof)

    def payloads(self, units: Sequence[int]) -> list[bytes]:
        """The folded parts that begin in each unit."""
        parts: dict[int, list[FoldedPart]] = {unit: [] for unit in units}
        for part in self._folder.parts:
            parts[unit_of_segment(self._positions[part.span[0]], self._units)].append(part)
        return [encode_parts(unit, parts[unit]) for unit in units]
