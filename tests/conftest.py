"""Settings that every test shares, and a cache folder without keys."""

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

from zisk.cache_folder import cache_folder, make_private
from zisk.kernels import workspace
from zisk.stark import check
from zisk.stark.expression import Expression
from zisk.stark.tape import Tape, compile_outputs

settings.register_profile(
    "default",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "thorough", parent=settings.get_profile("default"), max_examples=2_000, derandomize=False
)
workspace.PROCESS.idle_bytes = 256 << 20
"""Test processes run side by side, and ask for thousands of shapes that no later test asks for again."""


@cache
def _tape(expressions: tuple[Expression, ...]) -> Tape:
    return compile_outputs(expressions)


def _known_tape(expressions: Sequence[Expression]) -> Tape:
    """A tape, compiled when it is first asked for: tests judge the same tables tens of thousands of times."""
    return _tape(tuple(expressions))


check.compile_outputs = _known_tape

settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

_SHARED = {
    "tests/golden/": "the pinned proofs",
    "tests/readable/": "the pinned proofs",
    "tests/attacks/test_final": "a folded job",
    "tests/attacks/test_witnessed": "a folded job",
    "tests/prover/": "a job of three segments",
    "tests/verifier/": "a job of three segments",
}
"""What the files whose paths begin so prove once for each process: they go to the same one."""


class _SharedWork(LoadFileScheduling):
    """Files go to processes whole, and files that share proofs together."""

    def _split_scope(self, nodeid: str) -> str:
        shared = (work for start, work in _SHARED.items() if nodeid.startswith(start))
        return next(shared, super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    """Let xdist share tests out so."""
    return _SharedWork(config, log)


@pytest.fixture
def key_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder without keys, and with the kernels that are compiled already."""
    kernels, folder = cache_folder() / "kernels", tmp_path / "cache"
    make_private(kernels)
    folder.mkdir(mode=0o700)
    (folder / "kernels").symlink_to(kernels)
    monkeypatch.setenv("ZISK_CACHE_DIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return folder
