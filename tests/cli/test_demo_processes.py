"""The processes of a demonstration: whatever ends it, nothing is left running."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from zisk.cli.demo.processes import Crew, polite_endings
from zisk.cli.failures import CommandError
from zisk.errors import ErrorKind

SLEEPER = "import time, sys; print('awake', flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """A folder with modules that `python -m` finds, because processes start there."""
    (tmp_path / "sleeper.py").write_text(SLEEPER)
    (tmp_path / "stubborn.py").write_text(STUBBORN)
    (tmp_path / "leaver.py").write_text("print('no port left'); raise SystemExit(7)")
    return tmp_path


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_leaving_the_context_ends_every_process(modules: Path) -> None:
    with Crew(modules) as crew:
        members = [crew.start(name, "sleeper", []) for name in ("first", "second")]
        crew.wait_until(lambda: all(member.has_said("awake") for member in members), "both", 30)
    assert [member.process.returncode for member in members] == [-signal.SIGTERM] * 2


def test_a_failure_ends_them_as_well(modules: Path) -> None:
    member = None
    with pytest.raises(KeyboardInterrupt), Crew(modules) as crew:
        member = crew.start("first", "sleeper", [])
        raise KeyboardInterrupt
    assert member is not None
    assert member.process.returncode == -signal.SIGTERM


def test_a_process_that_ignores_the_polite_signal_is_killed(
    modules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zisk.cli.demo.processes.GRACE_SECONDS", 0.2)
    with Crew(modules) as crew:
        member = crew.start("stubborn", "stubborn", [])
        crew.wait_until(lambda: member.has_said("awake"), "it", 30)
    assert member.process.returncode == -signal.SIGKILL


def test_a_process_that_ends_by_itself_is_named_with_its_last_words(
    modules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Crew(modules) as crew, pytest.raises(CommandError) as caught:
        crew.start("the coordinator", "leaver", [])
        crew.wait_until(lambda: False, "nothing", 30)
    assert caught.value.kind is ErrorKind.WORKER_ERROR
    assert str(caught.value) == "the coordinator ended by itself with code 7; its last lines are above"
    assert capsys.readouterr().err == "no port left\n"


def test_waiting_has_an_end(modules: Path) -> None:
    with Crew(modules) as crew, pytest.raises(CommandError, match="waited 0 s for rain") as caught:
        crew.start("first", "sleeper", [])
        crew.wait_until(lambda: False, "rain", 0.1)
    assert caught.value.kind is ErrorKind.HOST


def test_sigterm_leaves_contexts_in_order() -> None:
    with pytest.raises(KeyboardInterrupt), polite_endings():
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_a_killed_demonstration_takes_its_processes_along(modules: Path) -> None:
    script = (
        "import pathlib, time\n"
        "from zisk.cli.demo.processes import Crew\n"
        "member = Crew(pathlib.Path('.')).start('first', 'sleeper', [])\n"
        "print(member.process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=modules, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(child)
