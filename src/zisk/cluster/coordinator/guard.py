"""What stands before every call: how many there may be, and that each ends as this protocol says."""

import inspect
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import grpc
import grpc.aio

from zisk.cluster.errors import as_zisk_error
from zisk.cluster.protocol.refusal import refuse
from zisk.errors import ErrorKind

__all__ = ["Guard"]

_log = logging.getLogger("zisk.coordinator")

_MOST_CALLS_TEXT = (
    "{most} calls are under way, as many as server.max_calls allows; call again later, or raise it"
)

_Handler = Callable[[Any, Any], Any]


class Guard(grpc.aio.ServerInterceptor):
    """Refuses a call above the `most` that may be under way, and ends none with an error of Python.

    What a handler raises on purpose is a refusal of its kind; anything else is a defect, whose traceback is
    logged and whose caller is told no more than that.
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
        name = handler_call_details.method.rpartition("/")[2]
        if inspect.isasyncgenfunction(behaviour):
            guarded: _Handler = self._stream(name, behaviour)
        elif inspect.iscoroutinefunction(behaviour):
            guarded = self._single(name, behaviour)
        else:
            return found
        make = getattr(grpc, f"{_form_of(found)}_rpc_method_handler")
        return make(guarded, found.request_deserializer, found.response_serializer)

    def _single(self, name: str, behaviour: _Handler) -> _Handler:
        async def guarded(request: Any, context: Any) -> Any:
            await self._check_room(context)
            with self._counted():
                try:
                    return await behaviour(request, context)
                except Exception as error:
                    await _end(name, error, context)

        return guarded

    def _stream(self, name: str, behaviour: _Handler) -> _Handler:
        async def guarded(request: Any, context: Any) -> AsyncIterator[Any]:
            await self._check_room(context)
            with self._counted():
                try:
                    async for message in behaviour(request, context):
                        yield message
                except Exception as error:
                    await _end(name, error, context)

        return guarded

    async def _check_room(self, context: Any) -> None:
        if 0 < self._most <= self._under_way:
            await refuse(context, ErrorKind.NO_CAPACITY, _MOST_CALLS_TEXT.format(most=self._most))

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1


def _form_of(handler: Any) -> str:
    """Which of gRPC's four forms a handler has."""
    request = "stream" if handler.request_streaming else "unary"
    response = "stream" if handler.response_streaming else "unary"
    return f"{request}_{response}"


async def _end(name: str, error: Exception, context: Any) -> NoReturn:
    """End a call whose handler raised."""
    if isinstance(error, (grpc.aio.AbortError, grpc.RpcError)):
        raise error
    expected = as_zisk_error(error)
    if expected is not None and expected.kind is not ErrorKind.DEFECT:
        _log.info("%s refused: %s", name, expected)
        await refuse(context, expected.kind, str(expected))
    _log.error("%s met a defect", name, exc_info=error)
    text = f"the coordinator met a defect of its own in {name}; its log has the traceback, report it"
    await refuse(context, ErrorKind.DEFECT, text)
