"""Real processes, a real prover: what a user types on a machine."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import pytest

from zisk import KeyOrigin, ProverClient
from zisk.cluster.errors import JobFailedError
from zisk.errors import ErrorKind
from zisk.exit_codes import ExitCode
from zisk.sdk import ProofForm

EXAMPLES = Path(__file__).parents[2] / "examples" / "fibonacci"
ELF = EXAMPLES / "fibonacci.elf"
READY = re.compile(
    r"client API on ([\d.]+:\d+), workers on ([\d.]+:\d+), health on (http://[\d.]+:\d+/health)"
)

pytestmark = pytest.mark.slow


@dataclass
class Program:
    """A program that runs, and the file of what it says."""

    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        return self.log.read_text()

    def until(self, condition: Callable[[str], bool], seconds: float = 60.0) -> str:
        """What it has said, once that meets a condition."""
        deadline = time.monotonic() + seconds
        while not condition(text := self.said()):
            assert time.monotonic() < deadline, text
            assert self.process.poll() is None, text
            time.sleep(0.05)
        return text

    def end(self, number: int) -> int:
        """Send a signal and wait for the exit code."""
        self.process.send_signal(number)
        return self.process.wait(20)


@dataclass
class Cluster:
    """A coordinator, its addresses and its workers."""

    folder: Path
    coordinator: Program
    api: str
    workers_url: str
    health: str
    workers: list[Program]


def start(folder: Path, name: str, module: str, *arguments: str) -> Program:
    log = folder / f"{name}.log"
    # What a killed coordinator leaves behind is left where the test cleans up.
    environment = os.environ | {"TMPDIR": str(folder)}
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments], stderr=file, stdout=file, cwd=folder, env=environment
        )
    return Program(process, log)


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """A coordinator and workers with 5 units each, ended whatever happens."""
    ports = ("--api-port", "0", "--cluster-port", "0", "--metrics-port", "0")
    programs = [start(folder, "coordinator", "zisk.cli.coordinator", *ports)]
    try:
        match = READY.search(programs[0].until(lambda text: READY.search(text) is not None))
        assert match is not None
        url = f"http://{match[2]}"
        for number in range(workers):
            programs.append(
                start(
                    folder,
                    f"w{number}",
                    "zisk.cli.worker",
                    *("--worker-id", f"w{number}", "--compute-capacity", "5", "--elf", str(ELF)),
                    *("--inputs-folder", str(EXAMPLES / "inputs"), "--coordinator-url", url),
                )
            )
        for number, program in enumerate(programs[1:]):
            program.until(lambda text, n=number: f"registered as worker w{n} (capacity 5)" in text)
            programs[0].until(lambda text, n=number: f"worker registered: w{n} capacity=5" in text)
        yield Cluster(folder, programs[0], f"http://{match[1]}", url, match[3], programs[1:])
    finally:
        for program in programs:
            program.process.kill()
            program.process.wait()


def test_a_proof_from_the_command_line_is_that_of_one_process(tmp_path: Path):
    with cluster(tmp_path, workers=2) as running, ProverClient.embedded() as client:
        line = [
            *(sys.executable, "-m", "zisk.cli.coordinator", "prove", "--inputs-uri", "90.bin"),
            *("--coordinator-url", running.workers_url, "--size", "16", "-o", "out.bin"),
            *("-e", str(ELF), "--expect-outputs", "@outputs"),
        ]
        number = 2880067194370816120  # the 90th Fibonacci number
        (tmp_path / "outputs").write_bytes(number.to_bytes(8, "little") + bytes(248))
        done = subprocess.run(line, cwd=tmp_path, timeout=400, capture_output=True, text=True)
        assert done.returncode == ExitCode.OK, done.stderr
        assert done.stdout.startswith("out.bin  (final proof, ")
        *_, shown, trusted = done.stdout.splitlines()
        assert shown == f"exit code 0, outputs {number % 2**32:08x} {number >> 32:08x}"
        assert trusted.startswith("trusted: the guest alone; its key was derived ")
        assert re.search(r"Running \(Aggregate\), workers .*\((fold|final proof) \d/\d", done.stderr)
        proof = (tmp_path / "out.bin").read_bytes()
        program = client.upload(ELF.read_bytes())
        data = (EXAMPLES / "inputs" / "90.bin").read_bytes()
        own = client.prove(program, data, log_size=16)
        assert (proof, ProofForm.FINAL) == (own.data, own.form)
        assert len(proof) < 1 << 20
        (saved,) = (tmp_path / "proofs").iterdir()
        assert saved.read_bytes() == proof
        with urllib.request.urlopen(running.health, timeout=5) as response:
            assert json.load(response)["status"] == "ok"
        assert running.workers[0].end(signal.SIGTERM) == ExitCode.OK
        assert running.workers[1].end(signal.SIGINT) == ExitCode.INTERRUPTED
        assert running.coordinator.end(signal.SIGTERM) == ExitCode.OK


def test_who_delivers_first_and_aggregates_changes_no_byte(tmp_path: Path):
    elf, guest_input = sha_hasher()
    with (
        cluster(tmp_path, workers=2) as running,
        ProverClient.embedded() as alone,
        ProverClient.remote(running.api) as client,
        ThreadPoolExecutor() as threads,
    ):
        asked = {"log_size": 16, "form": ProofForm.COMPOSITE}
        proof = alone.prove(alone.upload(elf), guest_input, **asked).data
        program = client.upload(elf)
        for early, late in (running.workers, running.workers[::-1]):
            before, begun = early.said(), late.said().count(" ProveTask")
            job = threads.submit(client.prove, program, guest_input, **asked)
            late.until(lambda text, n=begun: text.count(" ProveTask") > n, seconds=300)
            late.process.send_signal(signal.SIGSTOP)
            proved = before.count("ProveTask done")
            early.until(lambda text, n=proved: text.count("ProveTask done") > n, seconds=300)
            late.process.send_signal(signal.SIGCONT)
            assert job.result(300).data == proof
            assert early.said().count("AggregateTask done") == before.count("AggregateTask done") + 1


def test_an_aggregator_killed_at_its_fold_fails_the_job_and_the_others_take_the_next(tmp_path: Path):
    elf, guest_input = sha_hasher()
    with (
        cluster(tmp_path, workers=2) as running,
        ProverClient.remote(running.api) as client,
        ThreadPoolExecutor() as threads,
    ):
        program = client.upload(elf)
        job = threads.submit(client.prove, program, guest_input, log_size=16)
        deadline = time.monotonic() + 300
        while not (folding := [one for one in running.workers if "AggregateTask" in one.said()]):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        (aggregator,) = folding
        aggregator.process.kill()
        with pytest.raises(JobFailedError, match=r"worker w\d was lost: its connection ended") as caught:
            job.result(60)
        assert caught.value.kind is ErrorKind.WORKER_LOST
        assert not list((tmp_path / "proofs").iterdir())
        proof = client.prove(program, guest_input, log_size=16, form=ProofForm.COMPOSITE)
        assert client.verify(proof, key=proof.key).outputs == proof.report.outputs


def sha_hasher() -> tuple[bytes, bytes]:
    """A guest with segments for several workers, and its input."""
    data = files("zisk") / "data"
    return (data / "sha-hasher.elf").read_bytes(), (data / "sha-hasher.input").read_bytes()


def test_a_proof_from_python(tmp_path: Path):
    with cluster(tmp_path, workers=1) as running, ProverClient.remote(running.api) as client:
        program = client.upload(ELF.read_bytes())
        data = (EXAMPLES / "inputs" / "90.bin").read_bytes()
        key = client.setup(program, log_size=16)
        execution = client.execute(program, data)
        proof = client.prove(program, data, log_size=16, form=ProofForm.COMPRESSED)
        assert (proof.key, proof.form) == (key, ProofForm.COMPRESSED)
        assert proof.report == replace(execution, segments=proof.report.segments)
        assert client.verify(proof, key=key) == replace(proof.outcome, key_origin=KeyOrigin.GIVEN)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_workers_outlive_a_coordinator_and_join_the_next(tmp_path: Path, number: int):
    with cluster(tmp_path, workers=1) as running:
        ended = running.coordinator.end(number)
        assert ended == (ExitCode.OK if number == signal.SIGTERM else -number)
        running.workers[0].until(lambda text: "trying again in" in text)
        ports = (
            "--api-port",
            "0",
            "--metrics-port",
            "0",
            "--cluster-port",
            running.workers_url.split(":")[2],
        )
        second = start(tmp_path, "second", "zisk.cli.coordinator", *ports)
        try:
            second.until(lambda text: "worker registered: w0 capacity=5" in text)
        finally:
            second.process.kill()
            second.process.wait()
        assert running.workers[0].end(signal.SIGTERM) == ExitCode.OK


def test_a_killed_worker_is_noticed_at_once(tmp_path: Path):
    with cluster(tmp_path, workers=1) as running:
        running.workers[0].process.kill()
        deadline = time.monotonic() + 5
        while True:
            with urllib.request.urlopen(running.health, timeout=5) as response:
                if json.load(response)["workers"] == 0:
                    break
            assert time.monotonic() < deadline
            time.sleep(0.05)
