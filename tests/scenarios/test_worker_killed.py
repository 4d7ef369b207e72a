"""A worker is killed in each phase of a job: another one goes on, and not a byte of the proof changes."""

from pathlib import Path

import pytest

from tests.cluster.processes import cluster
from tests.scenarios.conftest import LOG_SIZE, Guest
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
def test_a_job_goes_on_without_a_worker(tmp_path: Path, guest: Guest, task: str, form: ProofForm) -> None:
    expected = guest.proof(form)
    with cluster(tmp_path, workers=2) as running, ProverClient.remote(running.api) as client:
        job = client.submit(client.upload(guest.elf), guest.input, log_size=LOG_SIZE, form=form)
        name = running.first_to_say(f" {task}")
        running.workers[name].kill()
        assert job.result(300).data == expected
        assert job.describe().state is JobState.COMPLETED
        assert f"worker {name} was lost: its connection ended" in running.coordinator.said()


def test_a_job_goes_on_with_workers_that_come_after_all_were_killed(tmp_path: Path, guest: Guest) -> None:
    expected = guest.proof(ProofForm.COMPOSITE)
    with cluster(tmp_path, workers=2) as running, ProverClient.remote(running.api) as client:
        program = client.upload(guest.elf)
        job = client.submit(program, guest.input, log_size=LOG_SIZE, form=ProofForm.COMPOSITE)
        running.first_to_say(" ProveTask")
        for worker in running.workers.values():
            worker.kill()
        running.coordinator.until(lambda text: text.count("was lost") == 2)
        assert job.describe().state is JobState.RUNNING
        running.start_worker("late", capacity=10)
        assert job.result(300).data == expected
