"""The settings of `zisk-coordinator`, and what it is to do with them."""

import os
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from zisk.choices import MAXIMAL_UNITS
from zisk.cluster.declared import Setting, filled, setting, settings_of
from zisk.cluster.errors import ConfigurationError, HostError
from zisk.cluster.inputs import DEFAULT_INPUT_BYTES
from zisk.cluster.logs import LogOptions
from zisk.cluster.scheduling.limits import Limits
from zisk.cluster.settings import Settings

if TYPE_CHECKING:
    from zisk.proof_format.forms import ProofForm

__all__ = [
    "CORE_FILE_KEY",
    "FILE_VARIABLES",
    "PREFIX",
    "SETTINGS",
    "Configuration",
    "Endpoints",
    "Rules",
    "configured",
]

PREFIX = "ZISK_COORDINATOR"
"""How the names of its environment variables begin."""

FILE_VARIABLES = ("ZISK_COORDINATOR_CONFIG", "ZISK_COORDINATOR_CONFIG_PATH")
"""Environment variables that name the TOML file, where `--config` does not."""

CORE_FILE_KEY = "coordinator.config_file"
"""The setting that names a second file."""

_API_PORT = 7000
_MOST_PORT = (1 << 16) - 1


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a coordinator listens; port 0 is any free one. Equal gRPC ports other than 0 are one server."""

    host: str = setting(
        "server.host",
        "127.0.0.1",
        "address of both gRPC ports; without TLS the default is loopback, where ZisK has 0.0.0.0",
    )
    api_port: int = setting(
        "server.port",
        _API_PORT,
        "client API port (default: 7000)",
        *("-a", "--api-port"),
        environment=("ZISK_COORDINATOR_API_PORT",),
        least=0,
        most=_MOST_PORT,
    )
    cluster_port: int = setting(
        "coordinator.port",
        50051,
        "port of workers and of the admin API (default: 50051)",
        "--cluster-port",
        environment=("ZISK_COORDINATOR_CLUSTER_PORT",),
        least=0,
        most=_MOST_PORT,
    )
    metrics_host: str = setting("metrics.host", "127.0.0.1", "address of the HTTP port")
    metrics_port: int = setting(
        "metrics.port",
        9090,
        "HTTP port of /health (default: 9090)",
        "--metrics-port",
        least=0,
        most=_MOST_PORT,
    )

    def open_to_others(self) -> list[str]:
        """The addresses listened on that other machines can reach."""
        return sorted(host for host in {self.host, self.metrics_host} if not _is_loopback(host))


@dataclass(frozen=True, slots=True)
class Rules:
    """Settings of the coordinator that are neither limits nor endpoints."""

    name: str = setting("service.name", "ZisK Coordinator", "name in status answers")
    environment: str = setting("service.environment", "development", "development, staging or production")
    shutdown_seconds: float = setting(
        "server.shutdown_timeout_seconds", 30.0, "time for running jobs after a signal", least=0
    )
    proofs_dir: Path = setting(
        "server.proofs_dir", Path("proofs"), "folder for proofs (default: proofs)", "--proofs-dir"
    )
    no_save_proofs: bool = setting("server.no_save_proofs", False, "do not save proofs", "--no-save-proofs")
    inputs_folder: Path = setting(
        "server.inputs_folder", Path(), "the only folder that inputs are read from on a client's word"
    )
    artifacts_dir: str = setting(
        "server.artifacts_dir", "", "folder for large payloads; empty: a temporary one"
    )
    max_input_bytes: int = setting(
        "server.max_input_bytes", DEFAULT_INPUT_BYTES, "largest input of a guest, however it comes", least=0
    )
    max_artifact_bytes: int = setting(
        "server.max_artifact_bytes",
        64 << 30,
        "most bytes of large payloads that are kept and being uploaded; 0: any number",
        least=0,
    )
    min_free_bytes: int = setting(
        "server.min_free_bytes",
        256 << 20,
        "free space below which uploads are refused and /health is degraded; 0: no bound",
        least=0,
    )
    max_programs: int = setting(
        "server.max_programs", 1000, "most guest programs that are kept; 0: any number", least=0
    )
    max_calls: int = setting(
        "server.max_calls",
        20_000,
        "most calls under way on both gRPC ports, streams of workers and waiting clients among them; "
        "0: any number",
        least=0,
    )
    default_compute_units: int = setting(
        "coordinator.default_compute_units",
        10,
        "compute units of a job that names none",
        least=1,
        most=MAXIMAL_UNITS,
    )
    compressed_proofs: bool = setting(
        "compressed-proofs",
        False,
        "compressed proofs for clients that name no form",
        *("-c", "--compressed-proofs"),
    )

    @property
    def saved_in(self) -> Path | None:
        """Where proofs are saved; None for nowhere."""
        return None if self.no_save_proofs else self.proofs_dir

    @property
    def default_form(self) -> "ProofForm":
        """The form of a proof whose client names none."""
        from zisk.proof_format.forms import ProofForm

        return ProofForm.COMPRESSED if self.compressed_proofs else ProofForm.FINAL


_OTHERS = (
    Setting(
        "port",
        0,
        "the one port of earlier versions: worker port and client API",
        ("--port",),
        least=0,
        most=_MOST_PORT,
    ),
    Setting(CORE_FILE_KEY, "", "second TOML file, whose values count below those of the first"),
    Setting("coordinator.webhook_url", "", "URL told of finished jobs", ("--webhook-url",), used=False),
    Setting("coordinator.job_monitor_interval_seconds", 10.0, "pause between sweeps", used=False),
    Setting("coordinator.stale_disconnected_threshold_seconds", 300.0, "memory of lost workers", used=False),
    Setting("coordinator.min_compute_units", 1, "least capacity of a job", used=False),
    Setting("coordinator.reconnect_grace_period_ms", 500, "pause before a loss counts", used=False),
    Setting("backend.mode", "coordinator", "coordinator or mock", used=False),
    Setting("metrics.enabled", True, "serve /metrics", used=False),
)
"""What says where the others are, and what is accepted and unused."""

SETTINGS = (*settings_of(Endpoints, Rules, Limits, LogOptions), *_OTHERS)
"""Every setting, in the order in which `config show` prints them."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """All that a coordinator is told."""

    endpoints: Endpoints
    rules: Rules
    limits: Limits
    logs: LogOptions


def configured(settings: Settings) -> Configuration:
    """What the settings mean together.

    Raises:
        ConfigurationError: two of them exclude each other.
        HostError: proofs cannot be saved where they are to be.

    """
    api, cluster = _ports(settings)
    rules = filled(Rules, settings.__getitem__)
    if rules.no_save_proofs:
        if settings.given("server.proofs_dir", "flag") and settings.given("server.no_save_proofs", "flag"):
            raise ConfigurationError("--proofs-dir and --no-save-proofs exclude each other; give one of them")
    else:
        _check_writable(rules.proofs_dir)
    return Configuration(
        filled(Endpoints, settings.__getitem__, api_port=api, cluster_port=cluster),
        rules,
        filled(Limits, settings.__getitem__),
        filled(LogOptions, settings.__getitem__),
    )


def _ports(settings: Settings) -> tuple[int, int]:
    """The client API's port and the workers' port, equal where one port serves both.

    `--port`, and `[server] port` in files of earlier versions, mean the one port there was.
    A file that sets `server.port` to its default is taken for a newer one.
    """
    api, cluster = settings["server.port"], settings["coordinator.port"]
    if one_port := settings["port"]:
        api = api if settings.given("server.port", "environment", "flag") else one_port
        cluster = cluster if settings.given("coordinator.port", "environment", "flag") else one_port
    elif settings.given("server.port", "file") and not settings.given("coordinator.port"):
        cluster = cluster if api == _API_PORT else api
    return api, cluster


def _check_writable(folder: Path) -> None:
    """Refuse a folder for proofs that cannot be made or written."""
    existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        raise HostError(
            f"proofs cannot be saved in {folder}: {existing} cannot be written; "
            "choose another folder with --proofs-dir, or give --no-save-proofs"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
