"""What the tests of commands share."""

from pathlib import Path

import pytest

import zisk.prover
from tests.cli.facade import FakeProver


@pytest.fixture
def prover(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeProver:
    """A façade with fixed answers in the place of the real one, and cache folders of the test's own."""
    fake = FakeProver()
    monkeypatch.setattr("zisk.prover.debug.check_job", fake.check_job)
    monkeypatch.setattr("zisk.cli.statistics.count_cells", fake.count_cells)
    monkeypatch.setattr("zisk.prover.circuit_setup.set_up_circuits", fake.set_up_circuits)
    monkeypatch.setattr("zisk.sdk.verification.decode_proof", fake.decode_proof)
    monkeypatch.setattr("zisk.sdk.verification.screen", fake.decode_proof)
    for name in ("setup", "execute", "prove", "verify"):
        monkeypatch.setattr(zisk.prover, name, getattr(fake, name))
    monkeypatch.setenv("ZISK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # where a refused one is replaced
    monkeypatch.chdir(tmp_path)
    (tmp_path / "guest.elf").write_bytes(b"the guest")
    (tmp_path / "input").write_bytes(b"the input")
    return fake
