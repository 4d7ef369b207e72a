"""The real verifier, and the same verifier with one check taken out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import pytest

from tests.stark.attacks.items import Item, LenientTranscript
from tests.stark.toy import JOB, PROGRAM
from zisk.field import quintic
from zisk.field.quintic import Element
from zisk.stark import verify
from zisk.stark.batching import Tree, batching_order
from zisk.stark.challenges import BusChallenge
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.expression import Scope
from zisk.stark.key import Digest, VerifyingKey
from zisk.stark.kind import Kind
from zisk.stark.proof import SegmentProof, encode
from zisk.stark.transcript_order import JobChallenge
from zisk.stark.verify import VerifiedSegment, check_segment, verify_segment


def refused(
    proof: SegmentProof,
    key: VerifyingKey,
    *reasons: Rejection,
    job: JobChallenge = JOB,
    program: Digest = PROGRAM,
) -> None:
    """Assert that the real verifier refuses the bytes of a proof, for one of these reasons."""
    with pytest.raises(VerificationError) as caught:
        verify_segment(encode(proof), key, program, job)
    assert caught.value.reason in reasons


def accepted_by_weak(
    proof: SegmentProof,
    key: VerifyingKey,
    *,
    omitted: Collection[Item] = (),
    job: JobChallenge = JOB,
    program: Digest = PROGRAM,
    **replaced: Callable[..., Any],
) -> VerifiedSegment:
    """Assert that the verifier accepts a proof once items are left out or functions of it are replaced."""
    with weakened(omitted=omitted, **replaced):
        return check_segment(proof, key, program, job)


@contextmanager
def weakened(*, omitted: Collection[Item] = (), **replaced: Callable[..., Any]) -> Iterator[None]:
    """Inside, `zisk.stark.verify` leaves out items of the transcript and has functions replaced."""
    with ExitStack() as stack:
        if omitted:
            lenient = lambda key, work: LenientTranscript(key, work, omitted)  # noqa: E731
            stack.enter_context(patch.object(verify, "SegmentTranscript", lenient))
        for name, function in replaced.items():
            stack.enter_context(patch.object(verify, name, function))
        yield


def constraint_gap(
    proof: SegmentProof,
    kind: Kind,
    buses: dict[Scope, BusChallenge],
    fold: Element,
    zeta: Element,
    *,
    restart: bool = False,
) -> Element:
    """Constraints at zeta minus (zeta^N - 1) times the quotient: what the verifier wants to be zero.

    With `restart` the powers of beta start anew in each table.
    """
    order, exposed = batching_order(kind), iter(proof.sums)
    total, power = quintic.ZERO, quintic.ONE
    for table, air in enumerate(kind.airs):
        sums = {scope: next(exposed) for scope in air.scopes}
        row = verify._Row(proof, kind, order, table, buses, sums, zeta)
        if restart:
            power = quintic.ONE
        for constraint in air.constraints:
            total = quintic.add(total, quintic.mul(power, row.value(constraint.expression)))
            power = quintic.mul(power, fold)
    high = quintic.power(zeta, 1 << kind.log_size)
    chunks = [
        verify.recompose([proof.here[order.power[Tree.QUOTIENT, 0, 5 * chunk + k]] for k in range(5)])
        for chunk in range(2)
    ]
    quotient = quintic.add(chunks[0], quintic.mul(high, chunks[1]))
    return quintic.sub(total, quintic.mul(quintic.sub(high, quintic.ONE), quotient))
