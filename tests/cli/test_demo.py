"""The whole demonstration, as a user starts it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from zisk.exit_codes import ExitCode

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]

SHA_HASHER_STEPS = 400_522


def start(folder: Path) -> subprocess.Popen[str]:
    """A demonstration, its temporary files in a folder of the test's own."""
    environment = {**os.environ, "TMPDIR": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-m", "zisk", "demo", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def running(pids: list[int]) -> list[int]:
    """Those processes that still run; zombies do not."""
    return [
        pid
        for pid in pids
        if Path(f"/proc/{pid}/stat").exists()
        and Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    ]


def test_two_workers_prove_and_nothing_is_left(tmp_path: Path) -> None:
    demo = start(tmp_path)
    out, errors = demo.communicate(timeout=400)
    assert demo.returncode == ExitCode.OK, errors
    report = json.loads(out)
    assert (report["verdict"], report["exit_code"], report["steps"]) == ("accepted", 0, SHA_HASHER_STEPS)
    assert (report["form"], report["security"]) == ("final", 128)
    assert report["segments"] >= 3
    assert [worker["worker"] for worker in report["workers"]] == ["worker-1", "worker-2"]
    for worker in report["workers"]:
        assert worker["segments"] > 0
        activities = [phase["phase"] for phase in worker["phases"]]
        assert activities[:2] == ["contributions", "prove"]
        assert "fold" in activities
    assert sum(worker["phases"][-1]["phase"] == "final proof" for worker in report["workers"]) == 1
    finished = [json.loads(line)["phase"] for line in errors.splitlines() if "phase_finished" in line]
    assert finished[-3:] == ["final proof", "verify", "end processes"]
    assert {"register", "contributions", "prove", "fold"} <= set(finished)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demonstration_leaves_nothing(number: signal.Signals, tmp_path: Path) -> None:
    demo = start(tmp_path)
    assert demo.stderr is not None
    said = []
    for line in demo.stderr:
        said.append(line)
        if '"phase_started", "phase": "contributions"' in line:
            break
    else:
        pytest.fail("".join(said))
    started = children(demo.pid)
    assert len(started) == 3
    demo.send_signal(number)
    _, errors = demo.communicate(timeout=60)
    assert demo.returncode == ExitCode.INTERRUPTED
    assert errors.splitlines()[-1] == "zisk: error: interrupted"
    deadline = time.monotonic() + 10
    while running(started) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running(started) == []
    assert os.listdir(tmp_path) == []
