"""A worker is told to end in the middle of a job: it hands in what it is at, and another goes on."""

import re
import signal
import time
from pathlib import Path

import pytest

from tests.cluster.processes import cluster
from tests.scenarios.conftest import is_pinned, larger_job, small_job
from zisk import ProofForm, ProverClient
from zisk.exit_codes import ExitCode
from zisk.sdk import JobState

pytestmark = pytest.mark.slow


def test_a_worker_ends_its_task_and_the_proof_is_the_same(tmp_path: Path) -> None:
    with cluster(tmp_path, workers=2) as running, ProverClient.remote(running.api) as client:
        job = small_job(client, ProofForm.COMPOSITE)
        name = running.first_to_say(" ContributeTask")
        assert running.workers[name].end(signal.SIGTERM) == ExitCode.OK
        said = running.workers[name].said()
        assert re.findall(r"ContributeTask(?: done)?$", said, re.MULTILINE) == [
            "ContributeTask",
            "ContributeTask done",
        ]
        assert is_pinned(job.result(300).data, ProofForm.COMPOSITE)
        assert "was lost" not in running.coordinator.said()


def test_a_second_signal_ends_it_at_once_and_the_job_goes_on(tmp_path: Path) -> None:
    with cluster(tmp_path, workers=1) as running, ProverClient.remote(running.api) as client:
        job = larger_job(client, ProofForm.COMPOSITE)
        worker = running.workers["w0"]
        worker.until(lambda text: " ProveTask" in text, 300)
        worker.process.send_signal(signal.SIGINT)
        worker.until(lambda text: "a second signal ends it at once" in text)
        begun = time.monotonic()
        assert worker.end(signal.SIGTERM) == ExitCode.INTERRUPTED
        assert time.monotonic() - begun < 5
        running.coordinator.until(lambda text: "worker w0 left: it was told to end" in text)
        assert job.describe().state is JobState.RUNNING
        running.start_worker("w1").until(lambda text: " ContributeTask" in text)
