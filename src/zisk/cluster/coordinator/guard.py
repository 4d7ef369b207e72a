"""What stands before every call: how many there may be, and that each ends as this protocol says."""

import inspect
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

import grpc
import grpc.aio

from zisk.cluster.errors import SubmissionRefusedError, WireError, as_zisk_error
from zisk.cluster.protocol.refusal import refuse
from zisk.errors import ErrorKind, ZiskError
from zisk.printable import printable

__all__ = ["Guard"]

_log = logging.getLogger("zisk.coordinator")

_Handler = Callable[[Any, Any], Any]


class Guard(grpc.aio.ServerInterceptor):
    """Refuses a call above the `most` that may be under way, and ends none with an error of Python.

    What a handler raises on purpose is a refusal of its kind, and so is a message that cannot be read.
    Anything else is a defect, whose traceback is logged and whose caller is told no more than that.
    Services of gRPC itself are not counted: whether this server lives can be asked at any time.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._under_way = 0

    async def intercept_service(
        self, continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]], handler_call_details: Any
    ) -> Any:
        """The handler of a call, guarded; one that gRPC itself runs in a thread is left as it is."""
        found = await continuation(handler_call_details)
        if found is None:
            return found
        behaviour = getattr(found, _form_of(found))
        call = _Call(handler_call_details.method, behaviour, found.request_streaming)
        if inspect.isasyncgenfunction(behaviour):
            guarded: _Handler = self._stream(call)
        elif inspect.iscoroutinefunction(behaviour):
            guarded = self._single(call)
        else:
            return found
        make = getattr(grpc, f"{_form_of(found)}_rpc_method_handler")
        return make(guarded, _forgiving(found.request_deserializer), found.response_serializer)

    def _single(self, call: "_Call") -> _Handler:
        async def guarded(request: Any, context: Any) -> Any:
            with self._counted(call):
                try:
                    self._check_room(call)
                    return await call.behaviour(call.readable(request), context)
                except Exception as error:
                    await call.end(error, context)

        return guarded

    def _stream(self, call: "_Call") -> _Handler:
        async def guarded(request: Any, context: Any) -> AsyncIterator[Any]:
            with self._counted(call):
                try:
                    self._check_room(call)
                    async for message in call.behaviour(call.readable(request), context):
                        yield message
                except Exception as error:
                    await call.end(error, context)

        return guarded

    def _check_room(self, call: "_Call") -> None:
        if call.counts and 0 < self._most < self._under_way:
            raise SubmissionRefusedError(
                ErrorKind.NO_CAPACITY,
                f"{self._most} calls are under way, as many as server.max_calls allows; call again later, "
                "or raise it",
            )

    @contextmanager
    def _counted(self, call: "_Call") -> Iterator[None]:
        self._under_way += call.counts
        try:
            yield
        finally:
            self._under_way -= call.counts


@dataclass(frozen=True, slots=True)
class _Call:
    """One of the calls that are answered: its full name, its handler, and whether its client streams."""

    method: str
    behaviour: _Handler
    streams: bool

    @property
    def counts(self) -> bool:
        """Whether it is of a service of ours."""
        return self.method.startswith("/zisk.")

    def readable(self, request: Any) -> Any:
        """What the handler is given: a message, or a stream of messages, that could be read.

        Raises:
            WireError: the message could not; of a stream, each that could not raises when its turn comes.

        """
        return _Messages(request) if self.streams else _checked(request)

    async def end(self, error: Exception, context: Any) -> NoReturn:
        """End the call whose handler raised."""
        if isinstance(error, (grpc.aio.AbortError, grpc.RpcError)):
            raise error
        name = self.method.rpartition("/")[2]
        expected = as_zisk_error(error)
        if expected is not None and expected.kind is not ErrorKind.DEFECT:
            _log.info("%s refused: %s", name, expected)
            await refuse(context, expected.kind, str(expected))
        _log.error("%s met a defect", name, exc_info=error)
        text = f"the coordinator met a defect of its own in {name}; its log has the traceback, report it"
        await refuse(context, ErrorKind.DEFECT, text)


class _Messages:
    """A client's stream of messages."""

    def __init__(self, messages: AsyncIterator[Any]) -> None:
        self._messages = messages

    def __aiter__(self) -> "_Messages":
        return self

    async def __anext__(self) -> Any:
        return _checked(await anext(aiter(self._messages)))


def _forgiving(read: Callable[[bytes], Any] | None) -> Callable[[bytes], Any] | None:
    """A reader of messages that makes an error of one that cannot be read, for the handler to meet."""
    if read is None:
        return None

    def made(data: bytes) -> Any:
        try:
            return read(data)
        except Exception as error:
            text = printable(f"a message of {len(data)} bytes cannot be read: {error}")
            return as_zisk_error(error) or WireError(text)

    return made


def _checked(message: Any) -> Any:
    if isinstance(message, ZiskError):
        raise message
    return message


def _form_of(handler: Any) -> str:
    """Which of gRPC's four forms a handler has."""
    request = "stream" if handler.request_streaming else "unary"
    response = "stream" if handler.response_streaming else "unary"
    return f"{request}_{response}"
