"""Fixtures of the jobs that the prover's tests share."""

from __future__ import annotations

import pytest

from tests.prover import jobs
from tests.prover.jobs import Job, Payloads, cut_early
from zisk.prover import Program


@pytest.fixture(scope="session")
def program() -> Program:
    """The fibonacci guest, set up at size 16."""
    return jobs.program()


@pytest.fixture
def short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut after a few steps."""
    cut_early(monkeypatch)


@pytest.fixture(scope="session")
def job() -> Job:
    """Three core segments and the edges, over three units."""
    return jobs.job()


@pytest.fixture(scope="session")
def final() -> bytes:
    """The final proof of the same run."""
    return jobs.final()


@pytest.fixture(scope="session")
def payloads() -> Payloads:
    """The same run, folded by three sessions."""
    return jobs.payloads()
