"""Programs are set up once, and those that were used last stay."""

from dataclasses import replace

import pytest

from tests.cluster.fake_engine import FakeEngine, FakeProgram, program_of
from tests.cluster.worker.test_runner import REQUEST
from zisk.cluster.program_cache import ProgramCache
from zisk.cluster.tasks import JobRequest
from zisk.progress import NULL_PROGRESS, Progress


class CountingEngine(FakeEngine):
    """Notes what is set up."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[tuple[bytes, int, int]] = []

    def setup(
        self, elf: bytes, *, log_size: int, security: int, progress: Progress = NULL_PROGRESS
    ) -> FakeProgram:
        self.done.append((elf, log_size, security))
        return super().setup(elf, log_size=log_size, security=security, progress=progress)


def of(name: str, log_size: int = 20, security: int = 128) -> JobRequest:
    return replace(REQUEST, hash_id=name, log_size=log_size, security=security)


def test_a_program_is_set_up_once_for_each_size_and_level() -> None:
    engine = CountingEngine()
    programs = ProgramCache(engine, 4)
    wanted = [("a", 20, 128), ("b", 20, 128), ("a", 18, 128), ("a", 20, 100)]
    for _ in range(2):
        for each in wanted:
            elf = each[0].encode()
            assert programs.program(of(*each), lambda elf=elf: elf) == program_of(elf, *each[1:])
    assert engine.done == [(name.encode(), size, level) for name, size, level in wanted]


def test_the_one_that_was_used_longest_ago_goes() -> None:
    engine = CountingEngine()
    programs = ProgramCache(engine, 2)
    for name in "abacabb":
        programs.program(of(name), name.encode)
    assert [elf for elf, _, _ in engine.done] == [b"a", b"b", b"c", b"b"]


def test_what_cannot_be_set_up_is_not_kept() -> None:
    engine = CountingEngine()
    programs = ProgramCache(engine, 2)

    def absent() -> bytes:
        raise FileNotFoundError

    with pytest.raises(FileNotFoundError):
        programs.program(of("a"), absent)
    assert programs.program(of("a"), lambda: b"a") == program_of(b"a")
    assert engine.done == [(b"a", 20, 128)]
