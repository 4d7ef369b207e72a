"""What the coordinator works out by itself."""

import asyncio
from pathlib import Path

import pytest

from tests.cluster.fake_engine import FakeEngine
from tests.cluster.running import ELF
from zisk.cluster.artifacts.store import ArtifactStore
from zisk.cluster.coordinator.prover import CoordinatorProver
from zisk.cluster.protocol.payload import Inline
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
