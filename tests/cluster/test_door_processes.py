"""What comes in through the door of real processes, and what they refuse before they open it."""

import os
import re
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from tests.cluster.processes import ELF, FIBONACCI, READY, Program, cluster, start
from zisk import ProverClient
from zisk.cluster.protocol.address import target_of
from zisk.cluster.protocol.generated import distributed_pb2 as wire
from zisk.cluster.protocol.generated.distributed_pb2_grpc import ZiskDistributedApiStub
from zisk.cluster.protocol.refusal import answered
from zisk.errors import ErrorKind, ZiskError
from zisk.exit_codes import ExitCode
from zisk.sdk import ProofForm

pytestmark = pytest.mark.slow

PORTS = ("--api-port", "0", "--cluster-port", "0", "--metrics-port", "0")


@contextmanager
def coordinator(folder: Path, *flags: str) -> Iterator[Program]:
    """A coordinator, ended whatever happens."""
    program = start(folder, "coordinator", "zisk.cli.coordinator", *PORTS, *flags)
    try:
        yield program
    finally:
        program.process.kill()
        program.process.wait()


def launch(url: str, **fields: Any) -> str:
    """Launch a proof; the id of the job."""
    with answered(url), grpc.insecure_channel(target_of(url)) as channel:
        return (
            ZiskDistributedApiStub(channel).LaunchProof(wire.LaunchProofRequest(**fields), timeout=20).job_id
        )


def health_of(url: str) -> str:
    """What health says, whatever its status."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.read().decode()


def test_pipes_named_as_inputs_hold_nothing_up_and_a_signal_ends_both(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    with cluster(tmp_path, workers=1) as running, ThreadPoolExecutor(8) as threads:
        asked = {"inputs_uri": "pipe", "compute_capacity": 5}
        refused = [
            threads.submit(launch, running.workers_url, inputs_mode=wire.INPUT_MODE_DATA, **asked)
            for _ in range(8)
        ]
        for one in refused:
            error = one.exception(10)
            assert isinstance(error, ZiskError)
            assert error.kind is ErrorKind.INPUT
            assert "it is a named pipe; name a regular file" in str(error)
        assert '"status": "ok"' in health_of(running.health)
        pending = threads.submit(launch, running.workers_url, inputs_mode=wire.INPUT_MODE_DATA, **asked)
        begun = time.monotonic()
        assert running.coordinator.end(signal.SIGTERM) == ExitCode.OK
        assert time.monotonic() - begun < 10
        assert isinstance(pending.exception(10), ZiskError)


def test_a_pipe_at_a_worker_fails_its_job_and_the_worker_goes_on(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    with cluster(tmp_path, workers=0) as running:
        flags = ("--worker-id", "w", "--elf", str(ELF), "--inputs-folder", str(tmp_path))
        worker = start(tmp_path, "w", "zisk.cli.worker", *flags, "--coordinator-url", running.workers_url)
        try:
            running.coordinator.until(lambda text: "worker registered: w " in text)
            asked = {"inputs_mode": wire.INPUT_MODE_PATH, "inputs_uri": "pipe", "compute_capacity": 5}
            for count in (1, 2):
                launch(running.workers_url, **asked)
                said = "worker w: input pipe cannot be read: it is a named pipe; name a regular file"
                running.coordinator.until(lambda text, n=count, one=said: text.count(one) == n)
            assert worker.end(signal.SIGTERM) == ExitCode.OK
        finally:
            worker.process.kill()
            worker.process.wait()


def test_a_start_whose_folders_cannot_be_written_is_refused(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    config = tmp_path / "coordinator.toml"
    config.write_text(f'[server]\nartifacts_dir = "{tmp_path}/file/artifacts"\n')
    for flags, text in (
        (("--proofs-dir", str(tmp_path / "file" / "proofs")), "proofs cannot be saved in "),
        (("--config", str(config)), "large payloads cannot be kept in "),
    ):
        with coordinator(tmp_path, *flags) as program:
            assert program.process.wait(20) == ExitCode.HOST
            assert text in program.said()
            assert "coordinator ready" not in program.said()


def test_a_coordinator_removes_what_a_killed_one_left(tmp_path: Path):
    with coordinator(tmp_path) as first:
        first.until(lambda text: READY.search(text) is not None)
        first.process.kill()
        first.process.wait()
    (left,) = tmp_path.glob("zisk-artifacts-*")
    with coordinator(tmp_path) as second:
        second.until(lambda text: READY.search(text) is not None)
        (used,) = tmp_path.glob("zisk-artifacts-*")
        assert used != left
        with coordinator(tmp_path, "--log-level", "warn") as third:
            while len(folders := set(tmp_path.glob("zisk-artifacts-*"))) < 2:
                assert third.process.poll() is None
                time.sleep(0.05)
            assert used in folders
            # Killed, so that the next start finds a dead one beside a living one.
        assert second.end(signal.SIGTERM) == ExitCode.OK
    assert used not in set(tmp_path.glob("zisk-artifacts-*"))


def test_a_proof_for_which_the_disk_is_full_is_fetched_all_the_same(tmp_path: Path, tiny: Path):
    with (
        cluster(tmp_path, 1, "--proofs-dir", str(tiny)) as running,
        ProverClient.remote(running.api) as client,
    ):
        report = health_of(running.health)
        assert '"status": "degraded"' in report
        assert f"65,536 bytes are free in {tiny}" in report
        program = client.upload(ELF.read_bytes())
        data = (FIBONACCI / "inputs" / "90.bin").read_bytes()
        proof = client.prove(program, data, log_size=16, form=ProofForm.COMPOSITE)
        assert client.verify(proof, key=proof.key).outputs == proof.report.outputs
        said = running.coordinator.until(
            lambda text: f"could not be saved in {tiny}: No space left on device" in text
        )
        assert re.search(r"job [0-9a-f-]{36}: completed", said)
        assert f"could not be saved in {tiny}: No space left on device" in health_of(running.health)
        assert list(tiny.iterdir()) == []
