"""What the coordinator works out by itself."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cluster.fake_engine import FakeEngine, program_of, proof_of
from tests.cluster.running import ELF, RunningCluster, play
from zisk.cluster.artifacts.store import ArtifactStore
from zisk.cluster.coordinator.prover import CoordinatorProver
from zisk.cluster.protocol.payload import Inline, digest_of
from zisk.cluster.scheduling import events as on
from zisk.cluster.tasks import Demand, JobKind, JobRequest
from zisk.vm.errors import GuestError


@pytest.mark.parametrize("error", [GuestError("no guest"), MemoryError()])
def test_a_program_that_cannot_be_set_up_yet_is_no_error_before_it_is_needed(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    def setup(_engine: FakeEngine, elf: bytes, **_: object) -> None:
        asked.append(elf)
        raise error

    monkeypatch.setattr(FakeEngine, "setup", setup)
    artifacts = ArtifactStore(tmp_path)
    request = JobRequest(
        JobKind.PROVE, artifacts.put(ELF).digest.hex(), Inline(b""), Demand(1, None), 20, 128
    )
    prover = CoordinatorProver(FakeEngine(), artifacts, None)
    try:
        asyncio.run(prover.prepare(request))
    finally:
        prover.stop()
    assert asked == [ELF]


def test_a_proof_that_is_saved_has_its_name_program_and_time_beside_it(tmp_path: Path) -> None:
    async def story(cluster: RunningCluster) -> None:
        job_id = await cluster.launch(input_data=b"input", compute_capacity=4, data_id="block 7")
        await cluster.wait(job_id)
        folder = tmp_path / "proofs"
        assert sorted(file.name for file in folder.iterdir()) == [
            f"proof_{job_id}.bin",
            f"proof_{job_id}.json",
        ]
        about = json.loads((folder / f"proof_{job_id}.json").read_text())
        age = datetime.now(UTC) - datetime.fromisoformat(about.pop("accepted_at"))
        assert timedelta(seconds=-1) < age < timedelta(seconds=30)
        assert about == {
            "job_id": job_id,
            "name": "block 7",
            "program": digest_of(ELF).hex(),
            "digest": program_of(ELF).digest.hex(),
            "form": "final",
            "size": 20,
            "security": 128,
            "compute_units": 4,
            "proof_bytes": len(proof_of(ELF, b"input", units=4)),
        }

    play(tmp_path, "a", story)


def test_what_cannot_be_written_beside_a_proof_shows_in_health(tmp_path: Path) -> None:
    async def story(cluster: RunningCluster) -> None:
        cluster.shell.tell(on.DrainRequested("a"))
        job_id = await cluster.prove(b"input")
        (tmp_path / "proofs" / f"proof_{job_id}.json").mkdir(parents=True)
        cluster.shell.tell(on.DrainRequested("a", undo=True))
        assert (await cluster.wait(job_id)).job_status.HasField("completed")
        assert f"the proof of job {job_id} could not be saved" in cluster.shell.unsaved

    play(tmp_path, "a", story)
