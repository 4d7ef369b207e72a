"""A client of a server that pretends to be a coordinator."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import grpc

from zisk import ProverClient
from zisk.cluster.protocol.limits import CHANNEL_OPTIONS

Servicer = TypeVar("Servicer")


@contextmanager
def client_of(
    servicer: Servicer, *add_to_server: Callable[[Servicer, grpc.Server], None]
) -> Iterator[ProverClient]:
    """A client of one servicer of these services, on a free port of this machine."""
    server = grpc.server(ThreadPoolExecutor(4), options=CHANNEL_OPTIONS)
    for add in add_to_server:
        add(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with ProverClient.remote(f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        server.stop(None).wait()
