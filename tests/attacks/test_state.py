"""The order of steps: where a run starts, goes on and ends, over all its segments."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests.attacks.forging import put, row_of, tell
from tests.attacks.proving import (
    Check,
    accepted,
    accepted_in_both_forms,
    assert_composite_refused,
    assert_not_joined,
    assert_refused,
    assert_unprovable,
    claims_of,
    folded_outcome,
    prove_told,
    set_up,
    without,
)
from tests.claims import claims_with
from tests.vm.jobs import OUTPUT, Job, SegmentMatrices
from tests.vm.micro_programs import HALT, Line, micro_program
from zisk.prover import Program as Prepared
from zisk.stark.errors import Rejection, VerificationError
from zisk.vm.kinds import SEGMENT_LIMIT
from zisk.vm.memory_map import HALTED
from zisk.vm.operations import Operation as Op
from zisk.vm.program import Program

STEPS = 4
LINES = [
    Line(Op.LI, 6, immediate=1),
    Line(Op.LI, 7, immediate=20),
    Line(Op.ADD, 6, 6, 7),
    Line(Op.SD, 0, 25, 6),
    Line(Op.ADDI, 7, 7, immediate=1),
    Line(Op.SD, 0, 25, 7, 8),
    Line(Op.NOP),
    Line(Op.LI, 10, immediate=5),
    HALT,
]
"""Three segments of at most four steps; its outputs are 21, 0, 21, 0 and its exit code 5."""


@cache
def guest(entry: int = 0) -> Program:
    return replace(micro_program(LINES, {6: 3, 7: 4, 25: OUTPUT}), entry=entry)


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return set_up(guest())


@pytest.fixture
def job() -> Job:
    """An honest run in three segments, to be altered."""
    return tell(guest(), steps=STEPS)


def empty_segment(job: Job, index: int, pc: int) -> SegmentMatrices:
    """A segment without a single row."""
    model = job.core[0]
    traces = [np.zeros_like(trace) for trace in model.traces]
    return SegmentMatrices(model.kind, model.fixed, traces, [index, pc, pc, 1])


def test_the_honest_run_is_accepted(prepared: Prepared, job: Job) -> None:
    assert job.complaints() == []
    outcome = accepted_in_both_forms(prove_told(prepared, job), prepared.key)
    assert (outcome.segments, outcome.steps, outcome.exit_code) == (3, len(LINES), 5)
    assert outcome.outputs[:4] == (21, 0, 21, 0)


def test_a_start_at_another_entry(prepared: Prepared) -> None:
    """The run that would follow from line 2 is complete in itself."""
    job = tell(guest(), guest(entry=2))
    assert job.complaints() == ["G_STATE is left over"]
    proof = prove_told(prepared, job)
    assert_refused(proof, prepared.key, Rejection.BUS, text="do not join up")
    with without(Check.GLOBAL_SUM):
        assert accepted(proof, prepared.key).outputs[:3] == (7, 0, 5)


def test_two_geneses(prepared: Prepared) -> None:
    """Two whole runs in one job: the second one starts where the first one has halted."""
    twice = tell(guest())
    twice.core += tell(guest()).core
    twice.core[1].publics[0] = 2
    assert twice.complaints() == ["G_EXIT is left over", "G_MEMORY is left over", "G_STATE is left over"]
    proof = prove_told(prepared, twice)
    assert_refused(proof, prepared.key, Rejection.BUS, text="do not join up")
    with without(Check.GLOBAL_SUM):
        assert accepted(proof, prepared.key).segments == 2


def test_two_geneses_of_one_index(prepared: Prepared, job: Job) -> None:
    """The first segment is there twice, so the run goes on from either."""
    job.core.insert(1, tell(guest(), steps=STEPS).core[0])
    assert job.complaints() == ["G_MEMORY is left over", "G_STATE is left over"]
    proof = prove_told(prepared, job)
    assert_composite_refused(proof, prepared.key, Rejection.STATEMENT, text="segment 1 stands at place 2")
    assert_not_joined(proof, prepared.key)
    with without(Check.PLACE):
        assert_composite_refused(proof, prepared.key, Rejection.BUS, text="do not join up")
    with without(Check.PLACE, Check.GLOBAL_SUM):
        assert accepted(proof, prepared.key).segments == 4


def test_segments_in_another_order(prepared: Prepared, job: Job) -> None:
    """All messages cancel whatever the order, so nothing but the place of a number refuses it.

    Folded, segments have no places, and their numbers say how they follow: it is the same true run.
    """
    honest = prove_told(prepared, job)
    job.core[0], job.core[1] = job.core[1], job.core[0]
    assert job.complaints() == []
    proof = prove_told(prepared, job)
    assert_composite_refused(proof, prepared.key, Rejection.STATEMENT, text="segment 2 stands at place 1")
    assert folded_outcome(proof, prepared.key) == folded_outcome(honest, prepared.key)
    with without(Check.PLACE):
        assert accepted(proof, prepared.key).segments == 3


def test_an_end_without_halt(prepared: Prepared, job: Job) -> None:
    """A run cut off before its last segment; the words are closed as they are then."""
    whole = tell(guest(), steps=len(LINES) - 1)
    halting = whole.core.pop()
    assert halting.publics[1:3] == [len(LINES) - 1, HALTED]
    assert whole.complaints() == ["G_EXIT is left over", "G_MEMORY is left over", "G_STATE is left over"]
    proof = prove_told(prepared, whole)
    assert_refused(proof, prepared.key, Rejection.BUS, text="do not join up")
    with without(Check.GLOBAL_SUM):
        assert accepted(proof, prepared.key).segments == 1


def test_a_run_that_only_claims_to_halt(job: Job) -> None:
    """The last step leaves its true pc, the segment says HALTED."""
    halting = job.core.pop()
    assert halting.publics[1:3] == [8, HALTED]
    job.core[-1].publics[2] = HALTED
    assert job.complaints() == ["G_EXIT is left over", "G_MEMORY is left over", "STATE is left over"]
    assert_unprovable(job)


def test_a_halt_that_the_program_does_not_have() -> None:
    """Another guest halts where this one goes on."""
    endless = micro_program([*LINES[:-1], Line(Op.NOP, next=0)], {6: 3, 7: 4, 25: OUTPUT})
    job = replace(tell(guest()), program=endless)
    assert job.complaints() == ["halt: nothing answers PROGRAM"]
    assert_unprovable(job)


@pytest.mark.parametrize("exit_code", [0, 4, 5 + (1 << 16), 5 + (1 << 63)])
def test_an_altered_exit_code(prepared: Prepared, job: Job, exit_code: int) -> None:
    """The prover claims it from the start, so that the challenge binds the lie."""
    job.execution = replace(job.execution, exit_code=exit_code)
    assert job.complaints() == ["G_EXIT is left over"]
    if exit_code == 4:
        proof = prove_told(prepared, job)
        assert_refused(proof, prepared.key, Rejection.BUS, text="do not join up")
        with without(Check.GLOBAL_SUM):
            assert accepted(proof, prepared.key).exit_code == 4


def test_an_exit_in_the_middle(job: Job) -> None:
    """A halt row beside the run takes a state that no step has left."""
    job.core[0].table("halt")[:] = job.core[2].table("halt")
    assert job.complaints() == ["G_EXIT is left over", "MEMORY is left over", "STATE is left over"]
    assert_unprovable(job)


def test_an_empty_segment_after_the_halt(prepared: Prepared, job: Job) -> None:
    """All messages cancel; only its public values refuse it."""
    job.core.append(empty_segment(job, 4, HALTED))
    assert job.complaints() == [
        "core: a core segment ends after 1 to 65536 steps, but end_ts is 1",
        "core: no core segment starts after the halt, but pc_in is 134217728",
    ]
    proof = prove_told(prepared, job)
    assert_refused(proof, prepared.key, Rejection.STATEMENT, text="no core segment starts after the halt")
    with without(Check.CORE_PUBLICS):
        assert_composite_refused(
            proof, prepared.key, Rejection.STATEMENT, text="core segment 4 executes nothing"
        )
    with without(Check.CORE_PUBLICS, Check.PLACE):
        assert accepted(proof, prepared.key).segments == 4


def test_an_empty_segment_in_between(job: Job) -> None:
    make_room(job, 2)
    job.core.insert(1, empty_segment(job, 2, job.core[0].publics[2]))
    assert job.complaints() == ["core: a core segment ends after 1 to 65536 steps, but end_ts is 1"]
    assert_unprovable(job)


def make_room(job: Job, number: int) -> None:
    """Count the segments from this number on one higher, with all that speaks of them."""
    for core in job.core:
        previous = core.publics[0] - 1 - core.column("boundary", "gap_low")
        if core.publics[0] >= number:
            core.publics[0] += 1
        previous += previous >= number
        active = core.column("boundary", "active")
        core.column("boundary", "gap_low")[:] = active * (core.publics[0] - 1 - previous)
    for table in ("memory", "image"):
        last = job.edges[0].column(table, "last_segment")
        last += last >= number


def test_a_segment_after_the_halt_that_executes(job: Job) -> None:
    """No row of any program has the pc HALTED, so its first step has nothing to look up."""
    last = tell(guest()).core[0]
    last.publics[:2] = [4, HALTED]
    put(last, "addi", row_of(last, "addi", pc=0), pc=HALTED)
    job.core.append(last)
    assert job.complaints() == [
        "G_EXIT is left over",
        "G_MEMORY is left over",
        "addi: nothing answers PROGRAM",
        "core: no core segment starts after the halt, but pc_in is 134217728",
    ]
    assert_unprovable(job)


@pytest.mark.parametrize(
    ("index", "complaint"),
    [
        (0, "core segments are numbered from 1"),
        (SEGMENT_LIMIT, "core segments have numbers below 16777216"),
        (SEGMENT_LIMIT + 1, "core segments have numbers below 16777216"),
        ((1 << 31) - (1 << 24), "core segments have numbers below 16777216"),
    ],
)
def test_an_index_out_of_range(job: Job, index: int, complaint: str) -> None:
    """Differences of two indices are range-checked, which holds only for small ones."""
    job.core[0].publics[0] = index
    assert f"core: {complaint}, but index is {index}" in job.complaints()
    assert_unprovable(job)


@pytest.mark.parametrize("delta", [4, -4, 1, 1 << 18])
def test_a_wrong_end_timestamp(prepared: Prepared, job: Job, delta: int) -> None:
    job.core[0].publics[3] += delta
    end = job.core[0].publics[3]
    unmet = [f"core: a core segment ends after 1 to 65536 steps, but end_ts is {end}"]
    assert job.complaints() == ["STATE is left over", *(unmet if abs(delta) != 4 else [])]
    proof = prove_told(prepared, job)
    if abs(delta) != 4:
        assert_refused(proof, prepared.key, Rejection.STATEMENT, text=unmet[0])
        return
    assert_refused(proof, prepared.key, Rejection.BUS, text="messages inside the segment")
    with without(Check.LOCAL_SUM):
        assert accepted(proof, prepared.key).steps == len(LINES) + delta // 4


def test_a_detached_loop_inside_a_segment() -> None:
    """A row that jumps to itself: its clock goes on, so it cannot take what it leaves."""
    program = micro_program([Line(Op.NOP, next=0), HALT], {})
    job = tell(replace(program, entry=1))
    put(job.core[0], "nop", 0, is_nop=1, pc=0, next=0, ts=1)
    assert job.complaints() == ["STATE is left over"]
    assert_unprovable(job)


def test_a_detached_segment(prepared: Prepared, job: Job) -> None:
    """A segment beside the run that comes from nowhere and changes no word that the run has."""
    extra = tell(guest(entry=6), steps=1).core[0]
    assert extra.publics[1:3] == [6, 7]
    extra.publics[0] = 4
    job.core.append(extra)
    assert job.complaints() == ["G_STATE is left over"]
    proof = prove_told(prepared, job)
    assert_refused(proof, prepared.key, Rejection.BUS, text="do not join up")
    with without(Check.GLOBAL_SUM):
        assert accepted(proof, prepared.key).segments == 4


def test_outputs_of_another_run(prepared: Prepared, job: Job) -> None:
    other = tell(guest(), guest(entry=2)).execution
    assert other.outputs != job.execution.outputs
    job.execution = replace(job.execution, outputs=other.outputs)
    assert job.complaints() == ["G_OUTPUT is left over"]
    proof = prove_told(prepared, job)
    assert_refused(proof, prepared.key, Rejection.BUS, text="do not join up")
    with without(Check.GLOBAL_SUM):
        assert accepted(proof, prepared.key).outputs == other.outputs


def test_a_step_left_out(job: Job) -> None:
    """The row of a store is blanked and its segment ends a step earlier; the clock has a hole."""
    core = job.core[0]
    row = row_of(core, "sd", pc=3)
    core.table("sd")[:, row] = 0
    core.publics[3] -= 4
    assert job.complaints() == ["MEMORY is left over", "STATE is left over"]
    assert_unprovable(job)


def test_more_segments_claimed_than_proved(prepared: Prepared, job: Job) -> None:
    claims = claims_of(job)
    assert claims.counts == (3, 1)
    with pytest.raises(VerificationError, match="4 segments where 5 are claimed"):
        prove_told(prepared, job, claims_with(claims, core=4))
