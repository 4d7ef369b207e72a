"""A refusal reaches the client as what it is, over a real connection; nothing else looks like one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import grpc
import pytest

from zisk.cluster.errors import CoordinatorUnreachableError, SubmissionRefusedError, UnknownProgramError
from zisk.cluster.protocol.refusal import refuse, to_error
from zisk.errors import ErrorKind, ZiskError

URL = "http://coordinator"
METHOD = "/zisk.Test/Call"
Answer = Callable[[bytes, Any], Awaitable[bytes]]


def failure_of(answer: Answer, seconds: float | None = None) -> grpc.RpcError:
    """How a call ends at a server on this machine that answers so, or does not in time."""

    async def call() -> grpc.RpcError:
        server = grpc.aio.server()
        handlers = {"Call": grpc.unary_unary_rpc_method_handler(answer)}
        server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("zisk.Test", handlers)])
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        try:
            return await asyncio.to_thread(failure_at, port, seconds)
        finally:
            await server.stop(0)

    return asyncio.run(call())


def failure_at(port: int, seconds: float | None = None) -> grpc.RpcError:
    """How a call to a port of this machine ends."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel, pytest.raises(grpc.RpcError) as failed:
        channel.unary_unary(METHOD)(b"", timeout=seconds)
    return failed.value


def error_of(answer: Answer, seconds: float | None = None) -> ZiskError:
    """What a client makes of such a call."""
    return to_error(URL, failure_of(answer, seconds))


def told(error: ZiskError) -> tuple[type[ZiskError], ErrorKind, str]:
    """All that an error says."""
    return type(error), error.kind, str(error)


def foreign(status: grpc.StatusCode, text: str = "no", metadata: tuple[tuple[str, str], ...] = ()) -> Answer:
    """The answer of a coordinator that is not of this version."""

    async def answer(_: bytes, context: Any) -> NoReturn:
        await context.abort(status, text, trailing_metadata=metadata)
        raise AssertionError("abort raises")

    return answer


def ours(kind: ErrorKind, text: str) -> Answer:
    """Our own coordinator's refusal."""

    async def answer(_: bytes, context: Any) -> NoReturn:
        await refuse(context, kind, text)

    return answer


@pytest.mark.parametrize("kind", ErrorKind)
def test_a_refusal_keeps_kind_and_text(kind: ErrorKind) -> None:
    raised = UnknownProgramError if kind is ErrorKind.UNKNOWN_PROGRAM else SubmissionRefusedError
    text = f"what is {kind.value} – say why; try otherwise"
    assert told(error_of(ours(kind, text))) == (raised, kind, text)


HOSTILE, SHOWN = "line\n\x1b[2Jcleared\u202e", r"line\n\x1b[2Jcleared\u202e"


def test_a_text_cannot_move_the_cursor_of_whoever_reads_it() -> None:
    """Ours is sent so that any client may show it, and what others send is shown so."""
    sent: Any = failure_of(ours(ErrorKind.USAGE, HOSTILE))
    assert sent.details() == SHOWN
    assert str(error_of(foreign(grpc.StatusCode.INVALID_ARGUMENT, HOSTILE))) == SHOWN


BY_STATUS = dict.fromkeys(grpc.StatusCode, ErrorKind.WIRE) | {
    grpc.StatusCode.INVALID_ARGUMENT: ErrorKind.USAGE,
    grpc.StatusCode.NOT_FOUND: ErrorKind.NOT_FOUND,
    grpc.StatusCode.UNIMPLEMENTED: ErrorKind.UNSUPPORTED,
    grpc.StatusCode.RESOURCE_EXHAUSTED: ErrorKind.NO_CAPACITY,
    grpc.StatusCode.FAILED_PRECONDITION: ErrorKind.NOT_READY,
}
"""What a status alone says of a refusal: no more than that this protocol does not know it, for most."""

LOST = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


@pytest.mark.parametrize(
    "status",
    [status for status in grpc.StatusCode if status not in (*LOST, grpc.StatusCode.OK)],
    ids=lambda status: status.name,
)
def test_a_foreign_refusal_is_what_its_status_says(status: grpc.StatusCode) -> None:
    expected = (SubmissionRefusedError, BY_STATUS[status], "why not")
    assert told(error_of(foreign(status, "why not"))) == expected


@pytest.mark.parametrize("mark", ["1", "whim", ""])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (grpc.StatusCode.FAILED_PRECONDITION, ErrorKind.NOT_READY),
        (grpc.StatusCode.UNAVAILABLE, ErrorKind.UNREACHABLE),
        (grpc.StatusCode.DEADLINE_EXCEEDED, ErrorKind.TIMEOUT),
    ],
    ids=lambda value: value.name,
)
def test_a_mark_of_another_version_still_tells_a_refusal_from_a_lost_connection(
    mark: str, status: grpc.StatusCode, kind: ErrorKind
) -> None:
    answer = foreign(status, "why not", (("zisk-refused", mark), ("other", "thing")))
    assert told(error_of(answer)) == (SubmissionRefusedError, kind, "why not")


def unreachable(details: str) -> str:
    return (
        f"no coordinator answers at {URL} ({details}); start zisk-coordinator there, or give the URL of one"
    )


@pytest.mark.parametrize("status", LOST, ids=lambda status: status.name)
def test_without_a_mark_a_status_of_the_network_is_the_networks(status: grpc.StatusCode) -> None:
    error = error_of(foreign(status, "proxy says no"))
    expected = unreachable("proxy says no")
    assert told(error) == (CoordinatorUnreachableError, ErrorKind.UNREACHABLE, expected)


def test_where_nobody_listens_nobody_answers() -> None:
    with socket.socket() as bound:  # Bound, but nobody listens: no other process takes the port.
        bound.bind(("127.0.0.1", 0))
        error = to_error(URL, failure_at(bound.getsockname()[1]))
    assert (type(error), error.kind) == (CoordinatorUnreachableError, ErrorKind.UNREACHABLE)
    assert str(error).startswith(f"no coordinator answers at {URL} (failed to connect")


def test_a_coordinator_that_is_silent_does_not_answer() -> None:
    async def silent(_: bytes, context: Any) -> bytes:
        await asyncio.sleep(60)
        return b""

    expected = unreachable("Deadline Exceeded")
    error = error_of(silent, 0.3)
    assert told(error) == (CoordinatorUnreachableError, ErrorKind.UNREACHABLE, expected)


def test_a_connection_lost_in_the_middle_of_a_call_is_no_refusal() -> None:
    async def call() -> ZiskError:
        asked = asyncio.Event()

        async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(24)  # The preface of HTTP/2.
            asked.set()
            writer.close()

        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            failure = await asyncio.to_thread(failure_at, port, 5.0)
        assert asked.is_set()
        return to_error(URL, failure)

    error = asyncio.run(call())
    assert (type(error), error.kind) == (CoordinatorUnreachableError, ErrorKind.UNREACHABLE)


def test_an_error_of_the_client_itself_is_the_protocols() -> None:
    error = to_error(URL, grpc.RpcError("the channel\nis closed"))
    assert told(error) == (SubmissionRefusedError, ErrorKind.WIRE, r"the channel\nis closed")
