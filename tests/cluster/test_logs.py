"""Levels and formats of the log."""

import json
import logging
from pathlib import Path

import pytest

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
def log_file(tmp_path: Path):
    yield tmp_path / "logs" / "zisk.log"
    for handler in logging.getLogger("zisk").handlers:
        handler.close()
    logging.getLogger("zisk").handlers.clear()
    logging.getLogger("zisk").propagate = True


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
