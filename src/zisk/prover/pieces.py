"""Pieces of a job's proof that are kept as they are made, and what holds of them for who goes on from them.

A piece is the proof of a leaf or node; of a composite proof, that of a segment. It is named by its span in
the job's tree. Pieces come from other machines: each is checked before it is used, and one that does not
hold is left out. So who stored it cannot stop the job, and what it stood for is only proved again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from zisk.progress import NULL_PROGRESS, Progress
from zisk.proof_format.program_key import ProgramKey
from zisk.proof_format.statement import GlobalChallenge
from zisk.prover.errors import UnitProofError
from zisk.prover.fold_tree import FoldTree, Span, named
from zisk.stages import NULL_STAGES, Stage, Stages
from zisk.stark.errors import VerificationError
from zisk.stark.verify import verify_segment

Keep = Callable[[Span, bytes], None]
"""Takes each piece as it is made. It stands for all pieces inside its span, which may then be forgotten."""

OnRefusal = Callable[[Span, UnitProofError], None]
"""Told which piece is left out, and why."""

NO_PIECES: Mapping[Span, bytes] = {}

Piece = TypeVar("Piece")


def ignore_refusal(_span: Span, _error: UnitProofError) -> None:
    """Let what is left out be made again, and say nothing."""


def held_pieces(
    tree: FoldTree,
    stored: Mapping[Span, bytes],
    check: Callable[[Span, bytes], Piece],
    *,
    on_refusal: OnRefusal,
    wanted: Collection[int] | None = None,
    progress: Progress = NULL_PROGRESS,
    stages: Stages = NULL_STAGES,
) -> dict[Span, Piece]:
    """The pieces that hold, none inside another, in the order of the tree.

    Only those are looked at that have one of the `wanted` positions, or all. A larger one is looked at before
    those inside it, which are then not needed. `check` reads a piece, or raises UnitProofError.
    """
    spans: list[Span] = []
    for span in stored:
        if not tree.has(span):
            on_refusal(span, UnitProofError(f"{named(span)} are no subtree of this job"))
        elif wanted is None or any(position in wanted for position in tree.positions[slice(*span)]):
            spans.append(span)
    if not spans:
        return {}
    found, covered = dict[Span, Piece](), set[int]()
    with progress.phase("check", total=len(spans)) as advance:
        for span in sorted(spans, key=lambda span: span[0] - span[1]):
            if span[0] not in covered:
                try:
                    with stages.stage(Stage.CHECK):
                        found[span] = check(span, stored[span])
                    covered.update(range(*span))
                except UnitProofError as error:
                    on_refusal(span, error)
            advance(1)
    return {span: found[span] for span in sorted(found)}


def check_stored_segment(key: ProgramKey, challenge: GlobalChallenge, position: int, data: bytes) -> None:
    """Check the proof of the segment at a position of the job-wide order.

    Raises:
        UnitProofError: it does not hold, or is of another segment than was contributed.
    """
    segment_key = key.key_of(*challenge.claims.located(position))
    try:
        verified = verify_segment(data, segment_key, key.digest, challenge.job)
    except VerificationError as error:
        raise UnitProofError(f"the proof of segment {position} does not hold: {error}") from error
    if verified.leaf != challenge.leaves[position]:
        raise UnitProofError(f"the proof of segment {position} is of another segment than was contributed")


def held_segments(
    tree: FoldTree,
    key: ProgramKey,
    challenge: GlobalChallenge,
    stored: Mapping[Span, bytes],
    *,
    on_refusal: OnRefusal,
    wanted: Collection[int] | None = None,
    progress: Progress = NULL_PROGRESS,
    stages: Stages = NULL_STAGES,
) -> dict[int, bytes]:
    """The segment proofs that hold, by position in the job-wide order."""

    def check(span: Span, data: bytes) -> bytes:
        if span[1] - span[0] > 1:
            raise UnitProofError(f"{named(span)} are folded: a composite proof is made of segment proofs")
        check_stored_segment(key, challenge, tree.positions[span[0]], data)
        return data

    found = held_pieces(
        tree, stored, check, on_refusal=on_refusal, wanted=wanted, progress=progress, stages=stages
    )
    return {tree.positions[span[0]]: data for span, data in found.items()}
