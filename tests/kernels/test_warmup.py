"""Warming up calls every group of kernels once and is remembered on disk."""

from pathlib import Path

import pytest

from zisk.kernels import warmup


@pytest.mark.slow
def test_warm_up_reports_every_group_and_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZISK_CACHE_DIR", str(tmp_path))
    called = []
    monkeypatch.setattr(warmup, "_registered", {})
    warmup.register("the machine", lambda: called.append("the machine"))
    assert not warmup.is_warm()
    reports: list[tuple[str, int, int]] = []
    warmup.warm_up(lambda *report: reports.append(report))
    names = [name for name, _, _ in reports]
    assert [done for _, done, _ in reports] == list(range(1, len(reports) + 1))
    assert {total for _, _, total in reports} == {len(reports)}
    assert {"grinding", "merkle", "ntt", "poseidon2"} <= set(names)
    assert names[-1] == "the machine"
    assert called == ["the machine"]
    assert warmup.is_warm()
    warmup.register("another", lambda: None)
    assert not warmup.is_warm()
