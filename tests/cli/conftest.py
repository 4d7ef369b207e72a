"""What the tests of commands share."""

import sys
from pathlib import Path

import pytest

import zisk
from tests.cli.facade import FakeProver


@pytest.fixture
def prover(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeProver:
    """A façade with fixed answers in the place of the real one, and a cache folder of the test's own."""
    fake = FakeProver()
    monkeypatch.setattr("zisk.prover.debug.check_job", fake.check_job)
    monkeypatch.setattr("zisk.cli.statistics.count_cells", fake.count_cells)
    module = fake.module()
    monkeypatch.setitem(sys.modules, "zisk.prover", module)
    monkeypatch.setitem(sys.modules, "zisk.prover.containers", fake.containers_module())
    monkeypatch.setitem(sys.modules, "zisk.prover.screening", fake.screening_module())
    monkeypatch.setitem(sys.modules, "zisk.prover.circuit_setup", fake.circuit_setup_module())
    monkeypatch.setattr(zisk, "prover", module, raising=False)
    monkeypatch.setenv("ZISK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "guest.elf").write_bytes(b"the guest")
    (tmp_path / "input").write_bytes(b"the input")
    return fake
