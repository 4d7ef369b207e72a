"""What a demonstration says at its end."""

import json

import pytest

from zisk.cli.commands.demo import Times, report
from zisk.cli.demo.timeline import Span
from zisk.prover import Outcome
from zisk.sdk import Counted, ExecutionReport, Proof, ProofForm

OUTPUTS = (0xAB, *[0] * 63)
OUTCOME = Outcome(
    form=ProofForm.FINAL,
    digest=bytes(36),
    exit_code=0,
    outputs=OUTPUTS,
    segments=7,
    steps=None,
    security=128,
    log_size=16,
)
REPORT = ExecutionReport(400_522, 1, 7, 0, OUTPUTS, Counted.COORDINATOR)
PROOF = Proof(bytes(291_480), b"key", REPORT, OUTCOME)
SPANS = [
    Span("worker-1", "contributions", 0.0, 2.0),
    Span("worker-2", "contributions", 0.0, 1.0),
    Span("worker-1", "fold", 2.0, 6.0),
    Span("worker-1", "final proof", 6.0, 10.0),
]
TIMES = Times(prove=10.0, verify=0.1534, whole=12.0)


def test_lines_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    report(OUTCOME, PROOF, SPANS, TIMES, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "proved       400,522 steps of sha-hasher in 7 core segments",
        "             in 10.0 s on two workers, 40.1 k steps/s",
        "final proof  291,480 bytes (284.6 KiB), 128 bits",
        "verified     in 0.15 s, under a key derived here",
        f"digest       {'00' * 36}",
        "exit code    0",
        "outputs      000000ab",
        "",
        "          0 s                                                   10.0 s",
        "worker-1  ------------++++++++++++++++++++++++########################",
        "worker-2  ------",
        "          --- contributions   +++ fold   ### final proof",
        "",
        "worker-1  contributions 2.0 s, fold 4.0 s, final proof 4.0 s",
        "worker-2  contributions 1.0 s",
        "",
        "worker-1: 4 segments   worker-2: 4 segments",
        "whole demonstration: 12.0 s; nothing is left running",
    ]


def test_one_object_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    report(OUTCOME, PROOF, SPANS, TIMES, as_json=True)
    found = json.loads(capsys.readouterr().out)
    workers = found.pop("workers")
    assert found == {
        "verdict": "accepted",
        "digest": "00" * 36,
        "exit_code": 0,
        "outputs": list(OUTPUTS),
        "steps": 400_522,
        "segments": 7,
        "form": "final",
        "security": 128,
        "proof_bytes": 291_480,
        "seconds": {"prove": 10.0, "verify": 0.153, "whole": 12.0},
    }
    assert [(worker["worker"], worker["segments"], len(worker["phases"])) for worker in workers] == [
        ("worker-1", 4, 3),
        ("worker-2", 4, 1),
    ]
    assert workers[0]["phases"][1] == {"phase": "fold", "start": 2.0, "end": 6.0}
