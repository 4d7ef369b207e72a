"""The settings of `zisk-worker`: one table of everything that the documents name."""

from zisk.cluster.settings import Setting

__all__ = ["FILE_VARIABLES", "PREFIX", "SETTINGS"]

PREFIX = "ZISK_WORKER"
"""How the names of its environment variables begin."""

FILE_VARIABLES = ("ZISK_WORKER_CONFIG_PATH", "ZISK_WORKER_CONFIG")
"""Environment variables that name the TOML file, where `--config` does not."""

SETTINGS = (
    Setting("elf", "", "guest program that LaunchProof proves", ("--elf",)),
    Setting("worker.worker_id", "", "name among the workers (default: a random UUID)", ("--worker-id",)),
    Setting(
        "worker.compute_capacity.compute_units",
        10,
        "compute units that this machine is worth (default: 10)",
        ("--compute-capacity",),
    ),
    Setting("worker.environment", "development", "development, staging or production"),
    Setting(
        "worker.inputs_folder",
        ".",
        "the only folder that inputs are read from (default: the working directory)",
        ("--inputs-folder",),
    ),
    Setting(
        "coordinator.url",
        "http://127.0.0.1:50051",
        "the coordinator's worker port (default: http://127.0.0.1:50051)",
        ("-c", "--coordinator-url"),
    ),
    Setting("connection.reconnect_interval_seconds", 5.0, "pause before connecting again"),
    Setting("connection.heartbeat_timeout_seconds", 30.0, "silence after which the coordinator is gone"),
    Setting(
        "logging.level",
        "info",
        "error, warn, info, debug, trace, or a filter (default: info)",
        ("--log-level",),
        ("RUST_LOG",),
    ),
    Setting("logging.format", "pretty", "pretty, json or compact", choices=("pretty", "json", "compact")),
    Setting("logging.file_path", "", "log file, turned over daily; empty: standard error"),
    Setting("verbose", 0, "more log lines: -v warn, -vv info, -vvv debug", ("-v", "--verbose"), counted=True),
    Setting(
        "number-threads-witness",
        0,
        "threads of the prover (default: all)",
        ("-n", "--number-threads-witness"),
    ),
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
"""Every setting, in the order in which `config show` prints them."""
