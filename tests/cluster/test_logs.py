"""Levels and formats of the log."""

import asyncio
import gc
import json
import logging
import os
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from tests.cluster.quiet import quiet
from zisk.cluster.errors import HostError
from zisk.cluster.logs import LogOptions, level_of, start_logging


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("info", logging.INFO),
        ("WARN", logging.WARNING),
        ("trace", logging.DEBUG),
        ("h2=off,zisk=debug,error", logging.DEBUG),
        ("error,h2=debug", logging.ERROR),
        ("h2=debug", None),
        ("loud", None),
    ],
)
def test_levels(text: str, level: int | None):
    assert level_of(text) == level


@pytest.fixture
def log_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    yield tmp_path / "logs" / "zisk.log"
    quiet()


def test_json_lines_in_a_file(log_file: Path):
    start_logging(LogOptions("info", "json", str(log_file)))
    logging.getLogger("zisk.worker").info("registered as worker %s (capacity %d)", "w", 10)
    logging.getLogger("zisk.worker").debug("not shown")
    (line,) = log_file.read_text().splitlines()
    record = json.loads(line)
    assert record.pop("timestamp").endswith("Z")
    assert record == {
        "level": "INFO",
        "target": "zisk.worker",
        "message": "registered as worker w (capacity 10)",
    }


def test_compact_lines(log_file: Path):
    start_logging(LogOptions("info", "compact", str(log_file)))
    logging.getLogger("zisk.coordinator").warning("careful")
    assert log_file.read_text() == "WARN careful\n"


def test_a_file_that_cannot_be_written():
    with pytest.raises(HostError, match=r"cannot write the log to /proc/none/x\.log"):
        start_logging(LogOptions("info", "pretty", "/proc/none/x.log"))


def test_what_is_logged_forges_no_line(log_file: Path):
    start_logging(LogOptions("info", "compact", str(log_file)))
    log = logging.getLogger("zisk.coordinator")
    log.warning("worker %s is lost", "w\nERROR \x1b[2Jforged")
    try:
        raise ValueError("one\nERROR two")
    except ValueError:
        log.exception("task failed")
    first, second, *traceback = log_file.read_text().split("\n")
    assert first == "WARN worker w\\nERROR \\x1b[2Jforged is lost"
    assert second == "ERROR task failed"
    assert traceback[-3:] == [" ValueError: one", " ERROR two", ""]
    assert all(line.startswith(" ") for line in traceback[:-1])


LINE = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z +(ERROR|WARN) .*| .*")
"""A line of the log, or one of a traceback below it."""


def lose_a_task() -> None:
    """A task ends badly, and nobody asks how."""

    async def fail() -> None:
        raise ValueError("lost\nERROR forged")

    async def run() -> None:
        asyncio.create_task(fail())  # noqa: RUF006 - this is what it is about.
        await asyncio.sleep(0.01)

    asyncio.run(run())
    gc.collect()


def fail_in_a_callback() -> None:
    async def run() -> None:
        asyncio.get_running_loop().call_soon(lambda: 1 // 0)
        await asyncio.sleep(0.01)

    asyncio.run(run())


def fail_in_a_request() -> None:
    async def run() -> None:
        async def handler(_request: web.Request) -> web.Response:
            raise ValueError("in a handler")

        app = web.Application()
        app.router.add_get("/", handler)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        with pytest.raises(urllib.error.HTTPError) as caught:
            await asyncio.to_thread(urllib.request.urlopen, url, timeout=5)
        caught.value.close()
        await runner.cleanup()

    asyncio.run(run())


def end_a_thread() -> None:
    thread = threading.Thread(target=lambda: 1 // 0, name="short")
    thread.start()
    thread.join()


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (lose_a_task, "Task exception was never retrieved"),
        (fail_in_a_callback, "Exception in callback"),
        (fail_in_a_request, "Error handling request"),
        (end_a_thread, "thread short ended"),
        (lambda: warnings.warn("careful", stacklevel=1), "careful"),
    ],
    ids=["task", "callback", "request", "thread", "warning"],
)
def test_what_others_log_has_the_form_of_the_log(
    log_file: Path, capfd: pytest.CaptureFixture[str], happens: Callable[[], None], said: str
):
    start_logging(LogOptions("info", "pretty", str(log_file)))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        happens()
        logging.captureWarnings(False)
    lines = log_file.read_text().splitlines()
    assert said in lines[0]
    assert all(LINE.fullmatch(line) for line in lines), lines
    assert capfd.readouterr().err == ""


def test_lines_that_a_full_disk_does_not_take_go_to_standard_error(
    capfd: pytest.CaptureFixture[str], log_file: Path
):
    start_logging(LogOptions("info", "compact", "/dev/full"))
    logging.getLogger("zisk.coordinator").warning("careful")
    assert capfd.readouterr().err == "WARN careful\n"
    (handler,) = logging.getLogger("zisk").handlers
    handler.stream = None  # What it holds is not taken either.  # pyright: ignore[reportAttributeAccessIssue]


def test_lines_of_grpc_itself_stay_out_of_the_log():
    code = (
        "from zisk.cluster.logs import LogOptions, start_logging; start_logging(LogOptions());"
        "import sys; assert 'grpc' not in sys.modules; import os; print(os.environ['GRPC_VERBOSITY'])"
    )
    plain = {name: value for name, value in os.environ.items() if name != "GRPC_VERBOSITY"}
    done = subprocess.run([sys.executable, "-c", code], env=plain, capture_output=True, text=True, check=True)
    assert done.stdout == "NONE\n"
