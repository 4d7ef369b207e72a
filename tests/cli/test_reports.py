"""What is printed at the end, whatever a file is called and whatever standard output can encode."""

import io
import os

import pytest

from tests.cli.facade import FakeProver
from zisk.cli.main import main
from zisk.cli.reports import print_report
from zisk.exit_codes import ExitCode


def test_a_line_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_report({}, [("proof", "a\nb\x1b[2J"), ("size", "5 bytes")], as_json=False)
    assert capsys.readouterr().out == "proof  a\\nb\\x1b[2J\nsize   5 bytes\n"


@pytest.mark.parametrize(
    ("name", "encoding", "shown"),
    [
        (b"\xff.vk", "utf-8", rb"\udcff.vk"),
        (b"\xff.vk", "ascii", rb"\udcff.vk"),
        ("é.vk".encode(), "ascii", rb"\xe9.vk"),
        ("é.vk".encode(), "utf-8", "é.vk".encode()),
    ],
)
def test_a_name_that_standard_output_cannot_encode_is_escaped(
    name: bytes, encoding: str, shown: bytes, prover: FakeProver, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    monkeypatch.setattr("sys.stdout", output)
    assert main(["program-setup", "-e", "guest.elf", "-o", os.fsdecode(name)]) == ExitCode.OK
    assert os.path.exists(name)
    assert shown in output.buffer.getvalue()
