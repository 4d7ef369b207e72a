"""The settings of `zisk-worker`, and what it is to do with them."""

from dataclasses import dataclass, replace
from pathlib import Path

from zisk.choices import MAXIMAL_UNITS
from zisk.cluster.declared import Setting, filled, setting, settings_of
from zisk.cluster.errors import ConfigurationError, InputError, WireError
from zisk.cluster.inputs import DEFAULT_INPUT_BYTES
from zisk.cluster.logs import LogOptions
from zisk.cluster.protocol.fields import check_worker_id
from zisk.cluster.settings import Settings

__all__ = ["FILE_VARIABLES", "PREFIX", "SETTINGS", "WorkerOptions", "configured"]

PREFIX = "ZISK_WORKER"
"""How the names of its environment variables begin."""

FILE_VARIABLES = ("ZISK_WORKER_CONFIG_PATH", "ZISK_WORKER_CONFIG")
"""Environment variables that name the TOML file, where `--config` does not."""

_VERBOSITY = ("error", "warn", "info", "debug", "trace")
"""Levels by number of -v."""


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """Settings of a worker; times are in seconds."""

    worker_id: str = setting(
        "worker.worker_id", "", "name among the workers (default: a random UUID)", "--worker-id"
    )
    capacity: int = setting(
        "worker.compute_capacity.compute_units",
        10,
        "compute units that this machine is worth (default: 10)",
        "--compute-capacity",
        least=1,
        most=MAXIMAL_UNITS,
    )
    coordinator_url: str = setting(
        "coordinator.url",
        "http://127.0.0.1:50051",
        "the coordinator's worker port (default: http://127.0.0.1:50051)",
        *("-c", "--coordinator-url"),
    )
    inputs_folder: Path = setting(
        "worker.inputs_folder",
        Path(),
        "the only folder that inputs are read from (default: the working directory)",
        "--inputs-folder",
    )
    max_input_bytes: int = setting(
        "worker.max_input_bytes", DEFAULT_INPUT_BYTES, "largest input of a guest, however it comes", least=0
    )
    reconnect_seconds: float = setting(
        "connection.reconnect_interval_seconds", 5.0, "pause before connecting again", least=0
    )
    heartbeat_timeout: float = setting(
        "connection.heartbeat_timeout_seconds",
        30.0,
        "silence after which the coordinator is gone",
        least=1,
    )
    shutdown_seconds: float = setting(
        "worker.shutdown_timeout_seconds", 30.0, "time for the task at hand after a signal", least=0
    )
    threads: int = setting(
        "number-threads-witness",
        0,
        "threads of the prover (default: all)",
        *("-n", "--number-threads-witness"),
        least=0,
    )
    elf: str = setting("elf", "", "guest program that LaunchProof proves", "--elf")
    environment: str = setting("worker.environment", "development", "development, staging or production")


_OTHERS = (
    Setting("verbose", 0, "more log lines: -v warn, -vv info, -vvv debug", ("-v", "--verbose"), counted=True),
    Setting("witness-lib", "", "witness library", ("--witness-lib",), used=False),
    Setting("proving-key", "", "set-up folder", ("-k", "--proving-key"), used=False),
    Setting("proving-key-snark", "", "SNARK set-up folder", ("-s", "--proving-key-snark"), used=False),
    Setting("asm", "", "assembly file", ("-a", "--asm"), used=False),
    Setting("emulator", False, "prebuilt emulator", ("-l", "--emulator"), used=False),
    Setting("asm-port", 23115, "base port of assembly services", ("--asm-port",), used=False),
    Setting("asm-out-file", False, "log of assembly services", ("--asm-out-file",), used=False),
    Setting("shared-tables", False, "share tables in a cluster", ("--shared-tables",), used=False),
    Setting("debug", "", "debug mode", ("-d", "--debug"), used=False, optional_value=True),
    Setting("verify-constraints", False, "verify constraints", ("--verify-constraints",), used=False),
    Setting("unlock-mapped-memory", False, "unlock mapped memory", ("--unlock-mapped-memory",), used=False),
    Setting("hints", False, "precompile hints", ("--hints",), used=False),
    Setting("minimal-memory", False, "minimal memory mode", ("-m", "--minimal-memory"), used=False),
    Setting("rma", False, "RMA mode", ("-r", "--rma"), used=False),
    Setting("preallocate", False, "GPU preallocation", ("-z", "--preallocate"), used=False),
    Setting("max-streams", 0, "GPU streams", ("-t", "--max-streams"), used=False),
    Setting("max-witness-stored", 0, "witnesses in memory", ("-x", "--max-witness-stored"), used=False),
    Setting("gpu", False, "GPU mode", ("-g", "--gpu"), used=False),
    Setting("final-snark", False, "final SNARK", ("-f", "--final-snark"), used=False),
    Setting("plonk", False, "PLONK proofs", ("-p", "--plonk"), used=False),
    Setting("preload-plonk", False, "preload the PLONK key", ("-P", "--preload-plonk"), used=False),
)
"""How much is logged, in ZisK's other way, and what is accepted and unused."""

SETTINGS = (*settings_of(WorkerOptions, LogOptions), *_OTHERS)
"""Every setting, in the order in which docs/settings.md has them."""


def configured(settings: Settings) -> tuple[WorkerOptions, LogOptions]:
    """What the settings mean together.

    Raises:
        ConfigurationError: two of them exclude each other, or a coordinator would refuse the worker's id.
        InputError: there is no folder that inputs are read from.

    """
    if settings["asm"] and settings["emulator"]:
        raise ConfigurationError("--asm and --emulator exclude each other; give one of them")
    options, logs = filled(WorkerOptions, settings.__getitem__), filled(LogOptions, settings.__getitem__)
    if options.worker_id:
        try:
            check_worker_id(options.worker_id)
        except WireError as error:
            raise ConfigurationError(f"worker.worker_id cannot be used: {error}") from None
    if not options.inputs_folder.is_dir():
        raise InputError(
            f"inputs folder {options.inputs_folder} does not exist; create it, or change --inputs-folder"
        )
    if count := settings["verbose"]:
        logs = replace(logs, level=_VERBOSITY[min(count, len(_VERBOSITY) - 1)])
    return options, logs
