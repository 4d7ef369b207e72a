"""Proofs of every form from a running cluster: the same whoever folds, and what is refused on the way."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.cluster.fake_engine import COUNTS, OUTPUTS, FakeEngine, program_of, proof_of
from tests.cluster.running import ELF, RunningCluster, play
from zisk.cluster.coordinator.client_service import public_bytes
from zisk.cluster.protocol.forms import kind_of
from zisk.cluster.protocol.generated import coordinator_pb2 as api
from zisk.cluster.protocol.generated import distributed_pb2 as admin
from zisk.cluster.protocol.payload import Stored, digest_of, from_field
from zisk.cluster.scheduling.jobs import Job
from zisk.cluster.scheduling.state import WorkerState
from zisk.proof_format.forms import ProofForm


@pytest.mark.parametrize("workers", ["a", "ab", "abc"])
@pytest.mark.parametrize("data", [b"input", b"large"])
@pytest.mark.parametrize("form", ProofForm)
def test_any_number_of_workers_makes_the_same_proof(
    tmp_path: Path, workers: str, data: bytes, form: ProofForm
):
    async def story(cluster: RunningCluster) -> None:
        job_id = await cluster.prove(data, options=api.ProofOptions(form=form))
        response = await cluster.wait(job_id)
        assert response.job_status.WhichOneof("status") == "completed"
        proof = response.result.prove.proof
        assert await cluster.artifacts.fetch(from_field(proof.data)) == proof_of(ELF, data, form=form)
        assert (proof.form, proof.proof_kind) == (form, kind_of(form))
        stats = response.result.prove.stats
        assert (stats.steps, stats.cycles, stats.segments) == (COUNTS.steps, COUNTS.cycles, 3)
        assert proof.verification_key == program_of(ELF).key
        assert proof.public_inputs == public_bytes(OUTPUTS)
        assert proof.hash_id == digest_of(ELF).hex()
        saved = (tmp_path / "proofs" / f"proof_{job_id}.bin").read_bytes()
        assert saved == proof_of(ELF, data, form=form)
        await cluster.until(
            lambda: (
                {worker.state for worker in cluster.shell.machine.state.workers.values()}
                == {WorkerState.IDLE}
            )
        )

    play(tmp_path, workers, story)


def test_large_proofs_travel_as_artifacts(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        options = api.ProofOptions(form="composite")
        response = await cluster.wait(await cluster.prove(b"large", options=options))
        whole = proof_of(ELF, b"large", form=ProofForm.COMPOSITE)
        assert from_field(response.result.prove.proof.data) == Stored(digest_of(whole), len(whole))

    play(tmp_path, "ab", story)


@pytest.mark.parametrize(
    ("kind", "form"),
    [("PROOF_KIND_STARK", ProofForm.FINAL), ("PROOF_KIND_STARK_MINIMAL", ProofForm.COMPRESSED)],
)
def test_zisk_kinds_are_final_and_compressed_proofs(tmp_path: Path, kind: str, form: ProofForm):
    async def story(cluster: RunningCluster) -> None:
        response = await cluster.wait(await cluster.prove(b"input", proof_dest=kind))
        proof = response.result.prove.proof
        assert (proof.form, api.ProofKind.Name(proof.proof_kind)) == (form, kind)
        assert proof.data == proof_of(ELF, b"input", form=form)

    play(tmp_path, "ab", story)


def test_the_coordinator_says_which_form_is_the_default(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        cluster.shell.rules = replace(cluster.shell.rules, compressed_proofs=True)
        asked = await cluster.wait(await cluster.prove(b"input"))
        assert asked.result.prove.proof.form == "compressed"
        job_id = await cluster.launch(compute_capacity=4)
        await cluster.until(lambda: cluster.shell.machine.state.jobs[job_id].state.terminal)
        status = (await cluster.admin.JobStatus(admin.JobStatusRequest(job_id=job_id))).job
        assert (status.form, status.proof) == (
            "compressed",
            proof_of(ELF, b"", units=4, form=ProofForm.COMPRESSED),
        )

    play(tmp_path, "a", story)


def test_proofs_are_saved_only_where_there_is_a_folder(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        response = await cluster.wait(await cluster.prove(b"input"))
        assert response.result.prove.proof.data == proof_of(ELF, b"input")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["artifacts", "inputs"]

    play(tmp_path, "a", story, save=False)


def test_a_final_proof_that_does_not_hold_is_refused(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        await cluster.start_worker("a", engine=FakeEngine(lie=True))
        response = await cluster.wait(await cluster.prove(b"input"))
        assert response.job_status.failed.failure.failure_kind == "bad_proof"
        assert not (tmp_path / "proofs").exists()

    play(tmp_path, "", story)


@pytest.mark.parametrize("broken", [FakeEngine(junk=True), FakeEngine(lie=True)])
def test_an_honest_worker_makes_good_what_a_broken_one_delivers(tmp_path: Path, broken: FakeEngine):
    async def story(cluster: RunningCluster) -> None:
        await cluster.start_worker("broken", engine=broken)
        await cluster.start_worker("honest")
        for _ in range(4):
            response = await cluster.wait(await cluster.prove(b"input"))
            assert response.result.prove.proof.data == proof_of(ELF, b"input")
        await cluster.until(lambda: states(cluster) == {"broken": "Quarantined", "honest": "Idle"})
        await cluster.stop_worker("broken")
        await cluster.start_worker("broken", engine=FakeEngine())  # mended
        assert states(cluster)["broken"] == "Quarantined"
        cluster.shell.machine.state.quarantined["broken"].due = 0.0
        await cluster.until(lambda: states(cluster) == {"broken": "Idle", "honest": "Idle"})

    play(tmp_path, "", story)


def test_another_worker_folds_when_the_aggregator_is_lost(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        for name in "ab":
            await cluster.start_worker(name, engine=FakeEngine(slow_fold=True))
        job_id = await cluster.prove(b"input")
        job = await folding(cluster, job_id)
        aggregator = job.aggregator
        assert aggregator is not None
        other = next(name for name in "ab" if name != aggregator)
        assert [worker for worker, _ in cluster.shell.machine.state.idle()] == [other]
        await cluster.start_worker("quick")
        await cluster.stop_worker(aggregator)
        await cluster.until(lambda: job.aggregator == other)
        await cluster.stop_worker(other)
        response = await cluster.wait(job_id)
        assert response.result.prove.proof.data == proof_of(ELF, b"input")

    play(tmp_path, "", story)


def test_folding_is_told_and_can_be_cancelled(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        await cluster.start_worker("a", engine=FakeEngine(slow_fold=True))
        job_id = await cluster.prove(b"input")
        job = await folding(cluster, job_id)
        status = (await cluster.admin.JobStatus(admin.JobStatusRequest(job_id=job_id))).job
        (activity,) = status.activities
        assert (status.state, activity[:5], activity[-4:]) == ("Running (Aggregate)", "fold ", "/400")
        assert 0 < cluster.shell.machine.state.progress(job) < 1
        assert (await cluster.client.CancelJob(api.CancelJobRequest(job_id=job_id))).cancelled
        await cluster.until(lambda: len(cluster.shell.machine.state.idle()) == 1)

    play(tmp_path, "", story)


def states(cluster: RunningCluster) -> dict[str, str]:
    """What each worker is at."""
    workers = cluster.shell.machine.state.workers
    return {name: worker.state.value for name, worker in workers.items()}


async def folding(cluster: RunningCluster, job_id: str) -> Job:
    """A job, once a worker has told that it folds."""
    job = cluster.shell.machine.state.jobs[job_id]
    workers = cluster.shell.machine.state.workers
    await cluster.until(lambda: any(each.activity.startswith("fold 1") for each in workers.values()))
    return job
