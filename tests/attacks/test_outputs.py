"""The public words: each comes from its own address, once, as it is when the run ends."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests.attacks.forging import put, row_of, tell
from tests.attacks.proving import (
    Check,
    accepted,
    assert_refused,
    assert_unprovable,
    prove_told,
    set_up,
    without,
)
from tests.vm.jobs import DATA, OUTPUT, Job
from tests.vm.micro_programs import HALT, Line, micro_program
from zisk.prover import Program as Prepared
from zisk.stark.errors import Rejection, VerificationError
from zisk.vm.memory_map import OUTPUT_WORDS
from zisk.vm.operations import Operation as Op
from zisk.vm.program import Program

KEY = OUTPUT // 8


@cache
def guest() -> Program:
    """Puts 5 out, then 6 over it, and leaves 7 in an ordinary word."""
    lines = [Line(Op.SD, 0, 25, 20), Line(Op.SD, 0, 25, 21), Line(Op.SD, 0, 23, 22), HALT]
    return micro_program(lines, {20: 5, 21: 6, 22: 7, 23: DATA, 25: OUTPUT})


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return set_up(guest())


@pytest.fixture
def job() -> Job:
    return tell(guest())


def claim(job: Job, word: int, value: int) -> None:
    """Say that a public 32-bit word is another one."""
    outputs = list(job.execution.outputs)
    outputs[word] = value
    job.execution = replace(job.execution, outputs=tuple(outputs))


@pytest.mark.parametrize("word", [0, 1, 2, 63])
def test_another_output(job: Job, word: int) -> None:
    claim(job, word, 9)
    assert job.complaints() == ["G_OUTPUT is left over"]
    assert_unprovable(job)


def test_an_output_that_was_overwritten(prepared: Prepared, job: Job) -> None:
    """The word's row ends with the value of the first store: nobody left that last."""
    claim(job, 0, 5)
    put(job.edges[0], "memory", row_of(job.edges[0], "memory", key=KEY, is_output=1), final__0=5)
    assert job.complaints() == ["G_MEMORY is left over"]
    proof = prove_told(prepared, job)
    assert_refused(proof, prepared.key, Rejection.BUS, text="do not join up")
    with without(Check.GLOBAL_SUM):
        assert accepted(proof, prepared.key).outputs[0] == 5


def test_the_boundary_gives_an_older_value(prepared: Prepared, job: Job) -> None:
    """The segment itself closes the word with its first store; the second one's message stays."""
    claim(job, 0, 5)
    core, edges = job.core[0], job.edges[0]
    put(core, "boundary", row_of(core, "boundary", key=KEY), final__0=5, last_ts=1 + 2)
    put(edges, "memory", row_of(edges, "memory", key=KEY, is_output=1), final__0=5)
    assert job.complaints() == ["MEMORY is left over"]
    proof = prove_told(prepared, job)
    assert_refused(proof, prepared.key, Rejection.BUS, text="core: messages inside the segment")
    with without(Check.LOCAL_SUM):
        assert accepted(proof, prepared.key).outputs[0] == 5


def without_row(job: Job, key: int) -> None:
    """Take a word's row out of the memory table."""
    edges = job.edges[0]
    row = row_of(edges, "memory", key=key, is_output=1)
    table = edges.table("memory")
    edges.column("memory", "gap_low")[row + 1] += 1
    table[:, row:-1] = table[:, row + 1 :].copy()


def test_an_output_word_without_a_row(prepared: Prepared, job: Job) -> None:
    """Nobody has touched it, so nothing else misses it: its two halves are missing."""
    without_row(job, KEY + 9)
    assert job.complaints() == ["G_OUTPUT is left over"]
    proof = prove_told(prepared, job)
    assert_refused(proof, prepared.key, Rejection.BUS, text="do not join up")
    with without(Check.GLOBAL_SUM):
        assert accepted(proof, prepared.key).outputs[0] == 6


def test_an_output_from_an_ordinary_word(job: Job) -> None:
    """The row's number follows from its key: it is the output of no place, and of no region."""
    row = row_of(job.edges[0], "memory", key=DATA // 8, is_zero=1)
    put(job.edges[0], "memory", row, is_zero=0, is_output=1)
    assert job.complaints() == ["G_OUTPUT is left over", "memory: nothing answers REGION"]
    assert_unprovable(job)


def test_a_word_past_the_public_ones_as_output(job: Job) -> None:
    """The area goes on, but not as output."""
    row = row_of(job.edges[0], "memory", key=KEY + OUTPUT_WORDS - 1, is_output=1)
    put(job.edges[0], "memory", row, key=KEY + OUTPUT_WORDS, gap_low=1)
    job.edges[0].column("memory", "gap_low")[row + 1] -= 1
    assert job.complaints() == ["G_OUTPUT is left over", "memory: nothing answers RANGE"]
    assert_unprovable(job)


def test_an_output_that_starts_with_a_value(job: Job) -> None:
    row = row_of(job.edges[0], "memory", key=KEY + 9, is_output=1)
    put(job.edges[0], "memory", row, initial__2=1, final__2=1)
    claim(job, 2 * 9 + 1, 1)
    assert job.complaints() == ["memory: constraint 'initial limb 2 is zero' is not zero"]
    assert_unprovable(job)


@pytest.mark.parametrize("value", [-1, 1 << 32])
def test_an_output_that_is_no_32_bit_word(prepared: Prepared, job: Job, value: int) -> None:
    claim(job, 3, value)
    with pytest.raises(VerificationError, match="a public value is out of range"):
        prove_told(prepared, job)


def test_every_output_word_has_a_row(job: Job) -> None:
    """The honest prover's memory table, row by row."""
    edges = job.edges[0]
    keys = edges.column("memory", "key")[edges.column("memory", "is_output") == 1]
    np.testing.assert_array_equal(keys, np.arange(KEY, KEY + OUTPUT_WORDS))
