"""How a coordinator says no, so that a client can tell it from a network that is down."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import grpc
import grpc.aio

from zisk.cluster.errors import CoordinatorUnreachableError, SubmissionRefusedError, refusal_told
from zisk.errors import ErrorKind, ZiskError
from zisk.printable import printable

__all__ = ["answered", "is_refusal", "refuse", "to_error"]

_MARK = "zisk-refused"
"""Trailing metadata of every refusal: gRPC gives a lost connection the same status as a refusal of ours.

Its value is the kind; that of earlier versions was 1.
"""

_MOST_DETAILS = 6 << 10
"""Most bytes of a text as gRPC sends it: with 8 KiB of headers a call ends as something else."""

_MOST_FITTING = 512
"""Letters of a longer text that are sent: as many fit, whatever they are."""

_BY_STATUS = {
    kind.status: kind
    for kind in (
        ErrorKind.USAGE,
        ErrorKind.NOT_FOUND,
        ErrorKind.UNSUPPORTED,
        ErrorKind.NO_CAPACITY,
        ErrorKind.NOT_READY,
        ErrorKind.UNREACHABLE,
        ErrorKind.TIMEOUT,
    )
}
"""What a status says that comes without a kind; any other says that the peer is not of this protocol."""

_LOST = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


async def refuse(context: Any, kind: ErrorKind, message: str) -> NoReturn:
    """End a call with the gRPC status of a kind."""
    await context.abort(
        grpc.StatusCode[kind.status], _fitting(message), trailing_metadata=((_MARK, kind.value),)
    )
    raise AssertionError("abort raises")


def _fitting(message: str) -> str:
    """A text fit for a terminal, cut to what a status may carry; gRPC sends some bytes as three."""
    text = printable(message)
    return text if 3 * len(text.encode()) <= _MOST_DETAILS else printable(message, _MOST_FITTING)


@contextmanager
def answered(url: str) -> Iterator[None]:
    """Turn failed calls to the coordinator at `url` into errors that say what to do."""
    try:
        yield
    except grpc.RpcError as error:
        raise to_error(url, error) from error


def is_refusal(error: grpc.Call) -> bool:
    """Whether a call was refused by a coordinator of ours, rather than failed."""
    metadata: Any = error.trailing_metadata() or ()
    return _MARK in dict(metadata)


def to_error(url: str, error: grpc.RpcError) -> ZiskError:
    """What a failed call to the coordinator at `url` means."""
    if not isinstance(error, (grpc.Call, grpc.aio.AioRpcError)):
        return SubmissionRefusedError(ErrorKind.WIRE, printable(str(error)))
    details = printable(str(error.details()))
    metadata: Any = error.trailing_metadata() or ()
    kind = dict(metadata).get(_MARK)
    if kind is None and error.code() in _LOST:
        return CoordinatorUnreachableError(
            f"no coordinator answers at {url} ({details}); start zisk-coordinator there, "
            "or give the URL of one"
        )
    return refusal_told(_kind(kind, error.code().name), details)


def _kind(told: object, status: str) -> ErrorKind:
    """The kind of a refusal: as it is told, or else as its gRPC status says."""
    return next((known for known in ErrorKind if known == told), _BY_STATUS.get(status, ErrorKind.WIRE))
