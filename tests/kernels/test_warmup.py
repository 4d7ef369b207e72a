"""Warming up calls every group of kernels once and is remembered on disk."""

import importlib
import pkgutil
from pathlib import Path

import pytest

import zisk.vm
from zisk.kernels import code_store, cpu, warmup


def test_warm_up_reports_every_group_and_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZISK_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(warmup, "_registered", {})
    called: list[str] = []
    for entry in pkgutil.iter_modules(cpu.__path__):
        module = importlib.import_module(f"{cpu.__name__}.{entry.name}")
        if hasattr(module, "warm"):
            monkeypatch.setattr(module, "warm", lambda name=entry.name: called.append(name))
    warmup.register("the machine", lambda: called.append("the machine"))
    assert not warmup.is_warm()
    reports: list[tuple[str, int, int]] = []
    warmup.warm_up(lambda *report: reports.append(report))
    assert {"grinding", "merkle", "ntt", "poseidon2"} <= set(called)
    assert called[-1] == "the machine"
    assert reports == [(name, k, len(called)) for k, name in enumerate(called, 1)]
    assert warmup.is_warm()
    warmup.register("another", lambda: None)
    assert not warmup.is_warm()


def test_without_a_store_it_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_store, "_store", None)
    monkeypatch.setattr(warmup, "_groups", lambda: [("nothing", lambda: None)])
    warmup.warm_up()
    assert not warmup.is_warm()


def test_other_sources_are_not_warm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZISK_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(warmup, "_groups", lambda: [("machine", zisk.vm._warm)])
    warmup.warm_up()
    assert warmup.is_warm()
    digests = dict.fromkeys([Path(zisk.vm.__file__)], b"the digest of other sources")
    monkeypatch.setattr(warmup, "source_digest", digests.__getitem__)
    assert not warmup.is_warm()


@pytest.mark.slow
def test_every_group_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warmup, "_registered", {})
    warmup.warm_up()
    assert warmup.is_warm()
