"""Lack of memory is told as what it is, with machine and remedy, wherever in the cluster it is met."""

import errno
import resource
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.fake_engine import FakeEngine
from tests.cluster.processes import cluster, sha_hasher
from tests.cluster.running import RunningCluster, play
from zisk import ProverClient
from zisk.cluster.errors import JobFailedError
from zisk.errors import ErrorKind
from zisk.sdk import ProofForm

NO_MEMORY = (
    "the machine has no memory left for this; choose a smaller --size, give it more memory, "
    "or let fewer programs share it"
)
MAPPED = OSError(errno.ENOMEM, "Cannot allocate memory")


def short_of_memory(method: str, error: Exception) -> FakeEngine:
    """A prover that finds no memory at one of its steps."""

    class Short(FakeEngine):
        def __getattribute__(self, name: str) -> Any:
            if name == method:
                raise error
            return super().__getattribute__(name)

    return Short()


@pytest.mark.parametrize("error", [MemoryError(), MAPPED], ids=["allocated", "mapped"])
@pytest.mark.parametrize("method", ["setup", "session", "aggregation"])
def test_a_worker_without_memory_is_named_with_the_remedy(tmp_path: Path, method: str, error: Exception):
    async def story(running: RunningCluster) -> None:
        await running.start_worker("short", engine=short_of_memory(method, error))
        failure = (await running.wait(await running.prove(b"input"))).job_status.failed.failure
        assert (failure.failure_kind, failure.message) == ("out_of_memory", f"worker short: {NO_MEMORY}")

    play(tmp_path, "", story)


@pytest.mark.parametrize("error", [MemoryError(), MAPPED], ids=["allocated", "mapped"])
@pytest.mark.parametrize("method", ["setup", "global_challenge", "verify"])
def test_a_coordinator_without_memory_is_named_with_the_remedy(
    tmp_path: Path, method: str, error: Exception, monkeypatch: pytest.MonkeyPatch
):
    async def story(running: RunningCluster) -> None:
        engine = short_of_memory(method, error)
        monkeypatch.setattr(running.shell._prover, "_engine", engine)
        monkeypatch.setattr(running.shell._prover._programs, "_engine", engine)
        failure = (await running.wait(await running.prove(b"input"))).job_status.failed.failure
        assert (failure.failure_kind, failure.message) == ("out_of_memory", f"the coordinator: {NO_MEMORY}")

    play(tmp_path, "a", story)


def test_a_defect_of_the_coordinator_fails_its_job_at_once_and_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    async def story(running: RunningCluster) -> None:
        monkeypatch.setattr(running.shell._prover, "_engine", short_of_memory("verify", IndexError("9")))
        failure = (await running.wait(await running.prove(b"input"))).job_status.failed.failure
        assert (failure.failure_kind, failure.message) == ("worker_error", "the coordinator: IndexError: 9")

    play(tmp_path, "a", story)
    (record,) = [one for one in caplog.records if one.levelname == "ERROR"]
    assert record.getMessage().endswith("the coordinator met a defect")
    assert record.exc_info is not None


@pytest.mark.slow
def test_a_worker_whose_memory_is_bounded_says_so(tmp_path: Path):
    """A real worker that may map a little more than it has, and a proof that takes much more."""
    elf, guest_input = sha_hasher()
    with cluster(tmp_path, workers=1) as running, ProverClient.remote(running.api) as client:
        worker = running.workers["w0"].process.pid
        status = Path(f"/proc/{worker}/status").read_text()
        (mapped,) = [int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmSize")]
        program = client.upload(elf)
        most = mapped + (600 << 20)
        resource.prlimit(worker, resource.RLIMIT_AS, (most, most))
        with pytest.raises(JobFailedError) as caught:
            client.prove(program, guest_input, log_size=20, form=ProofForm.COMPOSITE)
        assert caught.value.kind is ErrorKind.OUT_OF_MEMORY
        assert str(caught.value).endswith(f"failed: worker w0: {NO_MEMORY}")
        assert running.workers["w0"].process.poll() is None
