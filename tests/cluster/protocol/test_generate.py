"""The committed Python code is what the committed `.proto` files compile to."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

import zisk.cluster.protocol.generated as generated
from zisk.cluster.protocol.generate import generate

COMMITTED = Path(next(iter(generated.__path__)))
FOLDER = Path("zisk/cluster/protocol/generated")


def test_regenerating_changes_nothing(tmp_path: Path):
    stamp = re.search(r"GRPC_GENERATED_VERSION = '(.+)'", (COMMITTED / "artifacts_pb2_grpc.py").read_text())
    assert stamp is not None
    if version("grpcio-tools") != stamp[1]:
        pytest.skip(f"the code was generated with grpcio-tools {stamp[1]}")
    generate(tmp_path)
    fresh = {path.name: path.read_text() for path in (tmp_path / FOLDER).iterdir()}
    committed = {path.name: path.read_text() for path in COMMITTED.glob("*_pb2*")}
    assert fresh == committed
