"""The debug checker over a whole job: every row of every segment, and every token between segments."""

from __future__ import annotations

from collections import Counter

from zisk.kernels.backend import Backend
from zisk.kernels.default import default_backend
from zisk.progress import NULL_PROGRESS, Progress
from zisk.prover.program_setup import Program
from zisk.prover.session import ProvingSession
from zisk.stark.check import Message, TableTrace, Violation, check_publics, examine, left_over
from zisk.stark.prove import CommittedSegment


def check_job(
    program: Program,
    data: bytes,
    *,
    backend: Backend | None = None,
    progress: Progress = NULL_PROGRESS,
    max_steps: int | None = None,
) -> list[Violation]:
    """Everything that is wrong with the traces of a run; empty when it can be proved.

    It looks at every row in plain Python dictionaries: minutes for a segment of 2^18 steps.

    Raises:
        GuestError: the guest does not run to its halt.
    """
    backend = backend or default_backend()
    session = ProvingSession(
        program, data, units=1, allocation=[0], backend=backend, progress=progress, max_steps=max_steps
    )
    violations: list[Violation] = []
    tokens: Counter[Message] = Counter()
    with progress.phase("verify constraints") as advance:
        for _, segment in session.segments():
            examined = examine(_tables(segment), backend)
            violations += examined.violations
            tokens.update(examined.tokens)
            kind = segment.fixed.key.kind
            violations += check_publics(kind, segment.publics)
            for term in kind.public_terms(segment.publics):
                tokens[(term.bus.number, *term.message)] += term.multiplicity
            violations += _local_leftovers(tokens, segment)
            advance(1)
    assert session.claims is not None
    return violations + left_over(tokens, session.claims.terms(program.program_key.entry))


def _tables(segment: CommittedSegment) -> list[TableTrace]:
    kind, fixed = segment.fixed.key.kind, segment.fixed.values
    return [
        TableTrace(air, preprocessed, main, tuple(segment.publics[place] for place in places))
        for air, preprocessed, main, places in zip(
            kind.airs, fixed, segment.traces, kind.public_places, strict=True
        )
    ]


def _local_leftovers(tokens: Counter[Message], segment: CommittedSegment) -> list[Violation]:
    """Local tokens must cancel inside the segment; what is left is reported and taken out."""
    local = {
        one.bus.number
        for air in segment.fixed.key.kind.airs
        for one in air.interactions
        if one.bus.scope.name == "LOCAL"
    }
    own = Counter({message: count for message, count in tokens.items() if message[0] in local})
    for message in own:
        del tokens[message]
    return left_over(own, ())
