"""Programs of a cluster as processes of their own, on free ports, ended whatever happens."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"
FIBONACCI = EXAMPLES / "fibonacci"
ELF = FIBONACCI / "fibonacci.elf"
READY = re.compile(
    r"client API on ([\d.]+:\d+), workers on ([\d.]+:\d+), health on (http://[\d.]+:\d+/health)"
)


def sha_hasher() -> tuple[bytes, bytes]:
    """A guest with segments for several workers, and its input."""
    data = files("zisk") / "data"
    return (data / "sha-hasher.elf").read_bytes(), (data / "sha-hasher.input").read_bytes()


@dataclass
class Program:
    """A program that runs, and the file of what it says."""

    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        """What it has said so far."""
        return self.log.read_text()

    def until(self, condition: Callable[[str], bool], seconds: float = 60.0) -> str:
        """What it has said, once that meets a condition."""
        deadline = time.monotonic() + seconds
        while not condition(text := self.said()):
            assert time.monotonic() < deadline, text
            assert self.process.poll() is None, text
            time.sleep(0.02)
        return text

    def end(self, number: int) -> int:
        """Send a signal and wait for the exit code."""
        self.process.send_signal(number)
        return self.process.wait(40)

    def kill(self) -> None:
        """End it at once, as a machine that loses its power does."""
        self.process.kill()
        self.process.wait()


@dataclass
class Cluster:
    """A coordinator, its addresses, and workers by their names."""

    folder: Path
    coordinator: Program
    api: str
    workers_url: str
    health: str
    workers: dict[str, Program] = field(default_factory=dict)

    def start_worker(self, name: str, capacity: int = 5) -> Program:
        """Start a worker, and return it once it is registered."""
        worker = start(
            self.folder,
            name,
            "zisk.cli.worker",
            *("--worker-id", name, "--compute-capacity", str(capacity), "--elf", str(ELF)),
            *("--inputs-folder", str(FIBONACCI / "inputs"), "--coordinator-url", self.workers_url),
            *("-n", "1", "--log-level", "debug"),  # phases are told there
        )
        self.workers[name] = worker
        worker.until(lambda text: f"registered as worker {name} (capacity {capacity})" in text)
        self.coordinator.until(lambda text: f"worker registered: {name} capacity={capacity}" in text)
        return worker

    def first_to_say(self, text: str, seconds: float = 120.0) -> str:
        """The name of the first worker whose log has a text."""
        deadline = time.monotonic() + seconds
        while True:
            for name, worker in self.workers.items():
                if text in worker.said():
                    return name
            assert time.monotonic() < deadline, f"no worker said {text!r}"
            time.sleep(0.02)


def start(folder: Path, name: str, module: str, *arguments: str) -> Program:
    """Start a program in a folder; its log is there too."""
    log = folder / f"{name}.log"
    # What a killed coordinator leaves behind is left where the test cleans up.
    environment = os.environ | {"TMPDIR": str(folder)}
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments], stderr=file, stdout=file, cwd=folder, env=environment
        )
    return Program(process, log)


@contextmanager
def cluster(folder: Path, workers: int, *flags: str) -> Iterator[Cluster]:
    """A coordinator with these flags, and the workers w0, w1 and so on, with 5 units each."""
    ports = ("--api-port", "0", "--cluster-port", "0", "--metrics-port", "0")
    coordinator = start(folder, "coordinator", "zisk.cli.coordinator", *ports, *flags)
    running = Cluster(folder, coordinator, "", "", "")
    try:
        match = READY.search(coordinator.until(lambda text: READY.search(text) is not None))
        assert match is not None
        running.api, running.workers_url = f"http://{match[1]}", f"http://{match[2]}"
        running.health = match[3]
        for number in range(workers):
            running.start_worker(f"w{number}")
        yield running
    finally:
        for program in (coordinator, *running.workers.values()):
            program.process.send_signal(signal.SIGCONT)
            program.kill()
