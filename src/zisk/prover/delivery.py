"""What a session makes of its segment proofs: payloads of its units, for whoever aggregates the job."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from zisk.progress import NULL_PROGRESS, Progress
from zisk.proof_format.program_key import ProgramKey
from zisk.proof_format.statement import GlobalChallenge
from zisk.proof_format.units import segments_of_units, unit_places
from zisk.prover.fold_tree import Span, fold_tree
from zisk.prover.folded_parts import FoldedPart, encode_parts
from zisk.prover.folding import Folder
from zisk.prover.pieces import Keep, OnRefusal, held_segments
from zisk.prover.unit_proof import encode_unit_proof
from zisk.stages import NULL_STAGES, Stages


class Delivery(Protocol):
    """Takes segment proofs in, in any order."""

    def restore(
        self, stored: Mapping[Span, bytes], wanted: Collection[int], on_refusal: OnRefusal
    ) -> set[int]:
        """Take up what was kept of the segments at the `wanted` positions; returns those that it covers."""
        ...

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

    def __init__(
        self,
        key: ProgramKey,
        challenge: GlobalChallenge,
        *,
        keep: Keep | None = None,
        progress: Progress = NULL_PROGRESS,
        stages: Stages = NULL_STAGES,
    ) -> None:
        self._key, self._challenge, self._keep = key, challenge, keep
        self._progress, self._stages = progress, stages
        self._shares = segments_of_units(challenge.claims.segments, challenge.units)
        self._tree = fold_tree(challenge.claims.segments, challenge.units)
        self._places = {position: place for place, position in enumerate(self._tree.positions)}
        self._proofs: dict[int, bytes] = {}

    def restore(
        self, stored: Mapping[Span, bytes], wanted: Collection[int], on_refusal: OnRefusal
    ) -> set[int]:
        """Take up the segment proofs that hold."""
        found = held_segments(
            self._tree,
            self._key,
            self._challenge,
            stored,
            on_refusal=on_refusal,
            wanted=wanted,
            progress=self._progress,
            stages=self._stages,
        )
        self._proofs.update(found)
        return set(found)

    def phase(self, positions: Collection[int]) -> AbstractContextManager[None]:
        """Tell nothing: nothing is done with them."""
        del positions
        return nullcontext()

    def add(self, position: int, proof: bytes) -> None:
        """Keep a segment proof."""
        self._proofs[position] = proof
        if self._keep is not None:
            place = self._places[position]
            self._keep((place, place + 1), proof)

    def payloads(self, units: Sequence[int]) -> list[bytes]:
        """The segment proofs of each unit."""
        return [
            encode_unit_proof(unit, [self._proofs[position] for position in self._shares[unit]])
            for unit in units
        ]


class FoldedDelivery:
    """Folds segment proofs as they come, and delivers what has no sibling here.

    A subtree may span several units: it is delivered by the first of those that are asked for. A node that
    was kept may have segments of other sessions too, which then deliver it as well: whoever aggregates takes
    one of them.
    """

    def __init__(self, folder: Folder, challenge: GlobalChallenge) -> None:
        self._folder = folder
        places = unit_places(challenge.units)
        positions = fold_tree(challenge.claims.segments, challenge.units).positions
        self._unit_at = [places[position % challenge.units] for position in positions]

    def restore(
        self, stored: Mapping[Span, bytes], wanted: Collection[int], on_refusal: OnRefusal
    ) -> set[int]:
        """Take up the leaves and nodes that hold."""
        return self._folder.restore(stored, on_refusal, wanted).intersection(wanted)

    def phase(self, positions: Collection[int]) -> AbstractContextManager[None]:
        """Tell of every fold."""
        return self._folder.folding_segments(positions)

    def add(self, position: int, proof: bytes) -> None:
        """Fold a segment proof."""
        self._folder.add_segment(position, proof)

    def payloads(self, units: Sequence[int]) -> list[bytes]:
        """The folded parts that have segments of each unit, but none of one before it."""
        parts: dict[int, list[FoldedPart]] = {unit: [] for unit in units}
        for part in self._folder.parts:
            touched = self._unit_at[slice(*part.span)]
            parts[next(unit for unit in touched if unit in parts)].append(part)
        return [encode_parts(unit, parts[unit]) for unit in units]
