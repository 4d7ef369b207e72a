"""`zisk cluster` against a coordinator with workers that only pretend to prove."""

import argparse
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from tests.cluster.background import background_cluster
from tests.cluster.fake_engine import proof_of
from tests.cluster.running import ELF, RunningCluster
from zisk.cli import cluster_follow
from zisk.cli.cluster_reports import show_job
from zisk.cli.cluster_tables import print_table, short_ids, span_text
from zisk.cli.main import build_parser, main
from zisk.cluster.cluster_client import ClusterClient
from zisk.cluster.errors import CoordinatorUnreachableError
from zisk.cluster.protocol.generated import cluster_pb2 as wire
from zisk.cluster.protocol.generated import coordinator_pb2 as api
from zisk.cluster.protocol.generated.coordinator_pb2_grpc import ZiskCoordinatorApiStub
from zisk.exit_codes import ExitCode

Captured = pytest.CaptureFixture[str]
PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()


class Operator:
    """Types commands, and submits jobs for them to look at."""

    def __init__(self, cluster: RunningCluster, capsys: Captured) -> None:
        self.url = f"http://127.0.0.1:{cluster.endpoints.api_port}"
        self.cluster = cluster
        self._capsys = capsys

    def types(self, name: str, *arguments: str) -> tuple[int, str, str]:
        """Exit code, output and errors of a command."""
        self._capsys.readouterr()
        code = main(["cluster", name, "--coordinator-url", self.url, *arguments])
        out, err = self._capsys.readouterr()
        return code, out, err

    def asks(self, name: str, *arguments: str) -> dict:
        """What a command reports."""
        code, out, err = self.types(name, "--json", *arguments)
        assert code == ExitCode.OK, err
        return json.loads(out)

    def submits(self, data: bytes, seconds: int = 0) -> str:
        """Submit a proof, and wait until it is over or so long; the id of the job."""
        with grpc.insecure_channel(self.url.removeprefix("http://")) as channel:
            stub = ZiskCoordinatorApiStub(channel)
            program = stub.RegisterGuestProgram(api.RegisterGuestProgramRequest(zisk_elf=ELF)).hash_id
            given = api.InputKind(inline=api.InputChunk(data=data))
            kind = api.JobKind(prove=api.ProveRequest(hash_id=program, input=given))
            job_id: str = stub.JobRequest(api.JobRequestMessage(job_kind=kind)).job_id
            if seconds:
                stub.WaitJobResult(api.WaitJobResultRequest(job_id=job_id, timeout_seconds=seconds))
        return job_id


@pytest.fixture
def operator(tmp_path: Path, capsys: Captured) -> Iterator[Operator]:
    with background_cluster(tmp_path, "ab") as cluster:
        yield Operator(cluster, capsys)


def test_status_tells_numbers_and_health(operator: Operator):
    code, out, err = operator.types("status")
    assert (code, err) == (ExitCode.OK, "")
    assert re.fullmatch(
        r"coordinator  ZisK Coordinator \S+, up for \d+ s\n"
        r"health       ok\n"
        r"workers      2 idle, 0 computing, 0 recovering, 0 draining, 0 in quarantine\n"
        r"capacity     8 compute units, 8 of them idle\n"
        r"jobs         0 queued, 0 running, 0 completed, 0 failed, 0 cancelled\n"
        r"artifacts    \S+ \S+\n",
        out,
    )
    report = operator.asks("status")
    assert (report["health"], report["reasons"], report["capacity"]) == ("ok", [], 8)


def test_jobs_are_listed_all_or_those_that_are_not_over(operator: Operator):
    done = operator.submits(b"input", 20)
    at_work = operator.submits(b"slow")
    _, out, _ = operator.types("jobs")
    heading, first, second = out.splitlines()
    headings = "JOB NAME KIND STATE PHASE DONE WORKERS SUBMITTED TOOK"
    assert heading.split() == headings.split()
    assert first.split()[:5] == [done[:8], "prove", "Completed", "Aggregate", "100%"]
    assert second.split()[:3] == [at_work[:8], "prove", "Running"]
    assert [job["job_id"] for job in operator.asks("jobs")["jobs"]] == [done, at_work]
    assert [job["job_id"] for job in operator.asks("jobs", "--active")["jobs"]] == [at_work]


def test_a_job_shows_its_shares_and_a_cancelled_one_its_end(operator: Operator):
    job_id = operator.submits(b"slow")
    _, out, _ = operator.types("job", job_id[:8])
    assert f"job        {job_id}\n" in out
    assert re.search(r"^state      Running \(Contributions\), workers a.*, b.*, \d+%$", out, re.MULTILINE)
    assert re.search(r"^0 to 4  a       at work  \d+%", out, re.MULTILINE)
    report = operator.asks("job", job_id)
    assert (report["position"], report["failure"], report["aggregation"]) == (None, None, None)
    assert [share["worker"] for share in report["shares"]] == ["a", "b"]
    assert operator.types("cancel", job_id)[:2] == (ExitCode.OK, f"job {job_id} is cancelled\n")
    assert operator.types("cancel", job_id)[1] == f"job {job_id} was over already: cancelled\n"
    code, _, err = operator.types("watch", job_id)
    assert code == ExitCode.JOB_FAILED
    assert err.splitlines()[-1] == f"zisk: error: job {job_id} was cancelled; submit it again"


def test_what_was_tried_is_shown_with_its_reason(capsys: Captured):
    lost = wire.Attempt(worker="a", end="lost", reason=wire.Failure(phase="Prove", message="silent for 90 s"))
    failed = wire.Attempt(worker="b", end="failed", reason=wire.Failure(phase="Aggregate", message="full"))
    job = wire.Job(job_id="j", kind="prove", form="final", state="Running", phase="Aggregate", started_at=1.0)
    job.shares.add(first_unit=0, end_unit=5, state="nobody", segments_kept=3, pieces_kept=2, attempts=[lost])
    job.aggregation.CopyFrom(wire.Aggregation(merged=1, shares=2, pieces_kept=4, attempts=[failed]))
    show_job(job)
    out = capsys.readouterr().out
    assert "aggregation  worker none, 1 of 2 shares taken in, 4 pieces kept\n" in out
    assert "state        Running (Aggregate), on no worker, 0%\n" in out
    assert "0 to 4          nobody  0%        no           3 segments, 2 pieces\n" in out
    assert out.splitlines()[-2:] == [
        "0 to 4       a       lost    Prove      silent for 90 s",
        "aggregation  b       failed  Aggregate  full",
    ]


def test_a_proof_is_saved_whole_and_only_of_a_completed_job(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    job_id = operator.submits(b"input", 20)
    assert operator.asks("fetch", job_id[:8]) == {
        "job_id": job_id,
        "proof": f"proof_{job_id}.bin",
        "proof_bytes": len(proof_of(ELF, b"input")),
    }
    assert Path(f"proof_{job_id}.bin").read_bytes() == proof_of(ELF, b"input")
    code, out, err = operator.types("fetch", job_id, "-o", "mine.bin")
    assert (code, out) == (ExitCode.OK, f"mine.bin  {len(proof_of(ELF, b'input'))} bytes\n")
    assert err == "note: not verified; `zisk verify -p mine.bin -e GUEST.elf` does that\n"
    at_work = operator.submits(b"slow")
    code, _, err = operator.types("fetch", at_work, "-o", "none.bin")
    assert (code, Path("none.bin").exists()) == (ExitCode.NO_CAPACITY, False)
    assert f"job {at_work} is running, in phase Contributions, and has no proof yet; wait for it" in err
    code, _, err = operator.types("fetch", job_id, "-o", "nowhere/mine.bin")
    assert (code, "cannot be written" in err) == (ExitCode.HOST, True)


def test_a_job_that_waits_is_explained(operator: Operator):
    first = operator.submits(b"slow")
    code, out, _ = operator.types("explain", operator.submits(b"input"))
    assert (code, out.splitlines()[0][-10:]) == (ExitCode.OK, " is queued")
    assert re.search(
        rf"^worker a  is at units 0 to 4 of job {first}, .*last heard \d s ago", out, re.MULTILINE
    )
    assert operator.asks("explain", first)["reasons"][0]["subject"] == "units 0 to 4"


def test_workers_are_listed_and_drained(operator: Operator):
    _, out, _ = operator.types("workers")
    heading, first, _ = out.splitlines()
    headings = "WORKER STATE UNITS PROGRAM JOB TASK AT HEARD FAILED"
    assert heading.split() == headings.split()
    assert first.split()[:3] == ["a", "Idle", "4"]
    assert operator.types("drain", "a")[1] == "worker a has no task and is given none\n"
    assert operator.asks("workers")["workers"][0]["state"] == "Draining"
    assert operator.types("drain", "a", "--undo")[1] == "worker a is given tasks again\n"
    operator.submits(b"slow")
    assert operator.types("drain", "b")[1] == "worker b ends its task, units 5 to 9, and is given no other\n"


def test_a_job_is_watched_to_its_end(operator: Operator):
    job_id = operator.submits(b"input")
    code, _, err = operator.types("watch", job_id[:8])
    assert (code, err.splitlines()[-1]) == (ExitCode.OK, f"job {job_id}: Completed")
    code, out, _ = operator.types("watch", "--json", job_id)
    assert (code, json.loads(out)["state"]) == (ExitCode.OK, "Completed")
    code, _, err = operator.types("watch", operator.submits(b"fault"))
    assert (code, ": guest fault: unimp" in err) == (ExitCode.GUEST_FAULT, True)


def test_watching_is_interrupted_and_the_job_goes_on(operator: Operator, monkeypatch: pytest.MonkeyPatch):
    def interrupted(client: ClusterClient, name: str, **about: int):
        if about:
            raise KeyboardInterrupt
        return answers(client, name)

    job_id, answers = operator.submits(b"slow"), ClusterClient.job
    monkeypatch.setattr(ClusterClient, "job", interrupted)
    code, _, err = operator.types("watch", job_id)
    monkeypatch.undo()
    assert code == ExitCode.INTERRUPTED
    assert err.splitlines()[-1] == f"note: job {job_id} goes on; zisk cluster cancel ends it"
    assert operator.asks("job", job_id)["state"] == "Running"


def test_watching_goes_on_when_the_coordinator_is_back(operator: Operator, monkeypatch: pytest.MonkeyPatch):
    job_id, asked, answers = operator.submits(b"input", 20), [], ClusterClient.job

    def job(self, name: str, **about):
        asked.append(name)
        if len(asked) in (2, 3):
            raise CoordinatorUnreachableError("no coordinator answers")
        answer = answers(self, name, **about)
        if len(asked) == 1:
            answer.state = "Running"
        return answer

    monkeypatch.setattr(ClusterClient, "job", job)
    monkeypatch.setattr(cluster_follow, "_AGAIN_SECONDS", 0.0)
    code, _, err = operator.types("watch", job_id)
    assert (code, len(asked)) == (ExitCode.OK, 4)
    assert err.count("note: no coordinator answers; trying again for 600 s") == 1
    asked.clear()
    monkeypatch.setattr(cluster_follow, "_PATIENCE_SECONDS", 0.0)
    assert operator.types("watch", job_id)[0] == ExitCode.NO_CAPACITY


def test_events_are_a_line_each(operator: Operator):
    job_id = operator.submits(b"input", 20)
    _, out, _ = operator.types("events")
    told = [line.split("  ", 1)[1] for line in out.splitlines()]
    assert told[:4] == [
        *("worker a  connected with 4 units", "worker b  connected with 4 units"),
        *(f"job {job_id}  queued", f"job {job_id}  started"),
    ]
    assert told[-1] == f"job {job_id}  completed"
    _, out, _ = operator.types("events", "--json")
    events = [json.loads(line) for line in out.splitlines()]
    assert [event["number"] for event in events] == list(range(1, len(events) + 1))


def test_events_are_followed_from_where_they_broke_off(operator: Operator, monkeypatch: pytest.MonkeyPatch):
    events, begun = ClusterClient.events, []

    def breaking(self, *, after, follow):
        begun.append(after)
        yield from events(self, after=after, follow=len(begun) > 1 and follow)
        if len(begun) == 2:
            raise CoordinatorUnreachableError("gone")

    monkeypatch.setattr(ClusterClient, "events", breaking)
    monkeypatch.setattr(cluster_follow, "_AGAIN_SECONDS", 0.0)
    with ClusterClient(operator.url) as client:
        following = cluster_follow.follow_events(client)
        assert [next(following).number for _ in range(2)] == [1, 2]
        timer = threading.Timer(0.3, lambda: operator.submits(b"input", 20))
        timer.start()
        assert next(following).text == "queued"
        following.close()
        timer.join()
    assert [None if after is None else after.number for after in begun] == [None, 2]


def test_nobody_at_the_address_is_one_line(capsys: Captured):
    nobody = ("--coordinator-url", "http://127.0.0.1:1")
    code = main(["cluster", "status", *nobody])
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (ExitCode.NO_CAPACITY, "", 1)
    assert err.startswith("zisk: error: no coordinator answers at http://127.0.0.1:1 (")
    assert main(["cluster", "events", "-f", *nobody]) == ExitCode.NO_CAPACITY
    assert main(["cluster", "watch", "j", *nobody]) == ExitCode.NO_CAPACITY


def test_cells_that_do_not_fit_a_terminal_are_cut(monkeypatch: pytest.MonkeyPatch, capsys: Captured):
    row = ("worker-1", "x" * 200, "\x1b[2Jdone")
    print_table(("WORKER", "AT", "STATE"), [row])
    assert capsys.readouterr().out.splitlines()[1] == f"worker-1  {'x' * 200}  \\x1b[2Jdone"
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_table(("WORKER", "AT", "STATE"), [row])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 60
    assert "x…" in lines[-1]
    assert "worker-1" in lines[-1]


def test_ids_are_as_long_as_tells_them_apart():
    assert short_ids(["aaaaaaaaaa", "bbbbbbbbbb"]) == {"aaaaaaaaaa": "aaaaaaaa", "bbbbbbbbbb": "bbbbbbbb"}
    assert short_ids(["aaaaaaaaaa", "aaaaaaaaab"])["aaaaaaaaab"] == "aaaaaaaaab"
    assert short_ids([]) == {}


def test_spans_have_the_unit_that_fits():
    told = [span_text(seconds) for seconds in (-1, 0, 99, 100, 5_999, 6_000, 359_999, 360_000)]
    assert told == ["0 s", "0 s", "99 s", "2 min", "100 min", "2 h", "100 h", "4 d"]


def test_every_command_and_flag_is_on_the_page():
    [commands] = [each for each in build_parser()._actions if isinstance(each, argparse._SubParsersAction)]
    [below] = [
        each for each in commands.choices["cluster"]._actions if isinstance(each, argparse._SubParsersAction)
    ]
    listed = dict(re.findall(r"^\| `zisk cluster ([a-z]+)([^`]*)` \|", PAGE, re.MULTILINE))
    assert list(listed) == list(below.choices)
    for name, parser in below.choices.items():
        taken = {flag for action in parser._actions for flag in action.option_strings}
        taken -= {"-h", "--help", "--json", "--coordinator-url"}
        assert set(re.findall(r"(?<!\w)--?[a-z]+", listed[name].replace("\\|", " "))) == taken, name


@pytest.mark.parametrize("command", ["status", "job", "drain", "events"])
def test_help_of_a_command_imports_nothing_heavy(command: str):
    script = (
        "import sys\nfrom zisk.cli.main import main\n"
        f"try:\n    main(['cluster', {command!r}, '--help'])\nexcept SystemExit as end:\n"
        "    print(end.code, sorted({'numpy', 'grpc', 'rich', 'google'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 []"
