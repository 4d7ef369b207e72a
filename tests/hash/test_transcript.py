"""The transcript is a duplex sponge: overwrite, permute, hand out the rate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zisk.field.koalabear import P
from zisk.hash.permutation import permute_state
from zisk.hash.poseidon2 import permute
from zisk.hash.rows import state_digests
from zisk.hash.transcript import Transcript
from zisk.kernels.cpu.backend import CpuBackend
from zisk.kernels.pool import Pool

BACKEND = CpuBackend(Pool(3))
elements = st.integers(0, P - 1)


class PlainTranscript:
    """The duplex as its description reads, on plain integers."""

    def __init__(self, tag: int) -> None:
        self.state = [0] * 15 + [tag] + [0] * 8
        self.written = 0
        self.output: list[int] = []

    def absorb(self, message: list[int]) -> None:
        for element in message:
            self.output = []
            self.state[self.written] = element
            self.written += 1
            if self.written == 15:
                self.permute()

    def sample(self) -> int:
        if not self.output:
            self.permute()
        return self.output.pop(0)

    def permute(self) -> None:
        self.state = permute(self.state)
        self.written = 0
        self.output = self.state[:15]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(elements, max_size=40) | st.integers(0, 40), max_size=6))
def test_every_schedule_runs_as_described(steps: list[list[int] | int]) -> None:
    """A list is absorbed, a number is so many samples."""
    transcript, plain = Transcript(7), PlainTranscript(7)
    for step in steps:
        if isinstance(step, list):
            transcript.absorb(step)
            plain.absorb(step)
        else:
            assert [transcript.sample() for _ in range(step)] == [plain.sample() for _ in range(step)]
    assert transcript.state_digest() == tuple(permute(plain.state)[:9])
    assert transcript.sample() == plain.sample()


def test_first_samples_written_out() -> None:
    transcript = Transcript(7)
    transcript.absorb([1, 2])
    output = permute([1, 2, *[0] * 13, 7, *[0] * 8])
    assert transcript.sample() == output[0]
    assert transcript.sample_extension() == tuple(output[1:6])
    assert transcript.sample_indices(2, 10) == [value % 1024 for value in output[6:8]]


@pytest.mark.parametrize("length", [0, 1, 15, 44, 45, 46])
@pytest.mark.parametrize("before", [0, 4, 14])
def test_absorbing_at_once_is_absorbing_one_by_one(before: int, length: int) -> None:
    one, other = Transcript(1), Transcript(1)
    for transcript in (one, other):
        transcript.sample()
        transcript.absorb(range(before))
    one.absorb(range(100, 100 + length))
    for element in range(100, 100 + length):
        other.absorb([element])
    assert [one.sample() for _ in range(16)] == [other.sample() for _ in range(16)]


def test_tags_separate() -> None:
    assert Transcript(1).sample() != Transcript(2).sample()


def test_clone_goes_its_own_way() -> None:
    transcript = Transcript(1)
    transcript.absorb([5])
    copy = transcript.clone()
    copy.absorb([6])
    copy.sample()
    other = Transcript(1)
    other.absorb([5])
    assert [transcript.sample() for _ in range(20)] == [other.sample() for _ in range(20)]


def test_digest_changes_nothing() -> None:
    transcript, other = Transcript(1), Transcript(1)
    for one in (transcript, other):
        one.absorb(range(20))
    transcript.state_digest()
    assert transcript.sample() == other.sample()


@pytest.mark.parametrize("absorbed", [0, 3, 14, 15])
def test_nonce_is_the_smallest_whatever_the_threads(absorbed: int) -> None:
    """14 absorbed elements leave the last place of the rate to the nonce."""
    bits = 7
    begun = Transcript(4)
    begun.absorb(range(absorbed))
    verifying = begun.clone()
    nonces = []
    for backend in (CpuBackend(Pool(1)), BACKEND):
        transcript = begun.clone()
        nonces.append(transcript.grind(bits, backend))
    smallest = next(nonce for nonce in range(P) if begun.clone().check_nonce(nonce, bits))
    assert nonces == [smallest, smallest]
    assert verifying.check_nonce(smallest, bits)
    assert [verifying.sample() for _ in range(16)] == [transcript.sample() for _ in range(16)]


def test_nonce_of_many_tasks() -> None:
    bits = 15
    transcript = Transcript(4)
    nonce = transcript.clone().grind(bits, BACKEND)
    assert nonce == transcript.clone().grind(bits, CpuBackend(Pool(1)))
    assert transcript.clone().check_nonce(nonce, bits)
    assert not transcript.clone().check_nonce(nonce + 1, bits)


def test_nonce_after_samples() -> None:
    transcript = Transcript(4)
    transcript.absorb([1])
    transcript.sample()
    nonce = transcript.clone().grind(5, BACKEND)
    assert transcript.check_nonce(nonce, 5)


@pytest.mark.parametrize("nonce", [-1, P, 2**40])
def test_nonce_that_is_not_canonical_is_refused(nonce: int) -> None:
    transcript, other = Transcript(4), Transcript(4)
    assert not transcript.check_nonce(nonce, 0)
    assert transcript.sample() == other.sample()


@pytest.mark.parametrize("element", [-1, P])
def test_element_that_is_not_canonical_is_refused(element: int) -> None:
    with pytest.raises(ValueError, match="canonical"):
        Transcript(1).absorb([element])


@pytest.mark.parametrize("bits", [-1, 25])
def test_too_many_bits_are_refused(bits: int) -> None:
    with pytest.raises(ValueError, match="0 to 24 bits"):
        Transcript(1).sample_indices(1, bits)
    with pytest.raises(ValueError, match="0 to 24 bits"):
        Transcript(1).grind(bits, BACKEND)


@settings(deadline=None)
@given(st.lists(elements, min_size=24, max_size=24))
def test_fast_permutation_of_one_state(state: list[int]) -> None:
    assert permute_state(state) == permute(state)


@pytest.mark.parametrize("width", [1, 14, 15, 16, 30, 31])
@pytest.mark.parametrize("count", [1, 70])
def test_state_digests_of_many_transcripts_at_once(width: int, count: int) -> None:
    rows = np.random.default_rng(width).integers(0, P, (count, width), dtype=np.uint32)
    expected = []
    for row in rows.tolist():
        transcript = Transcript(3)
        transcript.absorb(row)
        expected.append(list(transcript.state_digest()))
    assert state_digests(3, rows).tolist() == expected
