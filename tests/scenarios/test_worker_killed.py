"""A worker is killed in each phase of a job: another goes on, and not a byte of the proof changes."""

import re
from pathlib import Path

import pytest

from tests.cluster.processes import cluster
from tests.scenarios.conftest import SEGMENTS, is_pinned, larger_job, small_job
from zisk import ProofForm, ProverClient
from zisk.sdk import JobState

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("task", "form"),
    [
        ("ContributeTask", ProofForm.COMPOSITE),
        ("ProveTask", ProofForm.COMPOSITE),
        ("AggregateTask", ProofForm.FINAL),
    ],
)
def test_a_job_goes_on_without_a_worker(tmp_path: Path, task: str, form: ProofForm) -> None:
    with cluster(tmp_path, workers=2) as running, ProverClient.remote(running.api) as client:
        job = small_job(client, form)
        name = running.first_to_say(f" {task}")
        running.workers[name].kill()
        assert is_pinned(job.result(300).data, form)
        assert job.describe().state is JobState.COMPLETED
        assert f"worker {name} was lost: its connection ended" in running.coordinator.said()


def test_workers_that_come_after_all_were_killed_prove_only_what_is_missing(tmp_path: Path) -> None:
    with cluster(tmp_path, workers=1) as running, ProverClient.remote(running.api) as client:
        job = larger_job(client, ProofForm.COMPOSITE)
        first = running.workers["w0"]
        first.until(lambda text: proved(text) >= SEGMENTS - 3)
        first.kill()
        done = proved(first.said())
        running.coordinator.until(lambda text: "was lost" in text)
        assert job.describe().state is JobState.RUNNING
        second = running.start_worker("w1")
        proof = job.result(300)
        assert client.verify(proof, key=proof.key).outputs == proof.report.outputs
        redone = done + proved(second.said()) - SEGMENTS
        print(f"{done} of {SEGMENTS} segments were proved before the kill, {redone} of them again after it")
        assert 0 <= redone <= 1


def proved(text: str) -> int:
    """The segments that a worker has proved, as its log tells."""
    return max((int(done) for done in re.findall(r"phase prove (\d+)/\d+$", text, re.MULTILINE)), default=0)
