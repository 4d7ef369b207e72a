"""The programs `zisk-coordinator` and `zisk-worker` as their users meet them, short of real proofs."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster.background import background_cluster
from tests.cluster.fake_engine import proof_of
from tests.cluster.quiet import quiet
from tests.cluster.running import ELF
from tests.keys import key_of
from zisk.cli import coordinator, worker
from zisk.cli.failures import CommandError
from zisk.errors import ErrorKind
from zisk.exit_codes import ExitCode
from zisk.proof_format.forms import ProofForm
from zisk.prover import Outcome

GUEST = Path(__file__).parents[2] / "examples" / "fibonacci" / "fibonacci.elf"


@pytest.fixture(autouse=True)
def quiet_afterwards():
    """Take back what the programs do to the log."""
    yield
    quiet()


def test_parsing_imports_nothing_heavy():
    code = (
        "import sys; from zisk.cli import coordinator, worker;"
        "coordinator.build_parser(); worker.build_parser();"
        "sys.exit(bool({'grpc', 'numba', 'numpy', 'aiohttp'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_config_show_prints_values_and_sources(capsys: pytest.CaptureFixture[str]):
    assert coordinator.main(["config", "show", "--api-port", "8000", "-c"]) == ExitCode.OK
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["server.port", "8000", "(flag", "--api-port)"] in lines
    assert ["coordinator.port", "50051", "(default)"] in lines
    assert ["compressed-proofs", "True", "(flag", "--compressed-proofs)"] in lines
    assert ["server.proofs_dir", "'proofs'", "(default)"] in lines
    assert lines[-1] == ["client", "API", "on", "127.0.0.1:8000,", "workers", "on", "127.0.0.1:50051"]


def test_config_show_names_what_changes_nothing(capsys: pytest.CaptureFixture[str]):
    assert coordinator.main(["config", "show", "--webhook-url", "http://host"]) == ExitCode.OK
    assert capsys.readouterr().out.splitlines()[-1] == (
        "note: coordinator.webhook_url (flag --webhook-url) is accepted and changes nothing in this version"
    )


def prove(cluster_url: str, *arguments: str) -> int:
    return coordinator.main(["prove", "--coordinator-url", cluster_url, *arguments])


def test_prove_with_an_input_of_the_workers(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with background_cluster(tmp_path, "ab") as cluster:
        (cluster.inputs / "input.bin").write_bytes(b"data")
        proof = tmp_path / "proof.bin"
        code = prove(cluster.worker_url, "--input", "input.bin", "--compute-capacity", "8", "-o", str(proof))
    assert code == ExitCode.OK
    assert proof.read_bytes() == proof_of(ELF, b"data", units=8)
    captured = capsys.readouterr()
    size = proof.stat().st_size
    assert captured.out.startswith(f"{proof}  (final proof, {size:,} bytes, {size / 1024:.1f} KiB, ")
    *_, over, note = captured.err.splitlines()
    assert over.endswith(": Completed")
    assert note == f"note: not verified; `zisk verify -p {proof} -e GUEST.elf` does that"


def test_prove_saves_nothing_that_it_was_to_verify_and_that_does_not_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "key").write_bytes(key_of(20, 128))
    proof = tmp_path / "proof.bin"
    with background_cluster(tmp_path, "a") as cluster:
        code = prove(cluster.worker_url, "-v", str(tmp_path / "key"), "-o", str(proof))
    assert (code, sorted(path.name for path in tmp_path.glob("*.bin"))) == (ExitCode.REFUSED, [])
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-1].startswith("zisk-coordinator: error: proof refused (format): ")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--expect-exit", "0"], ExitCode.USAGE, "add -e GUEST or -v KEY"),
        (["--expect-outputs", "x", "-v", "key"], ExitCode.USAGE, "'x' are no hexadecimal words"),
        (["-e", "absent.elf"], ExitCode.BAD_FILE, "guest program absent.elf: no such file"),
        (["-e", "key"], ExitCode.BAD_FILE, "not an ELF"),
        (["-v", "none"], ExitCode.REFUSED, "(key): the verifying key is malformed: it is too short"),
        (["-v", "key", "--size", "18"], ExitCode.REFUSED, "of size 20 and 128 bits, a proof of size 18"),
        (["-v", "key", "--security", "100"], ExitCode.REFUSED, "a proof of size 20 and 100 bits is asked"),
        (["-v", "key", "--expect-digest", "00" * 36], ExitCode.REFUSED, f"one expected is {'00' * 36}"),
        (["-o", "absent/proof"], ExitCode.HOST, "proof absent/proof: cannot be written"),
    ],
)
def test_prove_looks_before_it_asks_for_a_proof(
    arguments: list[str],
    code: ExitCode,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZISK_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "key").write_bytes(key_of(20, 128))
    (tmp_path / "none").write_bytes(b"a key")
    assert prove("http://127.0.0.1:1", *arguments) == code
    [line] = capsys.readouterr().err.splitlines()
    assert message in line


def test_prove_asks_for_nothing_whose_key_cannot_be_derived_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("ZISK_CACHE_DIR", str(tmp_path))
    monkeypatch.setitem(sys.modules, "numba", None)
    assert prove("http://127.0.0.1:1", "-e", str(GUEST), "-o", str(tmp_path / "proof")) == ExitCode.HOST
    assert capsys.readouterr().err == (
        "zisk-coordinator: error: deriving a key from the guest takes numba, which cannot be imported here; "
        "install pyzisk with all it depends on, or give the key itself with -v\n"
    )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CommandError(ErrorKind.HOST, "no Numba"), ExitCode.HOST),
        (MemoryError(), ExitCode.HOST),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
    ],
)
@pytest.mark.parametrize("output", ["proof.bin", "/dev/null"])
def test_prove_keeps_a_proof_that_cannot_be_verified_here(
    error: BaseException,
    code: ExitCode,
    output: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    def fail(*_: object) -> None:
        raise error

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("zisk.cli.verification.verify", fail)
    with background_cluster(tmp_path, "ab") as cluster:
        (tmp_path / "key").write_bytes(key_of(20, 128))
        assert prove(cluster.worker_url, "-v", "key", "-o", output) == code
        [job_id] = cluster.shell.machine.state.jobs
    [kept] = tmp_path.glob("*.bin")
    assert (kept.name, kept.read_bytes()) == (f"unverified_{job_id}.bin", proof_of(ELF, b""))
    *_, note, last = capsys.readouterr().err.splitlines()
    assert note == f"note: the proof is kept, not verified, in {kept.name}; see `zisk verify`"
    assert last.startswith("zisk-coordinator: error: ")


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (["--composite"], "the proof is final, one that is composite was asked for"),
        (["--size", "20"], "the proof is of size 18, one of size 20 was asked for"),
    ],
)
def test_prove_saves_no_proof_of_another_form_or_size(
    asked: list[str],
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    shown = Outcome(ProofForm.FINAL, bytes(36), 0, (0,) * 64, 1, None, 128, 18)
    monkeypatch.setattr("zisk.cli.verification.verify", lambda *_: (shown, 0.0))
    monkeypatch.chdir(tmp_path)
    with background_cluster(tmp_path, "ab") as cluster:
        (tmp_path / "key").write_bytes(key_of(20, 128))
        assert prove(cluster.worker_url, "-v", "key", "-o", "proof.bin", *asked) == ExitCode.REFUSED
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"zisk-coordinator: error: proof refused (policy): {text}"
    )
    assert list(tmp_path.glob("*.bin")) == []


def test_prove_with_an_input_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.bin").write_bytes(b"large" + bytes(2 << 20))
    with background_cluster(tmp_path, "ab") as cluster:
        assert prove(cluster.worker_url, "--inputs-uri", "mine.bin", "-x", "--size", "16") == ExitCode.OK
        (job,) = cluster.shell.machine.state.jobs.values()
        assert job.request.data_id == "mine.bin"
    proof = (tmp_path / f"proof_{job.job_id}.bin").read_bytes()
    assert proof == proof_of(ELF, b"large" + bytes(2 << 20), log_size=16)


@pytest.mark.parametrize(
    ("flag", "form"),
    [("--compressed-proofs", ProofForm.COMPRESSED), ("--composite", ProofForm.COMPOSITE)],
)
def test_prove_in_another_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flag: str, form: ProofForm
):
    proof = tmp_path / "proof.bin"
    with background_cluster(tmp_path, "ab") as cluster:
        assert prove(cluster.worker_url, flag, "-o", str(proof)) == ExitCode.OK
    assert proof.read_bytes() == proof_of(ELF, b"", form=form)
    assert capsys.readouterr().out.startswith(f"{proof}  ({form} proof, ")


def test_prove_takes_one_form():
    with pytest.raises(SystemExit) as caught:
        prove("http://127.0.0.1:1", "--compressed-proofs", "--composite")
    assert caught.value.code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("workers", "arguments", "code", "message"),
    [
        ("", [], ExitCode.NO_CAPACITY, "no worker is connected; start one"),
        ("a", ["-c", "5"], ExitCode.NO_CAPACITY, "5 units asked for, 4 connected"),
        ("a", ["-c", "4", "-m", "5"], ExitCode.USAGE, "Minimal compute capacity must not exceed"),
        ("a", ["--input", "../x"], ExitCode.BAD_FILE, "the only folder that inputs are read from"),
        ("a", ["--input", "none.bin"], ExitCode.BAD_FILE, "there is no input"),
        ("a", ["--input", "fault.bin"], ExitCode.GUEST_FAULT, "worker a: guest fault: unimp"),
    ],
)
def test_prove_says_what_is_wrong(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    workers: str,
    arguments: list[str],
    code: ExitCode,
    message: str,
):
    with background_cluster(tmp_path, workers) as cluster:
        (cluster.inputs / "fault.bin").write_bytes(b"fault")
        assert prove(cluster.worker_url, *arguments) == code
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("zisk-coordinator: error: ")
    assert message in last


def test_prove_without_a_coordinator(capsys: pytest.CaptureFixture[str]):
    assert prove("http://127.0.0.1:1") == ExitCode.NO_CAPACITY
    assert "no coordinator answers at http://127.0.0.1:1" in capsys.readouterr().err


def test_prove_with_a_missing_input_of_its_own(capsys: pytest.CaptureFixture[str]):
    assert prove("http://127.0.0.1:1", "--input", "none.bin", "-x") == ExitCode.BAD_FILE
    assert "none.bin" in capsys.readouterr().err


@pytest.mark.parametrize("flag", ["--api-port", "--cluster-port", "--metrics-port"])
def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str], flag: str):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ports = {"--api-port": 0, "--cluster-port": 0, "--metrics-port": 0} | {flag: port}
        flags = [part for name, number in ports.items() for part in (name, str(number))]
        assert coordinator.main(flags) == ExitCode.HOST
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == (
        f"zisk-coordinator: error: cannot listen on 127.0.0.1:{port}: Address already in use; "
        f"end what uses it, or choose another port with {flag}"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--elf", "/none.elf"], ExitCode.BAD_FILE, "/none.elf: no such file"),
        (["--elf", __file__], ExitCode.BAD_FILE, "not an ELF file"),
        (["--inputs-folder", "/none"], ExitCode.BAD_FILE, "inputs folder /none does not exist; create it"),
        (
            ["--compute-capacity", "0"],
            ExitCode.USAGE,
            "--compute-capacity is 0; give a number from 1 to 4096",
        ),
        (["--coordinator-url", "https://host:1"], ExitCode.USAGE, "speaks without TLS"),
        (["--coordinator-url", "http://[::1"], ExitCode.USAGE, "is not understood"),
        (["--coordinator-url", "http://host:1/path"], ExitCode.USAGE, "is not understood"),
        (["--config", "/none.toml"], ExitCode.USAGE, "configuration file /none.toml cannot be read"),
        (["--asm", "x", "--emulator"], ExitCode.USAGE, "--asm and --emulator exclude each other"),
    ],
)
def test_a_worker_says_what_is_wrong(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: ExitCode, message: str
):
    assert worker.main(arguments) == code
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("zisk-worker: error: ")
    assert message in last


@pytest.mark.parametrize(
    "arguments",
    [["-c", "4294967296"], ["-m", "4294967296"], ["--data-id", "\udcff"], ["--inputs-uri", "\udcff"]],
)
def test_what_no_message_holds_is_refused_before_it_is_sent(arguments: list[str]):
    with pytest.raises(SystemExit) as ended:
        prove("http://127.0.0.1:1", *arguments)
    assert ended.value.code == ExitCode.USAGE
