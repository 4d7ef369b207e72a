"""Where the value of a setting comes from."""

import argparse
from pathlib import Path

import pytest

from zisk.cluster.coordinator.settings import CORE_FILE_KEY, PREFIX, SETTINGS, Endpoints, Rules, configured
from zisk.cluster.declared import Setting
from zisk.cluster.errors import ConfigurationError, HostError
from zisk.cluster.scheduling.limits import Limits
from zisk.cluster.settings import Settings, Value, add_flags, resolve
from zisk.cluster.worker import settings as worker
from zisk.proof_format.forms import ProofForm


def coordinator(
    tmp_path: Path, toml: str = "", environment: dict[str, str] | None = None, flags: str = ""
) -> Settings:
    """The settings of a coordinator with this file, environment and command line."""
    file = tmp_path / "coordinator.toml"
    file.write_text(toml)
    parser = argparse.ArgumentParser()
    add_flags(parser, SETTINGS)
    return resolve(
        SETTINGS,
        PREFIX,
        file=file,
        core_file_key=CORE_FILE_KEY,
        environment=environment or {},
        arguments=parser.parse_args(flags.split()),
    )


def ports(settings: Settings) -> tuple[int, int]:
    endpoints = configured(settings).endpoints
    return endpoints.api_port, endpoints.cluster_port


def test_defaults(tmp_path: Path):
    settings = coordinator(tmp_path)
    assert {value.source for value in settings.values.values()} == {"default"}
    assert settings["server.host"] == "127.0.0.1"
    assert settings["coordinator.default_compute_units"] == 10
    told = configured(settings)
    assert (told.endpoints, told.rules, told.limits) == (Endpoints(), Rules(), Limits())
    assert ports(settings) == (7000, 50051)
    assert settings.notices() == []


def test_later_sources_win(tmp_path: Path):
    toml = "[metrics]\nport = 1\n"
    variables = {"ZISK_COORDINATOR_METRICS_PORT": "2"}
    file = tmp_path / "coordinator.toml"
    assert coordinator(tmp_path, toml).values["metrics.port"] == Value(1, f"file {file}")
    assert coordinator(tmp_path, toml, variables).values["metrics.port"] == Value(
        2, "environment ZISK_COORDINATOR_METRICS_PORT"
    )
    assert coordinator(tmp_path, toml, variables, "--metrics-port 3").values["metrics.port"] == Value(
        3, "flag --metrics-port"
    )


def test_every_key_has_a_variable(tmp_path: Path):
    variables = {
        "ZISK_COORDINATOR_SERVER_NO_SAVE_PROOFS": "true",
        "ZISK_COORDINATOR_COORDINATOR_PHASE1_TIMEOUT_SECONDS": "12.5",
        "RUST_LOG": "debug",
    }
    settings = coordinator(tmp_path, "", variables)
    assert settings["server.no_save_proofs"] is True
    assert settings["coordinator.phase1_timeout_seconds"] == 12.5
    assert settings["logging.level"] == "debug"


def test_the_older_production_file(tmp_path: Path):
    toml = """
[service]
name = "ZisK Distributed Coordinator"
environment = "production"
[server]
host = "0.0.0.0"
port = 50051
proofs_dir = "kept"
[logging]
level = "info"
format = "json"
file_path = "/var/log/distributed/coordinator.log"
[coordinator]
max_workers_per_job = 20
max_total_workers = 5000
phase1_timeout_seconds = 600
phase2_timeout_seconds = 1200
webhook_url = "http://webhook.example.com/notify?job_id={$job_id}"
"""
    settings = coordinator(tmp_path, toml)
    assert ports(settings) == (50051, 50051)
    assert settings["coordinator.phase1_timeout_seconds"] == 600.0
    assert configured(settings).rules.saved_in == Path("kept")
    assert settings.notices() == [
        f"coordinator.webhook_url (file {tmp_path / 'coordinator.toml'}) "
        "is accepted and changes nothing in this version"
    ]


@pytest.mark.parametrize(
    ("toml", "environment", "flags", "taken"),
    [
        ("", {}, "--port 6000", (6000, 6000)),
        ("", {}, "--port 6000 --api-port 7001", (7001, 6000)),
        ("", {}, "--port 6000 --cluster-port 6001", (6000, 6001)),
        ("", {"ZISK_COORDINATOR_API_PORT": "7002"}, "--port 6000", (7002, 6000)),
        ("[server]\nport = 6000", {}, "", (6000, 6000)),
        ("[server]\nport = 7000", {}, "", (7000, 50051)),
        ("[server]\nport = 6000\n[coordinator]\nport = 6001", {}, "", (6000, 6001)),
        ("[server]\nport = 6000", {}, "--cluster-port 6002", (6000, 6002)),
        ("", {}, "-a 8000 --cluster-port 60000", (8000, 60000)),
    ],
)
def test_ports_old_and_new(
    tmp_path: Path, toml: str, environment: dict[str, str], flags: str, taken: tuple[int, int]
):
    assert ports(coordinator(tmp_path, toml, environment, flags)) == taken


def test_a_second_file_counts_below_the_first(tmp_path: Path):
    (tmp_path / "core.toml").write_text("[coordinator]\nmax_total_workers = 5\njob_ttl_seconds = 7\n")
    toml = '[coordinator]\nconfig_file = "core.toml"\njob_ttl_seconds = 8\n'
    settings = coordinator(tmp_path, toml)
    assert settings["coordinator.max_total_workers"] == 5
    assert settings["coordinator.job_ttl_seconds"] == 8.0


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("[metrics]\nport = '9090'", "metrics.port in .* is '9090'; give a value like 9090"),
        ("[logging]\nformat = 'xml'", "is 'xml'; choose one of pretty, json, compact"),
        ("[metrics", "is not valid TOML"),
    ],
)
def test_values_that_cannot_be(tmp_path: Path, toml: str, message: str):
    with pytest.raises(ConfigurationError, match=message):
        coordinator(tmp_path, toml)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (b"[server]\nport = " + b"9" * 5_000, "is not valid TOML: Exceeds the limit"),
        (b"[server]\nport = [" + b"0x" + b"f" * 5_000 + b"]", r"server\.port .* is a number without end"),
        (b"[server]\nhost = 0x" + b"f" * 5_000, r"server\.host .* is a number without end"),
        (b"[coordinator]\nphase1_timeout_seconds = 0x" + b"f" * 500, "give a value like"),
        (b"a = " + b"[" * 5_000, "nests arrays or tables too deeply"),
        (b".".join([b"a"] * 5_000) + b" = 1", "nests arrays or tables too deeply"),
        (b"[coordinator]\nconfig_file = 5", r"coordinator\.config_file .* is 5; give a value like ''"),
        (b'[coordinator]\nconfig_file = "a\\u0000"', "without null characters"),
        (b"a = '\xff'", "is not valid TOML: 'utf-8' codec"),
        (b"#" * ((1 << 20) + 1), "has more than 1,048,576 bytes"),
    ],
)
def test_a_file_that_is_hostile_is_refused(tmp_path: Path, toml: bytes, message: str):
    file = tmp_path / "coordinator.toml"
    file.write_bytes(toml)
    with pytest.raises(ConfigurationError, match=message):
        resolve(SETTINGS, PREFIX, file=file, core_file_key=CORE_FILE_KEY, environment={})


def test_a_variable_that_is_no_number(tmp_path: Path):
    with pytest.raises(
        ConfigurationError, match="ZISK_COORDINATOR_API_PORT is 'many'; give a value like 7000"
    ):
        coordinator(tmp_path, "", {"ZISK_COORDINATOR_API_PORT": "many"})


@pytest.mark.parametrize(
    ("toml", "environment", "flags", "message"),
    [
        ("", {}, "--api-port 70000", "--api-port is 70000; give a number from 0 to 65535"),
        ("[metrics]\nport = -1", {}, "", "metrics.port in .* is -1; give a number from 0 to 65535"),
        ("[coordinator]\nheartbeat_max_missed = 0", {}, "", "is 0; give a number from 1 up"),
        ("[coordinator]\ndefault_compute_units = 4097", {}, "", "is 4097; give a number from 1 to 4096"),
        ("[coordinator]\nphase1_timeout_seconds = nan", {}, "", "is nan; give a number from 0 up"),
        (
            "",
            {"ZISK_COORDINATOR_COORDINATOR_DEFAULT_COMPUTE_UNITS": "0"},
            "",
            "is 0; give a number from 1 to 4096",
        ),
    ],
)
def test_a_number_out_of_range(
    tmp_path: Path, toml: str, environment: dict[str, str], flags: str, message: str
):
    with pytest.raises(ConfigurationError, match=message):
        coordinator(tmp_path, toml, environment, flags)


@pytest.mark.parametrize(
    ("settings", "prefix", "environment"),
    [
        (worker.SETTINGS, worker.PREFIX, {"ZISK_WORKER_WORKER_WORKER_ID": "\udcff"}),
        (SETTINGS, PREFIX, {"ZISK_COORDINATOR_SERVER_ARTIFACTS_DIR": "a\0b"}),
        (SETTINGS, PREFIX, {"ZISK_COORDINATOR_SERVER_PROOFS_DIR": "a\0b"}),
    ],
)
def test_text_that_no_message_and_no_path_holds(
    settings: tuple[Setting, ...], prefix: str, environment: dict[str, str]
):
    with pytest.raises(ConfigurationError, match="write it in UTF-8, without null characters"):
        resolve(settings, prefix, file=None, environment=environment)


def test_a_worker_is_worth_no_more_units_than_a_job_has():
    variables = {"ZISK_WORKER_WORKER_COMPUTE_CAPACITY_COMPUTE_UNITS": str(1 << 32)}
    with pytest.raises(ConfigurationError, match="give a number from 1 to 4096"):
        resolve(worker.SETTINGS, worker.PREFIX, file=None, environment=variables)


def test_proofs_are_saved_or_not(tmp_path: Path):
    assert configured(coordinator(tmp_path)).rules.saved_in == Path("proofs")
    assert configured(coordinator(tmp_path, "", {}, "--no-save-proofs")).rules.saved_in is None
    with pytest.raises(ConfigurationError, match="exclude each other"):
        configured(coordinator(tmp_path, "", {}, "--no-save-proofs --proofs-dir x"))


def test_compressed_proofs_are_for_clients_that_name_no_form(tmp_path: Path):
    assert configured(coordinator(tmp_path)).rules.default_form is ProofForm.FINAL
    assert configured(coordinator(tmp_path, "", {}, "-c")).rules.default_form is ProofForm.COMPRESSED
    assert (
        configured(coordinator(tmp_path, "", {}, "--compressed-proofs")).rules.default_form
        is ProofForm.COMPRESSED
    )


def test_a_proofs_folder_that_cannot_be_written(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(HostError, match="cannot be written; choose another folder with --proofs-dir"):
        configured(coordinator(tmp_path, "", {}, f"--proofs-dir {tmp_path}/file/below"))


@pytest.mark.parametrize(
    ("host", "reachable"),
    [
        ("127.0.0.1", []),
        ("localhost", []),
        ("::1", []),
        ("0.0.0.0", ["0.0.0.0"]),
        ("coordinator.example", ["coordinator.example"]),
    ],
)
def test_addresses_that_others_reach(tmp_path: Path, host: str, reachable: list[str]):
    settings = coordinator(tmp_path, f'[server]\nhost = "{host}"')
    assert configured(settings).endpoints.open_to_others() == reachable


def test_unknown_keys_are_named(tmp_path: Path):
    file = tmp_path / "coordinator.toml"
    assert coordinator(tmp_path, "[server]\nprot = 1\n").notices() == [
        f"server.prot in {file} is not a setting and is ignored; check its spelling"
    ]


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="cannot be read: No such file or directory; check the path"):
        resolve(SETTINGS, PREFIX, file=tmp_path / "none.toml", environment={})


def test_every_worker_flag_of_the_documents_is_taken():
    parser = argparse.ArgumentParser()
    add_flags(parser, worker.SETTINGS)
    line = (
        "--worker-id w --compute-capacity 32 --inputs-folder /in --coordinator-url http://c:1 --elf e "
        "--witness-lib l --proving-key k --asm a --emulator --asm-port 1 --shared-tables -vv -d "
        "--verify-constraints --unlock-mapped-memory -f -r -z --preallocate -t 1 -n 2 -x 3 --hints -m -g "
        "--log-level debug"
    )
    settings = resolve(
        worker.SETTINGS, worker.PREFIX, file=None, environment={}, arguments=parser.parse_args(line.split())
    )
    assert settings["worker.compute_capacity.compute_units"] == 32
    assert settings["verbose"] == 2
    assert settings["number-threads-witness"] == 2
    assert [name.split(" ")[0] for name in settings.unused] == [
        *("witness-lib", "proving-key", "asm", "emulator", "asm-port", "shared-tables", "debug"),
        *("verify-constraints", "unlock-mapped-memory", "hints", "minimal-memory", "rma", "preallocate"),
        *("max-streams", "max-witness-stored", "gpu", "final-snark"),
    ]


def test_the_worker_file_of_the_documents(tmp_path: Path):
    file = tmp_path / "worker.toml"
    file.write_text(
        """
[worker]
worker_id = "my-worker-001"
compute_capacity.compute_units = 12
environment = "production"
inputs_folder = "/app/inputs"
[coordinator]
url = "http://127.0.0.1:50051"
[connection]
reconnect_interval_seconds = 6
heartbeat_timeout_seconds = 31
[logging]
level = "info"
format = "pretty"
file_path = "/var/log/distributed/worker-001.log"
"""
    )
    settings = resolve(worker.SETTINGS, worker.PREFIX, file=file, environment={})
    assert (settings["worker.worker_id"], settings["worker.compute_capacity.compute_units"]) == (
        "my-worker-001",
        12,
    )
    assert settings["connection.reconnect_interval_seconds"] == 6.0
    assert settings.notices() == []


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (
            ["--worker-id", "a b"],
            "worker.worker_id cannot be used: 'a b' is no id of a worker: it has 1 to 128",
        ),
        (["--worker-id", "w\x1b[2J"], r"cannot be used: 'w\x1b[2J' is no id of a worker"),
        (["--compute-capacity", "4097"], "--compute-capacity is 4097; give a number from 1 to 4096"),
    ],
)
def test_a_worker_that_a_coordinator_would_refuse_does_not_start(flags: list[str], text: str):
    parser = argparse.ArgumentParser()
    add_flags(parser, worker.SETTINGS)
    with pytest.raises(ConfigurationError) as caught:
        worker.configured(
            resolve(
                worker.SETTINGS,
                worker.PREFIX,
                file=None,
                environment={},
                arguments=parser.parse_args(flags),
            )
        )
    assert text in str(caught.value)
