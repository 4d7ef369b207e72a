"""The digest of a key stands for all of it."""

from __future__ import annotations

import dataclasses

import pytest

from tests.stark.attacks.kinds import PLAIN
from tests.stark.toy import toy_fixed, toy_kind
from zisk.stark import key as key_module

KIND = toy_kind()
KEY = toy_fixed(KIND, PLAIN).key


def test_the_digest_binds_version_kind_size_level_heights_and_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    cap = ((0, *KEY.cap[0][1:]), *KEY.cap[1:])
    others = [
        dataclasses.replace(KEY, parameters=dataclasses.replace(PLAIN, level=100)),
        dataclasses.replace(KEY, kind=dataclasses.replace(KIND, log_size=9)),
        dataclasses.replace(KEY, kind=dataclasses.replace(KIND, number=2)),
        dataclasses.replace(KEY, cap=cap),
        dataclasses.replace(KEY, fixed_log_heights=(-1, -1, 4)),
        dataclasses.replace(KEY, fixed_log_heights=(-1, 0, 5)),
        dataclasses.replace(KEY, fixed_log_heights=(-1, 5, -1)),
    ]
    digests = {KEY.digest, *(other.digest for other in others)}
    monkeypatch.setattr(key_module, "FORMAT_VERSION", 2)
    digests.add(dataclasses.replace(KEY).digest)
    assert len(digests) == len(others) + 2
