"""A key is derived from the guest once, and taken from what is kept only where it can be that one."""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.keys import key_of
from zisk import KeyOrigin, prover
from zisk.progress import NULL_PROGRESS
from zisk.proof_format.program_key import decode_key
from zisk.sdk.derived_keys import derived_key, kept_key, require_derivable
from zisk.vm.errors import NotAnElfError, ProgramTooLargeError

ELF = b"the guest"
KEY = key_of(18, 100)
FIBONACCI = (Path(__file__).parents[2] / "examples" / "fibonacci" / "fibonacci.elf").read_bytes()


@dataclass
class SetUp:
    """Set-up with blank keys as answers; `calls` are the guests, sizes and levels it was asked for."""

    calls: list[tuple[bytes, int, int]] = field(default_factory=list)

    def __call__(self, elf: bytes, *, log_size: int, security: int, progress: object) -> Any:
        assert progress is NULL_PROGRESS
        self.calls.append((elf, log_size, security))
        return SimpleNamespace(key=key_of(log_size, security))


@pytest.fixture
def set_up(key_folder: Path, monkeypatch: pytest.MonkeyPatch) -> SetUp:
    """A set-up that takes no time, beside an empty cache folder."""
    found = SetUp()
    monkeypatch.setattr(prover, "setup", found)
    return found


def derived(elf: bytes = ELF, log_size: int = 18, security: int = 100) -> tuple[bytes, KeyOrigin]:
    return derived_key(elf, log_size=log_size, security=security)


def kept(elf: bytes = ELF, log_size: int = 18, security: int = 100) -> bytes | None:
    return kept_key(elf, log_size=log_size, security=security)


def test_a_key_is_derived_once_and_kept(set_up: SetUp) -> None:
    assert kept() is None
    assert [derived() for _ in range(3)] == [
        (KEY, KeyOrigin.DERIVED),
        (KEY, KeyOrigin.CACHED),
        (KEY, KeyOrigin.CACHED),
    ]
    assert set_up.calls == [(ELF, 18, 100)]
    assert kept() == KEY


def test_guests_sizes_and_levels_have_keys_of_their_own(set_up: SetUp) -> None:
    asked = [(ELF, 18, 100), (ELF, 18, 128), (ELF, 20, 100), (b"another guest", 18, 100)]
    fresh = [derived(*one) for one in asked]
    assert fresh == [(key_of(log_size, level), KeyOrigin.DERIVED) for _, log_size, level in asked]
    assert set_up.calls == asked
    assert [derived(*one) for one in asked] == [(key, KeyOrigin.CACHED) for key, _ in fresh]
    assert set_up.calls == asked


def header(*changes: tuple[int, int]) -> bytes:
    """The key with words of its header changed: version, level, size, entry and chunks from 1 to 5."""
    words = list(struct.unpack_from("<4s5I", KEY))
    for place, value in changes:
        words[place] = value
    return struct.pack("<4s5I", *words) + KEY[24:]


@pytest.mark.parametrize(
    "other",
    [
        b"",
        KEY[:1],
        KEY[:-1],
        KEY + bytes(4),
        b"\0" + KEY[1:],
        header((1, 2)),
        header((2, 99)),
        header((2, 128)),
        header((3, 20)),
        header((4, (1 << 32) - 1)),
        header((5, 2)),
        KEY[:-4] + b"\xff" * 4,
        key_of(18, 128),
        key_of(20, 100),
    ],
    ids=[
        "empty", "a byte", "cut", "longer", "magic", "version", "level", "another level", "another size",
        "entry", "chunks", "element", "a key of another level", "a key of another size",
    ],
)  # fmt: skip
def test_what_is_kept_and_is_no_key_of_this_size_and_level_is_derived_anew(
    other: bytes, set_up: SetUp, key_folder: Path
) -> None:
    derived()
    [place] = key_folder.rglob("*.vk")
    place.write_bytes(other)
    assert kept() is None
    assert [derived(), derived()] == [(KEY, KeyOrigin.DERIVED), (KEY, KeyOrigin.CACHED)]
    assert place.read_bytes() == KEY
    assert set_up.calls == [(ELF, 18, 100)] * 2


def test_what_is_kept_is_of_the_size_and_level_that_are_asked_for(set_up: SetUp, key_folder: Path) -> None:
    """Whatever byte of its header is changed: a kept key is none, or one of this size and level."""
    derived()
    [place] = key_folder.rglob("*.vk")
    for byte in range(24):
        changed = bytearray(KEY)
        changed[byte] ^= 0x10
        place.write_bytes(changed)
        found = kept()
        if found is not None:
            assert found == changed
            assert (decode_key(found).log_size, decode_key(found).level) == (18, 100)
            assert 16 <= byte < 20, "the entry alone has other values that can be"


def test_a_set_up_that_fails_keeps_nothing(set_up: SetUp, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(elf: bytes, **_: object) -> None:
        raise NotAnElfError("it is empty")

    with monkeypatch.context() as failing:
        failing.setattr(prover, "setup", fails)
        for _ in range(2):
            with pytest.raises(NotAnElfError):
                derived()
    assert kept() is None
    assert derived() == (KEY, KeyOrigin.DERIVED)


Ask = Callable[..., object]


@pytest.mark.parametrize("name", ["numba", "blake3"])
@pytest.mark.parametrize("ask", [derived_key, require_derivable])
def test_without_what_proves_a_key_is_kept_or_it_is_said_what_is_missing(
    ask: Ask, name: str, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked() -> object:
        return ask(ELF, log_size=18, security=100)

    with monkeypatch.context() as missing:
        missing.setitem(sys.modules, name, None)
        with pytest.raises(ImportError) as said:
            asked()
    assert (said.value.name, str(said.value)) == (
        name,
        f"deriving a key from the guest takes {name}, which cannot be imported here; "
        "install pyzisk with all it depends on, or give the key itself",
    )
    assert set_up.calls == []
    derived()
    monkeypatch.setitem(sys.modules, name, None)
    assert asked() == (None if ask is require_derivable else (KEY, KeyOrigin.CACHED))


def test_what_can_be_derived_is_told_before_anything_is(
    set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_derivable(FIBONACCI, log_size=16, security=128)
    with pytest.raises(NotAnElfError):
        require_derivable(ELF, log_size=16, security=128)
    monkeypatch.setattr("zisk.vm.program.LOG_SIZES", (2, 16))
    with pytest.raises(ProgramTooLargeError):
        require_derivable(FIBONACCI, log_size=2, security=128)
    assert set_up.calls == []
    assert kept(FIBONACCI, 16, 128) is None


def test_of_a_kept_key_the_guest_is_not_looked_at_again(set_up: SetUp) -> None:
    derived()
    require_derivable(ELF, log_size=18, security=100)
    with pytest.raises(NotAnElfError):
        require_derivable(ELF, log_size=18, security=128)
