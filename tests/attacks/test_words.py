"""Words from nowhere: every value that a step takes was left by an earlier one, or by the job's edges."""

from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np
import pytest

from tests.attacks.forging import put, row_of, tell
from tests.attacks.proving import (
    Check,
    accepted,
    assert_composite_refused,
    assert_refused,
    assert_unprovable,
    folded_outcome,
    prove_told,
    set_up,
    without,
)
from tests.attacks.witnessed import NoLeafError
from tests.vm.jobs import DATA, INPUT, OUTPUT, Job, SegmentMatrices, fill_edges
from tests.vm.micro_programs import HALT, Line, micro_program
from zisk.stark.errors import Rejection
from zisk.vm.memory import TouchedWords
from zisk.vm.memory_map import REGISTER_KEY
from zisk.vm.operations import Operation as Op
from zisk.vm.program import Program
from zisk.vm.segments import EdgesPart

KEY = DATA // 8
READS = [Line(Op.LD, 6, 23), Line(Op.SD, 0, 25, 6), HALT]
REGISTERS = {23: DATA, 25: OUTPUT}


@cache
def reader() -> Program:
    """Puts a word out that nobody has written: zero."""
    return micro_program(READS, REGISTERS)


@cache
def liar() -> Program:
    """The same steps over a memory that holds 77 there."""
    return micro_program(READS, REGISTERS, {DATA: 77})


def close_untouched(job: Job, key: int) -> None:
    """The memory table opens and closes a word at zero as if nobody had touched it."""
    row = row_of(job.edges[0], "memory", key=key, is_zero=1)
    put(job.edges[0], "memory", row, initial__0=0, final__0=0, last_segment=0)


def judge_locally(program: Program, job: Job, value: int) -> None:
    """The verifier refuses the messages inside a segment; one that lets them be puts `value` out."""
    prepared = set_up(program)
    proof = prove_told(prepared, job)
    assert_refused(proof, prepared.key, Rejection.BUS, text="messages inside the segment do not cancel")
    with without(Check.LOCAL_SUM):
        assert accepted(proof, prepared.key).outputs[0] == value


def test_a_word_that_its_own_segment_left() -> None:
    """The boundary row takes what it leaves itself."""
    job = tell(reader(), liar())
    assert job.complaints() == ["memory: constraint 'initial limb 0 is zero' is not zero"]
    close_untouched(job, KEY)
    assert job.complaints() == ["G_MEMORY is left over"]
    put(job.core[0], "boundary", row_of(job.core[0], "boundary", key=KEY), gap_low=-1)
    assert job.complaints() == ["boundary: nothing answers RANGE"]
    judge_locally(reader(), job, 77)


def test_a_word_that_a_later_segment_left() -> None:
    """The first segment reads what the second one writes."""
    lines = [Line(Op.LD, 6, 23), Line(Op.SD, 0, 25, 6), Line(Op.SD, 0, 23, 20), HALT]
    registers = {**REGISTERS, 20: 77}
    job = tell(micro_program(lines, registers), micro_program(lines, registers, {DATA: 77}), steps=2)
    put(job.core[0], "boundary", row_of(job.core[0], "boundary", key=KEY), gap_low=-2)
    close_untouched(job, KEY)
    assert job.complaints() == ["boundary: nothing answers RANGE"]
    judge_locally(micro_program(lines, registers), job, 77)


def test_a_word_that_the_step_itself_left() -> None:
    """The load takes the message that it leaves, and no boundary row knows of the word."""
    job = tell(reader(), liar())
    core = job.core[0]
    core.table("boundary")[:, row_of(core, "boundary", key=KEY)] = 0
    close_untouched(job, KEY)
    put(core, "ld", 0, m_gap_low=-1)
    assert job.complaints() == ["ld: nothing answers RANGE"]
    judge_locally(reader(), job, 77)


def test_a_word_that_a_later_step_left() -> None:
    """The load takes what a store leaves one step later, the store what the load leaves."""
    lines = [Line(Op.LD, 6, 23), Line(Op.SD, 0, 23, 20), Line(Op.SD, 0, 25, 6), HALT]
    registers = {**REGISTERS, 20: 77}
    job = tell(micro_program(lines, registers), micro_program(lines, registers, {DATA: 77}))
    core = job.core[0]
    core.table("boundary")[:, row_of(core, "boundary", key=KEY)] = 0
    close_untouched(job, KEY)
    load, store = 1 + 1, 1 + 4 + 2
    put(core, "ld", 0, m_gap_low=load - 1 - store)
    assert job.complaints() == ["ld: nothing answers RANGE"]
    assert_unprovable(job)


def test_a_gap_with_a_negative_high_limb() -> None:
    """2^16 above and one high limb below: the tuple table has no such limb."""
    job = tell(reader(), liar())
    core = job.core[0]
    core.table("boundary")[:, row_of(core, "boundary", key=KEY)] = 0
    close_untouched(job, KEY)
    put(core, "ld", 0, m_gap_low=(1 << 16) - 1, m_gap_high=-1)
    assert job.complaints() == ["ld: nothing answers TUPLE"]
    assert_unprovable(job)


STALE = [Line(Op.SD, 0, 23, 20), Line(Op.LD, 6, 24), Line(Op.SD, 0, 25, 6), HALT]
"""Store 77, load it again, put it out. The forger's load finds the word as it was at the start: zero."""


def stale(steps: int | None = None) -> Job:
    """The memory table still says that the second word is another one."""
    true = micro_program(STALE, {**REGISTERS, 20: 77, 24: DATA})
    run = micro_program(STALE, {**REGISTERS, 20: 77, 24: DATA + 8})
    job = tell(true, run, values={DATA + 8: DATA}, memory_keys={}, steps=steps)
    assert job.execution.outputs[0] == 0
    return job


@pytest.mark.parametrize("steps", [None, 1])
def test_a_word_twice_in_one_memory_table(steps: int | None) -> None:
    """Also twice in one boundary table, if both accesses are in one segment: that alone says nothing."""
    job = stale(steps)
    edges = job.edges[0]
    row = row_of(edges, "memory", key=KEY + 1, is_zero=1)
    put(edges, "memory", row, gap_low=-1)
    edges.column("memory", "key")[row:] = KEY
    edges.publics[2] = KEY
    assert job.complaints() == ["memory: nothing answers RANGE"]
    if steps is None:
        judge_locally(job.program, job, 0)


def test_a_word_once_for_two_stories() -> None:
    """A single row cannot open both."""
    job = stale()
    remove_last_word(job)
    assert job.complaints() == ["G_MEMORY is left over"]
    assert_unprovable(job)


def remove_last_word(job: Job) -> None:
    """Take the second story's row, the highest word, out of the memory table."""
    edges = job.edges[0]
    assert edges.publics[2] == KEY + 1
    row = row_of(edges, "memory", key=KEY + 1, is_zero=1)
    edges.table("memory")[:, row:] = 0
    edges.column("memory", "key")[row:] = KEY
    edges.publics[2] = KEY


def second_edges(job: Job, previous_key: int) -> SegmentMatrices:
    """A second edges segment that opens the second story's word."""
    word = np.array([KEY], dtype=np.uint32)
    nothing = np.zeros(1, dtype=np.uint64)
    words = TouchedWords(word, nothing, nothing, np.ones(1, dtype=np.uint32))
    empty = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint32)
    return fill_edges(job.program, EdgesPart(2, previous_key, KEY, words, *empty))


def test_a_word_in_two_memory_segments() -> None:
    """The second one says that it goes on from a lower word than the first one ended with."""
    job = stale()
    remove_last_word(job)
    job.edges.append(second_edges(job, KEY - 1))
    assert job.complaints() == ["G_CHAIN is left over"]
    prepared = set_up(job.program)
    proof = prove_told(prepared, job)
    assert_refused(proof, prepared.key, Rejection.BUS, text="do not join up")
    with without(Check.GLOBAL_SUM):
        assert accepted(proof, prepared.key).outputs[0] == 0


def test_a_word_in_two_memory_segments_with_a_true_chain() -> None:
    """The chain is true, the row that must carry its key is not."""
    job = stale()
    remove_last_word(job)
    job.edges.append(second_edges(job, KEY - 1))
    job.edges[1].publics[1] = KEY
    assert job.complaints() == ["memory: constraint 'row 0 has the key before' is not zero"]
    assert_unprovable(job)


def test_a_row_between_carries_no_lower_key() -> None:
    """Without a word the key stays: it cannot step back so that the word comes again."""
    job = stale()
    remove_last_word(job)
    job.edges.append(second_edges(job, KEY - 1))
    second = job.edges[1]
    second.publics[1] = KEY
    table = second.table("memory")
    word = table[:, 1].copy()
    second.traces[0] = np.zeros((table.shape[0], 4), dtype=np.int64)
    second.column("memory", "key")[:] = [KEY, KEY - 1, KEY, KEY]
    second.table("memory")[:, 2] = word
    assert job.complaints() == ["memory: constraint 'keys ascend' is not zero"]
    assert_unprovable(job)


def test_two_chains_of_edges() -> None:
    """Each starts from the lowest key as number 1. The second one's key is not that of number 1: no leaf."""
    job = stale()
    remove_last_word(job)
    job.edges.append(second_edges(job, 0))
    job.edges[1].publics[0] = 1
    assert job.complaints() == ["G_CHAIN is left over"]
    prepared = set_up(job.program)
    proof = prove_told(prepared, job)
    assert_composite_refused(proof, prepared.key, Rejection.STATEMENT, text="segment 1 stands at place 2")
    with pytest.raises(NoLeafError):
        folded_outcome(proof, prepared.key)
    with without(Check.PLACE):
        assert_composite_refused(proof, prepared.key, Rejection.BUS, text="do not join up")
    with without(Check.PLACE, Check.GLOBAL_SUM):
        assert accepted(proof, prepared.key).outputs[0] == 0


def test_a_segment_of_another_run() -> None:
    """The second half of a run on another input: both halves are true, the words between differ."""
    lines = [Line(Op.LD, 6, 24), Line(Op.SD, 0, 25, 6), HALT]
    program = micro_program(lines, {24: INPUT, 25: OUTPUT})
    one = tell(program, data=b"\x05", steps=1)
    other = tell(program, data=b"\x06", steps=1)
    assert (one.complaints(), other.complaints()) == ([], [])
    spliced = dataclasses.replace(one, core=[one.core[0], *other.core[1:]], execution=other.execution)
    spliced.edges = other.edges
    assert spliced.complaints() == ["G_MEMORY is left over"]
    prepared = set_up(program)
    proof = prove_told(prepared, spliced)
    assert_refused(proof, prepared.key, Rejection.BUS, text="do not join up")
    with without(Check.GLOBAL_SUM):
        assert accepted(proof, prepared.key).outputs[0] == 6


def test_an_input_limb_of_more_than_16_bits() -> None:
    """Every table copies the limb as it is; only where the word enters is it checked."""
    lines = [Line(Op.LD, 6, 24), HALT]
    program = micro_program(lines, {24: INPUT})
    job = tell(program, data=b"\x34\x12")
    for segment in (*job.core, *job.edges):
        for trace in segment.traces:
            trace[trace == 0x1234] += 1 << 16
    assert job.complaints() == ["memory: nothing answers RANGE"]
    prepared = set_up(program)
    proof = prove_told(prepared, job)
    assert_refused(proof, prepared.key, Rejection.BUS, text="messages inside the segment")
    with without(Check.LOCAL_SUM):
        assert accepted(proof, prepared.key).segments == 1


def test_a_register_that_nobody_wrote() -> None:
    """Registers are words as others: one that starts as zero cannot start as 77."""
    lines = [Line(Op.SD, 0, 25, 20), HALT]
    job = tell(micro_program(lines, {25: OUTPUT}), micro_program(lines, {25: OUTPUT, 20: 77}))
    assert job.complaints() == ["memory: constraint 'initial limb 0 is zero' is not zero"]
    assert row_of(job.edges[0], "memory", key=REGISTER_KEY + 20) > 0
    assert_unprovable(job)
