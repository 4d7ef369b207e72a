"""An operator follows a job of a real cluster from its terminal, fetches its proof, and drains a worker."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster.processes import cluster
from tests.scenarios.conftest import is_pinned, small_job
from zisk import ProofForm, ProverClient
from zisk.exit_codes import ExitCode

pytestmark = pytest.mark.slow


def typed(folder: Path, name: str, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What a command comes to."""
    line = [sys.executable, "-m", "zisk", "cluster", name, "--coordinator-url", url, *arguments]
    return subprocess.run(line, cwd=folder, timeout=300, capture_output=True, text=True, check=False)


def test_a_job_is_watched_explained_and_fetched_on_either_port(tmp_path: Path) -> None:
    with cluster(tmp_path, workers=2) as running, ProverClient.remote(running.api) as client:
        job = small_job(client, ProofForm.COMPOSITE)
        explained = typed(tmp_path, "explain", running.workers_url, job.job_id[:8], "--json")
        assert explained.returncode == ExitCode.OK, explained.stderr
        assert [reason["subject"] for reason in json.loads(explained.stdout)["reasons"]]
        watched = typed(tmp_path, "watch", running.api, job.job_id)
        assert watched.returncode == ExitCode.OK, watched.stderr
        assert watched.stderr.splitlines()[-1] == f"job {job.job_id}: Completed"
        fetched = typed(tmp_path, "fetch", running.workers_url, job.job_id, "-o", "mine.bin")
        assert fetched.returncode == ExitCode.OK, fetched.stderr
        assert is_pinned((tmp_path / "mine.bin").read_bytes(), ProofForm.COMPOSITE)
        wrong = typed(tmp_path, "status", running.health.removesuffix("/health"))
        assert (wrong.returncode, wrong.stderr.count("\n")) == (ExitCode.NO_CAPACITY, 1)
        assert "is no gRPC port of a coordinator" in wrong.stderr


def test_a_drained_worker_proves_nothing_more_until_it_is_taken_back(tmp_path: Path) -> None:
    with cluster(tmp_path, workers=2) as running, ProverClient.remote(running.api) as client:
        drained = typed(tmp_path, "drain", running.api, "w0")
        assert (drained.returncode, drained.stdout) == (0, "worker w0 has no task and is given none\n")
        proof = small_job(client, ProofForm.COMPOSITE).result(300).data
        assert is_pinned(proof, ProofForm.COMPOSITE)
        assert "ContributeTask" not in running.workers["w0"].said()
        assert typed(tmp_path, "drain", running.api, "w0", "--undo").returncode == ExitCode.OK
        assert is_pinned(small_job(client, ProofForm.COMPOSITE).result(300).data, ProofForm.COMPOSITE)
        assert "ContributeTask done" in running.workers["w0"].said()
