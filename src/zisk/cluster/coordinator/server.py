"""The coordinator's servers: two gRPC ports, or one that serves both, and HTTP."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import grpc.aio
from aiohttp import web
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer
from grpc_reflection.v1alpha import reflection

from zisk.cluster.artifacts.service import ArtifactsService
from zisk.cluster.coordinator.admin_service import AdminService
from zisk.cluster.coordinator.client_service import ClientService
from zisk.cluster.coordinator.cluster_service import ClusterService
from zisk.cluster.coordinator.guard import Guard
from zisk.cluster.coordinator.health import HealthWatch, health_app
from zisk.cluster.coordinator.settings import Endpoints
from zisk.cluster.coordinator.shell import CoordinatorShell
from zisk.cluster.errors import HostError
from zisk.cluster.protocol.generated import artifacts_pb2, cluster_pb2, coordinator_pb2, distributed_pb2
from zisk.cluster.protocol.generated.artifacts_pb2_grpc import add_ZiskArtifactsServicer_to_server
from zisk.cluster.protocol.generated.cluster_pb2_grpc import add_ZiskClusterServicer_to_server
from zisk.cluster.protocol.generated.coordinator_pb2_grpc import add_ZiskCoordinatorApiServicer_to_server
from zisk.cluster.protocol.generated.distributed_pb2_grpc import add_ZiskDistributedApiServicer_to_server
from zisk.cluster.protocol.limits import SERVER_OPTIONS

__all__ = ["serving"]

_log = logging.getLogger("zisk.coordinator")

_CLIENT_API = coordinator_pb2.DESCRIPTOR.services_by_name["ZiskCoordinatorApi"].full_name
_WORKER_API = distributed_pb2.DESCRIPTOR.services_by_name["ZiskDistributedApi"].full_name
_CLUSTER = cluster_pb2.DESCRIPTOR.services_by_name["ZiskCluster"].full_name
_ARTIFACTS = artifacts_pb2.DESCRIPTOR.services_by_name["ZiskArtifacts"].full_name


@contextlib.asynccontextmanager
async def serving(shell: CoordinatorShell, wanted: Endpoints) -> AsyncIterator[Endpoints]:
    """Serve until the context ends; yields the endpoints with the ports that were taken.

    Raises:
        HostError: a port cannot be had.

    """
    shared = wanted.api_port == wanted.cluster_port != 0
    states = HealthServicer()
    guard = Guard(shell.rules.max_calls)
    watch = HealthWatch(shell)
    operators = ClusterService(shell, watch)
    async with contextlib.AsyncExitStack() as stack:
        servers: list[grpc.aio.Server] = []
        ports: list[int] = []
        plans = [(wanted.api_port, (_CLIENT_API, _WORKER_API), "--port")]
        if not shared:
            plans = [
                (wanted.api_port, (_CLIENT_API,), "--api-port"),
                (wanted.cluster_port, (_WORKER_API,), "--cluster-port"),
            ]
        for port, services, flag in plans:
            server = _server(shell, services, operators, states, guard)
            ports.append(_bind(server, wanted.host, port, flag))
            servers.append(server)
        http_port = await _serve_http(stack, watch, wanted.metrics_host, wanted.metrics_port)
        for server in servers:
            await server.start()
            stack.push_async_callback(server.stop, 1.0)
        for service in ("", _CLIENT_API, _WORKER_API, _CLUSTER, _ARTIFACTS):
            await states.set(service, health_pb2.HealthCheckResponse.SERVING)
        await watch.probe()
        for running in (shell.run(), watch.run()):
            stack.callback(asyncio.create_task(running).cancel)
        stack.push_async_callback(states.enter_graceful_shutdown)
        yield replace(wanted, api_port=ports[0], cluster_port=ports[-1], metrics_port=http_port)


def _server(
    shell: CoordinatorShell,
    services: tuple[str, ...],
    operators: ClusterService,
    states: HealthServicer,
    guard: Guard,
) -> grpc.aio.Server:
    """A server of the services named, of operators, artifacts, health and reflection."""
    server = grpc.aio.server(options=SERVER_OPTIONS, interceptors=(guard,))
    if _CLIENT_API in services:
        add_ZiskCoordinatorApiServicer_to_server(ClientService(shell), server)
    if _WORKER_API in services:
        add_ZiskDistributedApiServicer_to_server(AdminService(shell), server)
    add_ZiskClusterServicer_to_server(operators, server)
    add_ZiskArtifactsServicer_to_server(ArtifactsService(shell.artifacts), server)
    health_pb2_grpc.add_HealthServicer_to_server(states, server)
    names = (*services, _CLUSTER, _ARTIFACTS, health.SERVICE_NAME, reflection.SERVICE_NAME)
    reflection.enable_server_reflection(names, server)
    return server


def _bind(server: grpc.aio.Server, host: str, port: int, flag: str) -> int:
    """Take a port; the number of the one taken."""
    _probe(host, port, flag, "server.host")
    try:
        return server.add_insecure_port(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    except RuntimeError as error:
        raise HostError(
            f"cannot listen on {host}:{port}: {error}; choose another port with {flag}"
        ) from error


def _probe(host: str, port: int, flag: str, host_key: str) -> None:
    """Find out why a port cannot be had: gRPC does not say.

    Raises:
        HostError: it cannot be had.

    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise HostError(f"{host_key} = {host!r} is no address of this machine: {error.strerror}") from error
    except OSError as error:
        raise HostError(
            f"cannot listen on {host}:{port}: {error.strerror}; end what uses it, or choose another port "
            f"with {flag}"
        ) from error


async def _serve_http(stack: contextlib.AsyncExitStack, watch: HealthWatch, host: str, port: int) -> int:
    """Serve HTTP until the stack unwinds; the number of the port taken."""
    _probe(host, port, "--metrics-port", "metrics.host")
    runner = web.AppRunner(health_app(watch), access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, host, port)
    try:
        await site.start()
    except OSError as error:
        raise HostError(f"cannot listen on {host}:{port}: {error.strerror}; change --metrics-port") from error
    return runner.addresses[0][1]
