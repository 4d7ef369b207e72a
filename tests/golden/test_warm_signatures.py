"""Warming up compiles every signature that a proof needs: workers never wait for a compiler."""

import pytest

from tests.golden.cases import proved_warm


@pytest.mark.slow
def test_a_proof_compiles_nothing_more() -> None:
    assert proved_warm().compiled == ()
