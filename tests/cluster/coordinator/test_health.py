"""Health says what is wrong, and proofs outlast a folder that does not take them."""

import asyncio
import json
import shutil
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.coordinator.test_worker_stream import REGISTER, say
from tests.cluster.fake_engine import proof_of
from tests.cluster.running import ELF, RunningCluster, play
from zisk.cluster.coordinator import health
from zisk.cluster.coordinator.folders import require_folder, trouble_with
from zisk.cluster.errors import HostError
from zisk.cluster.protocol.payload import from_field
from zisk.cluster.scheduling.limits import Limits


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, and forget soon."""
    monkeypatch.setattr(health, "_PROBE_SECONDS", 0.3)
    monkeypatch.setattr(health, "_REMEMBERED_SECONDS", 3.0)


async def health_of(cluster: RunningCluster) -> tuple[int, dict[str, Any]]:
    """Status and report."""

    def ask() -> tuple[int, dict[str, Any]]:
        url = f"http://127.0.0.1:{cluster.endpoints.metrics_port}/health"
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    return await asyncio.to_thread(ask)


async def until(cluster: RunningCluster, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The report, once it meets a condition; its status is 200 exactly while all is well."""
    async with asyncio.timeout(10):
        while True:
            code, report = await health_of(cluster)
            assert (code == 200) == (report["status"] == "ok")
            if condition(report):
                return report
            await asyncio.sleep(0.05)


def is_ok(report: dict[str, Any]) -> bool:
    return report["status"] == "ok"


def is_degraded(report: dict[str, Any]) -> bool:
    return report["status"] == "degraded"


def break_folder(folder: Path) -> None:
    """Put a file in its place: not even root writes in that."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_bytes(b"")


def test_a_proof_that_cannot_be_saved_is_still_to_be_had(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    async def story(cluster: RunningCluster) -> None:
        break_folder(tmp_path / "proofs")
        for data in (b"input", b"large"):  # The proof travels inside the message, and as an artifact.
            job_id = await cluster.prove(data, options={"form": "composite"})
            response = await cluster.wait(job_id)
            assert response.job_status.HasField("completed")
            proof = await cluster.artifacts.fetch(from_field(response.result.prove.proof.data))
            assert proof == proof_of(ELF, data, form=proof_form("composite"))
            assert f"the proof of job {job_id} could not be saved in {tmp_path / 'proofs'}: " in caplog.text
        report = await until(cluster, is_degraded)
        assert "could not be saved" in report["reason"]
        (tmp_path / "proofs").unlink()
        await until(cluster, lambda report: "cannot be written" not in report["reason"])
        await cluster.wait(await cluster.prove(b"next"))
        await until(cluster, is_ok)

    play(tmp_path, "a", story)


def proof_form(name: str) -> Any:
    from zisk.proof_format.forms import ProofForm

    return ProofForm(name)


@pytest.mark.parametrize("which", ["proofs", "artifacts"])
def test_a_folder_that_cannot_be_written_shows_in_health_and_in_the_log(
    tmp_path: Path, which: str, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("INFO")

    async def story(cluster: RunningCluster) -> None:
        await until(cluster, is_ok)
        break_folder(tmp_path / which)
        report = await until(cluster, is_degraded)
        assert f"{tmp_path / which} cannot be written: " in report["reason"]
        (tmp_path / which).unlink()
        await until(cluster, is_ok)
        await until(cluster, lambda _: "health is ok again" in caplog.text)

    play(tmp_path, "", story)
    assert "health is degraded: " in caplog.text


def test_little_free_space_shows_and_a_disk_that_is_full_fails_no_job(tmp_path: Path, tiny: Path):
    async def story(cluster: RunningCluster) -> None:
        report = await until(cluster, is_degraded)
        assert (
            f"65,536 bytes are free in {tiny}, below the {256 << 20:,} of server.min_free_bytes"
            in (report["reason"])
        )
        job_id = await cluster.prove(b"large", options={"form": "composite"})
        assert (await cluster.wait(job_id)).job_status.HasField("completed")
        report = await until(cluster, lambda report: "could not be saved" in report["reason"])
        assert "No space left on device" in report["reason"]
        assert list(tiny.iterdir()) == []

    play(tmp_path, "a", story, rules={"proofs_dir": tiny})


def test_a_worker_that_is_silent_at_its_job_shows_before_it_is_lost(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        call = cluster.admin.WorkerStream(say(REGISTER))
        await call.read()
        await asyncio.sleep(1.2)
        await until(cluster, is_ok)
        job_id = await cluster.prove(b"input")
        report = await until(cluster, is_degraded)
        assert report["reason"].startswith(f"worker hand, at job {job_id}, has been silent for ")
        assert report["reason"].endswith(" s of the 4 s after which it is lost")
        await until(cluster, is_ok)
        call.cancel()

    play(tmp_path, "", story, limits=Limits(heartbeat_seconds=2, heartbeats_missed=2))


def test_disks_that_do_not_answer_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(health, "_ANSWER_SECONDS", 0.5)
    answered = threading.Event()

    async def story(cluster: RunningCluster) -> None:
        monkeypatch.setattr(health, "trouble_with", lambda *_: answered.wait(10) and "")
        report = await until(cluster, is_degraded)
        assert (
            f"{tmp_path / 'artifacts'} and {tmp_path / 'proofs'} have not answered for " in report["reason"]
        )
        answered.set()
        await until(cluster, is_ok)

    play(tmp_path, "", story)


def test_a_loop_that_is_held_up_shows_for_a_while(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        await until(cluster, is_ok)
        time.sleep(2.5)
        report = await until(cluster, is_degraded)
        assert report["reason"].startswith("the event loop was held up for ")
        assert report["loop_lag_seconds"] >= 2.0
        await until(cluster, is_ok)

    play(tmp_path, "", story)


def test_a_probe_leaves_nothing_and_makes_no_folder(tmp_path: Path):
    folder = tmp_path / "a" / "b"
    assert trouble_with(folder, 0) == ""
    assert list(tmp_path.iterdir()) == []
    require_folder(folder, "proofs cannot be saved", "choose another folder")
    assert list(folder.iterdir()) == []
    assert "server.min_free_bytes" in trouble_with(folder, 1 << 62)


def test_a_folder_that_is_required(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    folder = tmp_path / "file" / "proofs"
    with pytest.raises(HostError) as caught:
        require_folder(folder, "proofs cannot be saved", "choose another folder")
    assert str(caught.value) == f"proofs cannot be saved in {folder}: Not a directory; choose another folder"
