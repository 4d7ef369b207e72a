"""What is kept of a job that is killed again and again: commitments and pieces, and how many were made."""

from __future__ import annotations

from collections.abc import Sequence

from tests.prover.jobs import DATA, UNITS
from zisk.prover import Program, ProofForm, ProvingSession, UnitProofError
from zisk.prover.fold_tree import Span, is_inside
from zisk.prover.segment_commitment import SegmentCommitment, decode_commitment, encode_commitment


class Killed(BaseException):
    """The session ends here, in the middle of its work."""


class Kept:
    """Keeps what sessions tell.

    Attributes:
        lives: so many things are kept until one raises; None for ever.
        loses: whether the one that raises is lost, rather than kept before.
        made: the spans of the pieces that were made, lost ones too, and the positions committed to.
        refused: the spans that were left out, and why.
    """

    def __init__(self, *, loses: bool = False) -> None:
        self.commitments: dict[int, bytes] = {}
        self.pieces: dict[Span, bytes] = {}
        self.made: list[Span] = []
        self.committed: list[int] = []
        self.refused: dict[Span, str] = {}
        self.lives: int | None = None
        self.loses = loses

    @property
    def leaves(self) -> list[Span]:
        """The pieces of one segment that were made."""
        return [span for span in self.made if span[1] - span[0] == 1]

    def session(
        self, program: Program, allocation: Sequence[int], form: ProofForm, units: int = UNITS
    ) -> ProvingSession:
        """A session that goes on from what is kept."""
        committed = {place: decode_commitment(data) for place, data in self.commitments.items()}
        return ProvingSession(
            program,
            DATA,
            units=units,
            allocation=allocation,
            form=form,
            committed=committed,
            on_commit=self.commit,
        )

    def commit(self, position: int, commitment: SegmentCommitment) -> None:
        """Keep a commitment."""
        self.committed.append(position)
        last = self._is_last()
        if not last or not self.loses:
            self.commitments[position] = encode_commitment(commitment)
        if last:
            raise Killed

    def keep(self, span: Span, data: bytes) -> None:
        """Keep a piece in the place of those inside it."""
        self.made.append(span)
        last = self._is_last()
        if not last or not self.loses:
            for inner in [one for one in self.pieces if is_inside(one, span)]:
                del self.pieces[inner]
            self.pieces[span] = data
        if last:
            raise Killed

    def refuse(self, span: Span, error: UnitProofError) -> None:
        """Note what was left out."""
        self.refused[span] = str(error)

    def _is_last(self) -> bool:
        if self.lives is None:
            return False
        self.lives -= 1
        return self.lives == 0
