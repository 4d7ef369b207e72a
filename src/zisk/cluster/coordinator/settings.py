"""The settings of `zisk-coordinator`: one table of everything that the documents name."""

import os
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from zisk.cluster.errors import ConfigurationError, HostError
from zisk.cluster.settings import Setting, Settings

if TYPE_CHECKING:
    from zisk.prover.forms import ProofForm

__all__ = [
    "CORE_FILE_KEY",
    "FILE_VARIABLES",
    "PREFIX",
    "SETTINGS",
    "default_form_of",
    "open_to_others",
    "ports_of",
    "proofs_dir_of",
]

PREFIX = "ZISK_COORDINATOR"
"""How the names of its environment variables begin."""

FILE_VARIABLES = ("ZISK_COORDINATOR_CONFIG", "ZISK_COORDINATOR_CONFIG_PATH")
"""Environment variables that name the TOML file, where `--config` does not."""

CORE_FILE_KEY = "coordinator.config_file"
"""The setting that names a second file."""

_LOG_LEVELS = ("error", "warn", "info", "debug", "trace")

SETTINGS = (
    Setting("service.name", "ZisK Coordinator", "name in status answers"),
    Setting("service.environment", "development", "development, staging or production"),
    Setting(
        "server.host",
        "127.0.0.1",
        "address of both gRPC ports; without TLS the default is loopback, where ZisK has 0.0.0.0",
    ),
    Setting(
        "server.port",
        7000,
        "client API port (default: 7000)",
        ("-a", "--api-port"),
        ("ZISK_COORDINATOR_API_PORT",),
    ),
    Setting("server.shutdown_timeout_seconds", 30.0, "time for running jobs after a signal"),
    Setting("server.proofs_dir", "proofs", "folder for proofs (default: proofs)", ("--proofs-dir",)),
    Setting("server.no_save_proofs", False, "do not save proofs", ("--no-save-proofs",)),
    Setting("server.inputs_folder", ".", "the only folder that inputs are read from on a client's word"),
    Setting("server.artifacts_dir", "", "folder for large payloads; empty: a temporary one"),
    Setting(
        "coordinator.port",
        50051,
        "port of workers and of the admin API (default: 50051)",
        ("--cluster-port",),
        ("ZISK_COORDINATOR_CLUSTER_PORT",),
    ),
    Setting("port", 0, "the one port of earlier versions: worker port and client API", ("--port",)),
    Setting(CORE_FILE_KEY, "", "second TOML file, whose values count below those of the first"),
    Setting("coordinator.max_workers_per_job", 10, "most workers in one job; 0: any number"),
    Setting("coordinator.max_total_workers", 1000, "most workers connected; 0: any number"),
    Setting("coordinator.phase1_timeout_seconds", 300.0, "limit of Contributions; 0: none"),
    Setting("coordinator.phase2_timeout_seconds", 600.0, "limit of Prove; 0: none"),
    Setting("coordinator.phase3_timeout_seconds", 600.0, "limit of Aggregate; 0: none"),
    Setting("coordinator.execution_timeout_seconds", 300.0, "limit of execute and setup jobs; 0: none"),
    Setting(
        "coordinator.heartbeat_interval_seconds",
        30.0,
        "times heartbeat_max_missed: the silence after which a worker is lost",
    ),
    Setting("coordinator.heartbeat_max_missed", 3, "heartbeats that may be missed"),
    Setting("coordinator.job_ttl_seconds", 3600.0, "how long a finished job can be asked about; 0: for ever"),
    Setting("coordinator.default_compute_units", 10, "compute units of a job that names none"),
    Setting("coordinator.webhook_url", "", "URL told of finished jobs", ("--webhook-url",), used=False),
    Setting("coordinator.job_monitor_interval_seconds", 10.0, "pause between sweeps", used=False),
    Setting("coordinator.stale_disconnected_threshold_seconds", 300.0, "memory of lost workers", used=False),
    Setting("coordinator.min_compute_units", 1, "least capacity of a job", used=False),
    Setting("coordinator.reconnect_grace_period_ms", 500, "pause before a loss counts", used=False),
    Setting("backend.mode", "coordinator", "coordinator or mock", used=False),
    Setting("metrics.enabled", True, "serve /metrics", used=False),
    Setting("metrics.host", "127.0.0.1", "address of the HTTP port"),
    Setting(
        "metrics.port",
        9090,
        "HTTP port of /health (default: 9090)",
        ("--metrics-port",),
    ),
    Setting(
        "logging.level",
        "info",
        f"{', '.join(_LOG_LEVELS)}, or a filter (default: info)",
        ("--log-level",),
        ("RUST_LOG",),
    ),
    Setting("logging.format", "pretty", "pretty, json or compact", choices=("pretty", "json", "compact")),
    Setting("logging.file_path", "", "log file, turned over daily; empty: standard error"),
    Setting(
        "compressed-proofs",
        False,
        "compressed proofs for clients that name no form",
        ("-c", "--compressed-proofs"),
    ),
)
"""Every setting, in the order in which `config show` prints them."""


def open_to_others(settings: Settings) -> list[str]:
    """The addresses listened on that other machines can reach."""
    hosts = {settings["server.host"], settings["metrics.host"]}
    return sorted(host for host in hosts if not _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def ports_of(settings: Settings) -> tuple[int, int]:
    """The client API's port and the workers' port, equal where one port serves both.

    `--port`, and `[server] port` in files of earlier versions, mean the one port there was.
    A file that sets `server.port` to its default of 7000 is taken for a newer one.

    Raises:
        ConfigurationError: a port is not from 0 to 65535.

    """
    api, cluster = settings["server.port"], settings["coordinator.port"]
    if one_port := settings["port"]:
        api = api if settings.given("server.port", "environment", "flag") else one_port
        cluster = cluster if settings.given("coordinator.port", "environment", "flag") else one_port
    elif settings.given("server.port", "file") and settings.values["coordinator.port"].source == "default":
        cluster = cluster if api == 7000 else api
    for key, port in (
        ("server.port", api),
        ("coordinator.port", cluster),
        ("metrics.port", settings["metrics.port"]),
    ):
        if not 0 <= port < 1 << 16:
            raise ConfigurationError(f"{key} is {port}; a port is a number from 0 to 65535")
    return api, cluster


def default_form_of(settings: Settings) -> "ProofForm":
    """The form of a proof whose client names none."""
    from zisk.prover.forms import ProofForm

    return ProofForm.COMPRESSED if settings["compressed-proofs"] else ProofForm.FINAL


def proofs_dir_of(settings: Settings) -> Path | None:
    """Where proofs are saved; None for nowhere.

    Raises:
        ConfigurationError: flags ask for both.
        HostError: nothing can be written there.

    """
    if settings["server.no_save_proofs"]:
        if settings.given("server.proofs_dir", "flag") and settings.given("server.no_save_proofs", "flag"):
            raise ConfigurationError("--proofs-dir and --no-save-proofs exclude each other; give one of them")
        return None
    folder = Path(settings["server.proofs_dir"])
    existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        raise HostError(
            f"proofs cannot be saved in {folder}: {existing} cannot be written; "
            "choose another folder with --proofs-dir, or give --no-save-proofs"
        )
    return folder
