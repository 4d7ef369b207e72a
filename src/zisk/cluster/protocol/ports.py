"""Wrong ports: what a failed call says of the port that it was made to."""

from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from zisk.cluster.errors import CoordinatorUnreachableError
from zisk.cluster.protocol.refusal import is_refusal, to_error

__all__ = ["answered_by"]

_NOT_HTTP2 = "Failed parsing HTTP/2"
"""What gRPC says of a port where something else listens."""


@contextmanager
def answered_by(service: str, url: str, right_port: str) -> Iterator[None]:
    """Turn failed calls to a service at `url` into errors that say what to do.

    Where that is no port of the service, they say so, and which port it is: `right_port`, in words.
    """
    try:
        yield
    except grpc.RpcError as error:
        wrong = _what_listens(service, error)
        if wrong:
            text = f"what listens at {url} {wrong}; give {right_port}"
            raise CoordinatorUnreachableError(text) from error
        raise to_error(url, error) from error


def _what_listens(service: str, error: grpc.RpcError) -> str:
    """What is at a port that is none of the service's; empty where the call failed for another reason."""
    if not isinstance(error, grpc.Call):
        return ""
    if _NOT_HTTP2 in str(error.details()):
        return "is no gRPC port of a coordinator"
    if error.code() is grpc.StatusCode.UNIMPLEMENTED and not is_refusal(error):
        return f"does not know {service}: it is another port, no coordinator, or one of another version"
    return ""
