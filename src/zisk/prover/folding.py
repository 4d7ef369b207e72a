"""Folding a job: segment proofs become leaves, neighbours become nodes, and the root one small proof.

Every proof here is a function of what it verifies. So it does not matter who folds what, or in which order
the parts arrive.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import pairwise

from zisk.field import quintic
from zisk.field.koalabear import P
from zisk.field.quintic import Element
from zisk.hash.sponge import hash_elements
from zisk.hash.tags import TAG_CONTRIBUTION
from zisk.kernels.backend import Backend
from zisk.progress import NULL_PROGRESS, Advance, Progress
from zisk.proof_format.final_proof import FinalProof, encode_final_proof
from zisk.proof_format.program_key import ProgramKey
from zisk.proof_format.statement import GlobalChallenge
from zisk.prover.errors import UnitProofError
from zisk.prover.fold_tree import Span, fold_tree, is_inside, named
from zisk.prover.folded_parts import FoldedPart, decode_part, encode_part
from zisk.prover.pieces import Keep, OnRefusal, held_pieces
from zisk.recursion.circuits import CircuitSet
from zisk.recursion.interface import NO_JOB, NO_PROGRAM, Interface
from zisk.recursion.leaf import leaf_hints
from zisk.recursion.node import child_hints, final_hints, shrink_hints
from zisk.recursion.prepared import PreparedCircuit
from zisk.recursion.segment_hints import SegmentHints
from zisk.recursion.shipped import ShippedKeys, shipped_keys
from zisk.stages import NULL_STAGES, Stage, Stages
from zisk.stark.errors import VerificationError
from zisk.stark.key import Digest
from zisk.stark.proof import SegmentProof, decode, encode
from zisk.stark.verify import check_segment, global_sum
from zisk.vm.kinds import KINDS

FOLDING = (*(kind.leaf for kind in KINDS), Stage.NODE, Stage.CHECK, Stage.SHRINK, Stage.FINAL)
"""The layers of recursion, in the order of a job; no layer has another inside."""


class Folder:
    """Folds parts of a job as they come, in any order.

    Args:
        circuits: of the job's security level.
        key: of its program.
        challenge: the global challenge that its segments are proved under.
        shipped: the keys that its proofs must be folded with.
        keep: takes each leaf and each node that is made here.
    """

    def __init__(
        self,
        circuits: CircuitSet,
        key: ProgramKey,
        challenge: GlobalChallenge,
        backend: Backend,
        *,
        shipped: ShippedKeys | None = None,
        keep: Keep | None = None,
        progress: Progress = NULL_PROGRESS,
        stages: Stages = NULL_STAGES,
    ) -> None:
        self._circuits, self._key, self._challenge, self._backend = circuits, key, challenge, backend
        self._shipped = shipped_keys(key.level) if shipped is None else shipped
        self._keep = keep
        self._progress, self._stages = progress, stages
        self._advances: list[Advance] = []
        self._tree = fold_tree(challenge.claims.segments, challenge.units)
        self._places = {position: place for place, position in enumerate(self._tree.positions)}
        self._folded: dict[Span, FoldedPart] = {}
        self._digests: dict[Span, Digest] = {}

    @property
    def parts(self) -> list[FoldedPart]:
        """What is folded so far and has no sibling yet, in order."""
        return [self._folded[span] for span in sorted(self._folded)]

    def restore(
        self, stored: Mapping[Span, bytes], on_refusal: OnRefusal, wanted: Collection[int] | None = None
    ) -> set[int]:
        """Take up what was kept of the job and holds; returns the positions of the segments that it covers.

        With `wanted`, only what has one of these positions. Siblings are folded by `folding_segments`.
        """
        found = held_pieces(
            self._tree,
            stored,
            self._read,
            on_refusal=on_refusal,
            wanted=wanted,
            progress=self._progress,
            stages=self._stages,
        )
        self._folded.update(found)
        return {position for span in found for position in self._tree.positions[slice(*span)]}

    @contextmanager
    def folding_segments(self, positions: Collection[int]) -> Iterator[None]:
        """Tell the folds of these segments, and of the subtrees that they make up, as one phase.

        What was taken up and has its sibling is folded first.
        """
        places = [self._places[position] for position in positions]
        nodes = self._tree.folds([*self._folded, *((place, place + 1) for place in places)])
        with self._phase("fold", len(places) + nodes):
            for whole, halves in self._tree.halves.items():  # children come before their parents
                if all(half in self._folded for half in halves):
                    self._fold(whole)
            yield

    def add_segment(self, position: int, data: bytes) -> None:
        """Fold the proof of the segment at a position of the job-wide order: a true one, made here.

        Raises:
            WitnessError: it does not hold.
        """
        challenge = self._challenge
        kind, number = challenge.claims.located(position)
        key = self._key.key_of(kind, number)
        with self._setting_up():
            circuit = self._circuits.leaf(kind, self._key.log_size, self._progress)
        with self._stages.stage(kind.leaf):
            proof = decode(data, key)
            hints = leaf_hints(kind, proof, key, self._key.parts, challenge.job, self._key.digest)
            place = self._places[position]
            span = (place, place + 1)
            weight = key.kind.weight(proof.log_heights)
            interface = self._interface(span, weight, global_sum(proof, key.kind, challenge.job))
            folded = FoldedPart(span, circuit.key, self._prove(circuit, interface, [hints]))
        self._tell(folded)
        self._take(folded)

    def add(self, parts: Sequence[FoldedPart]) -> None:
        """Take parts of the job in, and fold them with their siblings that are there.

        One that lies within what is there is not needed, one that has what is there within it replaces that.

        Raises:
            UnitProofError: a part is no subtree of the job, lies within another of these, or does not hold.
        """
        for one, other in pairwise(sorted(part.span for part in parts)):
            if other[0] < one[1]:
                raise UnitProofError(f"{named(other)} are delivered twice")
        parts = [part for part in parts if not self._is_there(part.span)]
        folds = self._tree.folds([*self._folded, *(part.span for part in parts)])
        with self._phase("fold", folds):
            for part in parts:
                with self._stages.stage(Stage.CHECK):
                    self._check(part)
                self._take(part)

    def finish(self, *, compressed: bool = False) -> bytes:
        """The job's final proof.

        Raises:
            UnitProofError: a part of the job is missing.
        """
        root = self._folded.get(self._tree.root)
        if root is None:
            missing = sorted(self._tree.positions[place] for place in self._missing())
            raise UnitProofError(f"the proofs of segments {missing[:10]} are missing")
        circuits, progress = self._circuits, self._progress
        with self._phase("final proof", 2):
            with self._setting_up():
                shrink = circuits.shrink(progress)
                last = circuits.compressed(progress) if compressed else circuits.final(progress)
            with self._stages.stage(Stage.SHRINK):
                hints = shrink_hints(root.proof, root.key, self._shipped.tree)
                shrunk = self._prove(shrink, root.interface, [hints])
            with self._stages.stage(Stage.FINAL):
                hints = final_hints(shrunk, shrink.key)
                proof = self._prove(last, root.interface, [hints])
        return encode_final_proof(
            FinalProof(
                self._key.digest,
                self._key.level,
                self._key.log_size,
                self._challenge.units,
                self._challenge.claims,
                self._challenge.nonces,
                compressed,
                encode(proof),
            )
        )

    def _take(self, part: FoldedPart) -> None:
        """Take a part in, for all that lies within it, and fold it upwards as far as siblings are there."""
        for inner in [span for span in self._folded if is_inside(span, part.span)]:
            del self._folded[inner]
        self._folded[part.span] = part
        span = part.span
        while span in self._tree.parents and self._tree.sibling(span) in self._folded:
            span = self._tree.parents[span]
            self._fold(span)

    def _fold(self, span: Span) -> None:
        left, right = (self._folded.pop(half) for half in self._tree.halves[span])
        one, other = left.interface, right.interface
        with self._setting_up():
            node = self._circuits.node(self._progress)
        with self._stages.stage(Stage.NODE):
            weight = (one.weight + other.weight) % P
            total = quintic.add(quintic.element(one.total), quintic.element(other.total))
            interface = self._interface(span, weight, total)
            hints = [child_hints(part.proof, part.key, self._shipped.tree) for part in (left, right)]
            proof = self._prove(node, interface, hints)
        self._folded[span] = FoldedPart(span, node.key, proof)
        self._tell(self._folded[span])

    def _tell(self, part: FoldedPart) -> None:
        """Hand a part that was made here to whoever keeps it."""
        if self._keep is not None:
            self._keep(part.span, encode_part(part))

    def _prove(
        self, circuit: PreparedCircuit, interface: Interface[int], hints: Sequence[SegmentHints]
    ) -> SegmentProof:
        proof = circuit.prove(interface.values, hints, self._backend, self._stages)
        for advance in self._advances:
            advance(1)
        return proof

    @contextmanager
    def _phase(self, name: str, folds: int) -> Iterator[None]:
        """A phase that counts proofs of circuits; none where there are none."""
        if not folds:
            yield
            return
        with self._progress.phase(name, total=folds) as advance:
            self._advances.append(advance)
            try:
                yield
            finally:
                self._advances.pop()

    def _setting_up(self) -> AbstractContextManager[None]:
        return self._stages.stage(Stage.CIRCUIT)

    def _interface(self, span: Span, weight: int, total: Element) -> Interface[int]:
        """What the proof of a subtree says."""
        job = self._challenge.job
        return Interface(
            program=self._key.digest,
            binding=job.binding,
            alpha=job.bus.alpha,
            beta=job.bus.beta,
            keys=self._shipped.root,
            digest=self._digest(span),
            count=span[1] - span[0],
            weight=weight,
            total=total,
        )

    def _digest(self, span: Span) -> Digest:
        """A subtree's node of the contribution tree."""
        if span not in self._tree.halves:
            return self._challenge.leaves[self._tree.positions[span[0]]]
        if span not in self._digests:
            left, right = self._tree.halves[span]
            both = [*self._digest(left), *self._digest(right)]
            self._digests[span] = hash_elements(TAG_CONTRIBUTION, both)
        return self._digests[span]

    def _is_there(self, span: Span) -> bool:
        """Whether a subtree lies within a part that is there."""
        return self._tree.has(span) and any(is_inside(span, other) for other in self._folded)

    def _read(self, span: Span, data: bytes) -> FoldedPart:
        """A part that was kept.

        Raises:
            UnitProofError: it is malformed, of another subtree, or does not hold.
        """
        part = decode_part(data, self._circuits.parameters.inner)
        if part.span != span:
            raise UnitProofError(f"{named(span)} are labelled as {named(part.span)}")
        self._check(part)
        return part

    def _check(self, part: FoldedPart) -> None:
        """Refuse what is no subtree of this job, or does not hold."""
        if not self._tree.has(part.span):
            raise UnitProofError(f"{named(part.span)} are no subtree of this job")
        if part.key.digest not in self._shipped.allowed.values():
            raise UnitProofError(
                f"{named(part.span)} are folded by a circuit of another version: "
                "give all workers one version of pyzisk"
            )
        said = part.interface
        if said != self._interface(part.span, said.weight, quintic.element(said.total)):
            raise UnitProofError(f"{named(part.span)} are folded of another job")
        try:
            check_segment(part.proof, part.key, NO_PROGRAM, NO_JOB)
        except VerificationError as error:
            raise UnitProofError(f"{named(part.span)} do not hold: {error}") from error

    def _missing(self) -> list[int]:
        """The places that no part covers."""
        covered = {place for start, end in self._folded for place in range(start, end)}
        return [place for place in range(self._tree.root[1]) if place not in covered]
