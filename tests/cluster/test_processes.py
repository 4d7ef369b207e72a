"""Real processes, a real prover: what a user types on a machine."""

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

import zisk
from tests.cluster.processes import ELF, FIBONACCI, cluster, sha_hasher, start
from tests.golden.cases import is_pinned
from zisk import KeyOrigin, ProverClient
from zisk.exit_codes import ExitCode
from zisk.sdk import ProofForm

pytestmark = pytest.mark.slow


def test_a_proof_from_the_command_line_is_that_of_one_process(tmp_path: Path):
    with cluster(tmp_path, workers=2) as running:
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
        assert is_pinned(proof, "fibonacci-final")
        outcome = zisk.verify(proof, elf=ELF.read_bytes())
        saved, about = sorted((tmp_path / "proofs").iterdir())
        assert saved.read_bytes() == proof
        told = json.loads(about.read_text())
        assert (told["name"], told["digest"], told["proof_bytes"]) == (
            *("90.bin", outcome.digest.hex(), len(proof)),
        )
        with urllib.request.urlopen(running.health, timeout=5) as response:
            assert json.load(response)["status"] == "ok"
        assert running.workers["w0"].end(signal.SIGTERM) == ExitCode.OK
        assert running.workers["w1"].end(signal.SIGINT) == ExitCode.INTERRUPTED
        assert running.coordinator.end(signal.SIGTERM) == ExitCode.OK


def test_who_delivers_first_and_aggregates_changes_no_byte(tmp_path: Path):
    elf, guest_input = sha_hasher()
    with (
        cluster(tmp_path, workers=2) as running,
        ProverClient.remote(running.api) as client,
        ThreadPoolExecutor() as threads,
    ):
        asked = {"log_size": 16, "form": ProofForm.COMPOSITE}
        made: list[bytes] = []
        program, workers = client.upload(elf), list(running.workers.values())
        for early, late in (workers, workers[::-1]):
            before, begun = early.said(), late.said().count(" ProveTask")
            job = threads.submit(client.prove, program, guest_input, **asked)
            late.until(lambda text, n=begun: text.count(" ProveTask") > n, seconds=300)
            late.process.send_signal(signal.SIGSTOP)
            proved = before.count("ProveTask done")
            early.until(lambda text, n=proved: text.count("ProveTask done") > n, seconds=300)
            late.process.send_signal(signal.SIGCONT)
            made.append(job.result(300).data)
            assert early.said().count("AggregateTask done") == before.count("AggregateTask done") + 1
        assert made[0] == made[1]


def test_a_proof_from_python(tmp_path: Path):
    with cluster(tmp_path, workers=1) as running, ProverClient.remote(running.api) as client:
        program = client.upload(ELF.read_bytes())
        data = (FIBONACCI / "inputs" / "90.bin").read_bytes()
        key = client.setup(program, log_size=16)
        execution = client.execute(program, data)
        proof = client.prove(program, data, log_size=16, form=ProofForm.COMPOSITE)
        assert (proof.key, proof.form) == (key, ProofForm.COMPOSITE)
        assert proof.report == replace(execution, segments=proof.report.segments)
        assert client.verify(proof, key=key) == replace(proof.outcome, key_origin=KeyOrigin.GIVEN)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_workers_outlive_a_coordinator_and_join_the_next(tmp_path: Path, number: int):
    with cluster(tmp_path, workers=1) as running:
        ended = running.coordinator.end(number)
        assert ended == (ExitCode.OK if number == signal.SIGTERM else -number)
        running.workers["w0"].until(lambda text: "trying again in" in text)
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
        assert running.workers["w0"].end(signal.SIGTERM) == ExitCode.OK


def test_a_killed_worker_is_noticed_at_once(tmp_path: Path):
    with cluster(tmp_path, workers=1) as running:
        running.workers["w0"].process.kill()
        deadline = time.monotonic() + 5
        while True:
            with urllib.request.urlopen(running.health, timeout=5) as response:
                if json.load(response)["workers"] == 0:
                    break
            assert time.monotonic() < deadline
            time.sleep(0.05)
