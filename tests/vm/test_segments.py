"""A whole job's matrices satisfy every table and cancel on every bus; altered ones do not."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest

from zisk.stark.check import messages
from zisk.stark.errors import TraceError
from zisk.vm import segments
from zisk.vm.executor import Run, record_none
from zisk.vm.kinds import core_kind, edges_kind
from zisk.vm.memory_map import OUTPUT_BASE, REGISTER_KEY
from zisk.vm.operations import Operation
from zisk.vm.segments import core_fixed, core_matrices, edges_parts

from .jobs import BACKEND, DATA, Job, every_operation, fill_edges, run_job
from .micro_programs import HALT, Line, micro_program

INPUT_KEY = 0x4000_0008 // 8
INPUT_BYTES = bytes(range(1, 40))


@cache
def honest() -> Job:
    return run_job(every_operation(), INPUT_BYTES)


@pytest.fixture
def job() -> Job:
    """A copy of the honest job that a test may alter."""
    return honest().copy()


def row_of(job: Job, table: str, key: int) -> int:
    """The row of a word in the boundary or in the memory table."""
    segment = job.core[0] if table == "boundary" else job.edges[0]
    flags = ("active",) if table == "boundary" else ("is_zero", "is_input", "is_output")
    active = sum(segment.column(table, flag) for flag in flags)
    (row,) = np.flatnonzero((segment.column(table, "key") == key) & (active == 1))
    return int(row)


def test_every_operation_makes_a_job_without_complaints() -> None:
    assert honest().complaints() == []


def test_every_family_is_in_the_job() -> None:
    heights = {
        air.name: trace.any()
        for air, trace in zip(honest().core[0].kind.airs, honest().core[0].traces, strict=True)
    }
    assert all(heights.values()), heights


@pytest.mark.parametrize("name", ["core", "edges"])
def test_lookups_are_counted_exactly(name: str) -> None:
    segment = getattr(honest(), name)[0]
    total: Counter[tuple[int, ...]] = Counter()
    for table in segment.tables():
        for one in table.air.interactions:
            for _, message, count in messages(table, one, BACKEND):
                total[message] += count
    for term in segment.terms:
        total[(term.bus.number, *term.message)] += term.multiplicity
    assert {message[0] for message, count in total.items() if count} <= {16, 17, 18, 19, 20}


def test_the_same_run_gives_the_same_matrices() -> None:
    again = run_job(every_operation(), INPUT_BYTES)
    for one, other in zip([*honest().core, *honest().edges], [*again.core, *again.edges], strict=True):
        assert one.publics == other.publics
        for mine, yours in zip(one.traces, other.traces, strict=True):
            np.testing.assert_array_equal(mine, yours)


def test_heights_are_the_smallest_powers_of_two() -> None:
    heights = {
        air.name: trace.shape[1]
        for air, trace in zip(core_kind(16).airs, honest().core[0].traces, strict=True)
    }
    rows = honest().execution.touched.key.size
    assert heights["boundary"] == 1 << (rows - 1).bit_length()
    assert (heights["halt"], heights["tuple"], heights["range"]) == (1, 64, 1 << 16)


def test_a_segment_without_its_record_is_refused() -> None:
    program = every_operation()
    kind, fixed = core_kind(16), core_fixed(16, program)
    (segment,) = Run(program, b"", log_size=16, record=record_none)
    with pytest.raises(TraceError, match="segment 1 was executed without its record: run it again with one"):
        core_matrices(kind, fixed, program, segment, BACKEND)


def test_words_may_fill_several_edges_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "WORDS_PER_SEGMENT", 10)
    several = run_job(every_operation(), INPUT_BYTES)
    assert [one.publics[0] for one in several.edges] == list(range(1, 1 + len(several.edges)))
    assert len(several.edges) == 5
    assert several.complaints() == []


@pytest.mark.slow
def test_words_pass_from_segment_to_segment() -> None:
    o = Operation
    lines = [Line(o.SD, 0, 23, 20), Line(o.ADDI, 5, 5, 0, (1 << 64) - 1), Line(o.BNEZ, 0, 5, 0, 1)]
    lines += [Line(o.LD, 6, 23, 0), HALT]
    program = micro_program(lines, {5: 40_000, 20: 77, 23: DATA})
    two = run_job(program)
    assert len(two.core) == 2
    assert two.execution.touched.last_segment[np.searchsorted(two.execution.touched.key, DATA // 8)] == 2
    assert two.complaints() == []


def test_a_wrong_end_timestamp_leaves_the_state(job: Job) -> None:
    job.core[0].publics[3] += 4
    assert job.complaints() == ["STATE is left over"]


def test_another_entry_leaves_the_state(job: Job) -> None:
    job.core[0].publics[1] += 1
    assert job.complaints() == ["G_STATE is left over", "STATE is left over"]


def test_a_word_twice_in_the_boundary_is_left_over(job: Job) -> None:
    boundary = job.core[0].table("boundary")
    free = int(np.flatnonzero(job.core[0].column("boundary", "active") == 0)[0])
    boundary[:, free] = boundary[:, row_of(job, "boundary", DATA // 8)]
    assert job.complaints() == ["G_MEMORY is left over", "MEMORY is left over"]


def test_a_word_passed_on_twice_is_left_over(job: Job) -> None:
    """A second row that takes and leaves its own word on the segment's bus."""
    boundary, free = (
        job.core[0].table("boundary"),
        np.flatnonzero(job.core[0].column("boundary", "active") == 0)[0],
    )
    boundary[:, free] = boundary[:, row_of(job, "boundary", DATA // 8)]
    for index in range(4):
        job.core[0].column("boundary", f"final[{index}]")[free] = job.core[0].column(
            "boundary", f"initial[{index}]"
        )[free]
    job.core[0].column("boundary", "last_ts")[free] = 0
    assert job.complaints() == ["G_MEMORY is left over"]


@pytest.mark.parametrize("gap", [-1, -2])
def test_a_previous_segment_that_is_not_earlier_is_refused(job: Job, gap: int) -> None:
    job.core[0].column("boundary", "gap_low")[row_of(job, "boundary", DATA // 8)] = gap
    assert job.complaints() == ["G_MEMORY is left over", "boundary: nothing answers RANGE"]


@pytest.mark.parametrize("column", ["initial[1]", "final[3]", "last_ts"])
def test_a_changed_boundary_word_is_left_over(job: Job, column: str) -> None:
    job.core[0].column("boundary", column)[3] += 1
    expected = (
        ["MEMORY is left over"] if column == "last_ts" else ["G_MEMORY is left over", "MEMORY is left over"]
    )
    assert job.complaints() == expected


def test_a_zero_word_that_starts_as_one_is_refused(job: Job) -> None:
    job.edges[0].column("memory", "initial[0]")[row_of(job, "memory", DATA // 8 + 1)] = 1
    assert job.complaints() == [
        "G_MEMORY is left over",
        "memory: constraint 'initial limb 0 is zero' is not zero",
    ]


def test_input_may_be_anything_in_limbs(job: Job) -> None:
    """Another input word, also in the run, is another run; a limb of 2^16 is none."""
    row = row_of(job, "memory", INPUT_KEY + 1)
    other = run_job(every_operation(), bytes(reversed(INPUT_BYTES)))
    assert other.complaints() == []
    job.edges[0].column("memory", "initial[0]")[row] += 1 << 16
    assert job.complaints() == ["G_MEMORY is left over", "memory: nothing answers RANGE"]


def insert_word(job: Job, key: int, **cells: int) -> None:
    """Put a word that nobody touched into the memory table, in its place."""
    edges = job.edges[0]
    keys, table = edges.column("memory", "key"), edges.table("memory")
    place = int(np.searchsorted(keys[:-1], key, side="right"))
    table[:, place + 1 :] = table[:, place:-1].copy()
    values = dict.fromkeys(edges.kind.airs[0].main_names, 0)
    values |= {"key": key, "gap_low": key - int(keys[place - 1]) - 1 & 0xFFFF} | cells
    values["gap_high"] = key - int(keys[place - 1]) - 1 >> 16
    table[:, place] = list(values.values())
    following = int(keys[place + 1]) - key - 1
    edges.column("memory", "gap_low")[place + 1] = following & 0xFFFF
    edges.column("memory", "gap_high")[place + 1] = following >> 16


def region_cells(job: Job, key: int) -> dict[str, int]:
    region = next(one for one in job.program.regions if one.start <= key < one.end)
    above, below = key - region.start >> 16, region.end - 1 - key >> 16
    return {"start": region.start, "end": region.end, "above_high": above, "below_high": below}


def test_an_untouched_word_may_be_opened_and_closed(job: Job) -> None:
    key = DATA // 8 - 100
    insert_word(job, key, is_zero=1, **region_cells(job, key))
    assert job.complaints() == []


@pytest.mark.parametrize("kind", ["is_zero", "is_input"])
def test_an_image_word_is_no_memory_word(job: Job, kind: str) -> None:
    key = DATA // 8 + 3
    assert key in job.program.image_keys
    insert_word(job, key, **{kind: 1}, **region_cells(job, key))
    assert job.complaints() == ["memory: nothing answers REGION"]


@pytest.mark.parametrize("key", [REGISTER_KEY, REGISTER_KEY + 40, 0x0900_0001])
def test_an_unmapped_word_cannot_be_opened(job: Job, key: int) -> None:
    """With the nearest region below: the word is past its end."""
    region = max(
        one for one in job.program.regions if (one.start <= key and one.kind == 0) or one.start == INPUT_KEY
    )
    cells = {"start": region.start, "end": region.end, "above_high": key - region.start >> 16}
    flag = {"is_input": 1} if region.kind == 1 else {"is_zero": 1}
    insert_word(job, key, **flag, **cells)
    assert job.complaints() == ["memory: nothing answers RANGE"]


def test_a_word_twice_in_one_edges_segment_is_refused(job: Job) -> None:
    key = DATA // 8 + 1
    insert_word(job, key, is_zero=1, gap_low=-1, **region_cells(job, key))
    row = row_of(job, "memory", key + 1)
    job.edges[0].column("memory", "gap_low")[row - 1] = -1
    job.edges[0].column("memory", "gap_high")[row - 1] = 0
    assert job.complaints() == ["memory: nothing answers RANGE"]


def test_a_word_in_two_edges_segments_breaks_the_chain(job: Job) -> None:
    touched = job.execution.touched
    (part,) = edges_parts(job.program, touched)
    key = DATA // 8 - 100
    insert_word(job, key, is_zero=1, **region_cells(job, key))
    word = np.array([key], dtype=np.uint32)
    nothing = np.zeros(1, dtype=np.uint64)
    words = type(part.words)(word, nothing, nothing, np.zeros(1, dtype=np.uint32))
    empty = part.image_final[:0], part.image_last_segment[:0]
    job.edges.append(fill_edges(job.program, type(part)(2, key - 1, key, words, *empty)))
    assert job.complaints() == ["G_CHAIN is left over"]
    job.edges[1].publics[1] = part.last_key
    assert job.complaints() == ["memory: constraint 'row 0 has the key before' is not zero"]


def test_an_output_word_without_a_row_is_missed(job: Job) -> None:
    edges = job.edges[0]
    row, table = row_of(job, "memory", OUTPUT_BASE // 8 + 9), edges.table("memory")
    table[:, row:-1] = table[:, row + 1 :].copy()
    edges.column("memory", "gap_low")[row] += 1
    assert job.complaints() == ["G_OUTPUT is left over"]


def test_an_output_word_from_another_address_is_refused(job: Job) -> None:
    row = row_of(job, "memory", DATA // 8 + 1)
    job.edges[0].column("memory", "is_zero")[row] = 0
    job.edges[0].column("memory", "is_output")[row] = 1
    assert job.complaints() == ["G_OUTPUT is left over", "memory: nothing answers REGION"]


def test_an_altered_output_is_left_over(job: Job) -> None:
    job.edges[0].column("memory", "final[0]")[row_of(job, "memory", OUTPUT_BASE // 8)] += 1
    assert job.complaints() == ["G_MEMORY is left over", "G_OUTPUT is left over"]


def test_an_image_word_keeps_its_message(job: Job) -> None:
    for column in ("last_segment", "final[2]"):
        altered = job.copy()
        altered.edges[0].column("image", column)[1] += 1
        assert altered.complaints() == ["G_MEMORY is left over"]


def test_a_word_on_row_0_is_refused(job: Job) -> None:
    job.edges[0].column("memory", "is_zero")[0] = 1
    assert "memory: constraint 'row 0 holds no word' is not zero" in job.complaints()


def test_another_last_key_is_refused(job: Job) -> None:
    job.edges[0].publics[2] += 1
    assert job.complaints() == ["memory: constraint 'the last row has the last key' is not zero"]


def test_words_in_no_region_are_named(job: Job) -> None:
    (part,) = edges_parts(job.program, job.execution.touched)
    part.words.key[0] = 5
    with pytest.raises(TraceError, match=r"word 0x5 is in no region of the memory map or out of order"):
        fill_edges(job.program, part)


def test_edges_have_one_size() -> None:
    assert edges_kind().log_size == 16


def meaningless(table: str, column: str, active: bool) -> bool:
    """Cells without effect: a row without a word has only its flags, and in the memory table its key."""
    if active:
        return False
    return not column.startswith("is_") and column not in ("active", "key" if table == "memory" else "active")


@pytest.mark.parametrize("table", ["boundary", "memory", "image"])
def test_every_changed_cell_is_noticed(job: Job, table: str) -> None:
    segment = job.core[0] if table == "boundary" else job.edges[0]
    matrix = segment.table(table)
    names = next(air.main_names for air in segment.kind.airs if air.name == table)
    words = {"boundary": 26, "memory": 55, "image": job.program.image_keys.size}[table]
    rows = sorted({0, 1, 2, words // 2, words - 1, matrix.shape[1] - 1})
    flags = [place for place, name in enumerate(names) if name.startswith(("is_", "active"))]
    for row in rows:
        active = bool(matrix[flags, row].any()) if flags else row < words
        for place, name in enumerate(names):
            original = int(matrix[place, row])
            for value in {
                original + 1,
                original - 1,
                0,
                1,
                original + (1 << 16),
                int(matrix[place - 1, row]),
            }:
                if value == original or meaningless(table, name, active):
                    continue
                matrix[place, row] = value
                assert job.complaints() != [], (table, name, row, value)
            matrix[place, row] = original
    assert job.complaints() == []
