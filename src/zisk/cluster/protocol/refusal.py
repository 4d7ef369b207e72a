"""How a coordinator says no, so that a client can tell it from a network that is down."""

from typing import Any, NoReturn

import grpc

from zisk.cluster.errors import CoordinatorUnreachableError, SubmissionRefusedError
from zisk.printable import printable

__all__ = ["refuse", "to_error"]

_MARK = ("zisk-refused", "1")
"""Trailing metadata of every refusal: gRPC gives a lost connection the same status as a refusal of ours."""


async def refuse(context: Any, reason: str, message: str) -> NoReturn:
    """End a call with the gRPC status named `reason`."""
    await context.abort(grpc.StatusCode[reason], printable(message), trailing_metadata=(_MARK,))
    raise AssertionError("abort raises")


def to_error(url: str, error: grpc.RpcError) -> CoordinatorUnreachableError | SubmissionRefusedError:
    """What a failed call to the coordinator at `url` means."""
    if not isinstance(error, grpc.Call):
        return SubmissionRefusedError("UNKNOWN", printable(str(error)))
    details = printable(str(error.details()))
    metadata: Any = error.trailing_metadata() or ()
    refused = any(tuple(entry) == _MARK for entry in metadata)
    lost = error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
    if lost and not refused:
        return CoordinatorUnreachableError(
            f"no coordinator answers at {url} ({details}); start zisk-coordinator there, "
            "or give the URL of one"
        )
    return SubmissionRefusedError(error.code().name, details)
