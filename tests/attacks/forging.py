"""Consistent forgeries: a run of one guest, told as a run of another.

A cheating prover makes everything fit that it can. So these stories are complete: the executor runs a guest
that may do what the forger wants, and the tables are filled as if another guest had done it, with values and
words renamed. Whatever still complains is what stops the forger.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

import numpy as np

from tests.vm.jobs import BACKEND, Job, SegmentMatrices
from zisk.field.koalabear import P, from_montgomery
from zisk.vm import executor, segments
from zisk.vm.executor import Run, Segment, record_all
from zisk.vm.kinds import LOWEST_KEY, core_kind, edges_kind
from zisk.vm.memory import TouchedWords
from zisk.vm.memory_map import Region, RegionKind
from zisk.vm.program import Program
from zisk.vm.segments import EdgesPart, core_fixed, core_matrices, core_publics, edges_fixed, edges_matrices
from zisk.vm.tables.image import image_chunks

LOG_SIZE = 16
VALUES = ("a", "b", "d", "d_old", "m_old", "m_new", "address")
"""Fields of a family's record that hold 64-bit words."""


def tell(
    program: Program,
    run: Program | None = None,
    data: bytes = b"",
    *,
    values: Mapping[int, int] | None = None,
    keys: Mapping[int, int] | None = None,
    memory_keys: Mapping[int, int] | None = None,
    as_memory: Collection[int] = (),
    kind: RegionKind = RegionKind.ZERO,
    steps: int | None = None,
) -> Job:
    """Execute `run` and fill the tables as if `program` had done it.

    Args:
        program: the guest that is claimed to have run.
        run: the one that is executed; `program` itself if it is not given.
        data: the input.
        values: 64-bit values and addresses of accesses to be renamed wherever the run has them.
        keys: words to be renamed; those of the renamed values if it is not given.
        memory_keys: the same for the edges, where they have other names.
        as_memory: words that the memory table is to open, although the program's image holds them.
        kind: what the memory table says of words that lie in no region of the map.
        steps: most steps of a segment.
    """
    values = dict(values or {})
    keys = {old // 8: new // 8 for old, new in values.items()} if keys is None else dict(keys)
    fixed = core_fixed(LOG_SIZE, program)
    execution = Run(run or program, data, log_size=LOG_SIZE, record=record_all)
    with patch.object(execution, "_maxima", limits(steps)):
        cut = list(execution)
    assert execution.result is not None
    core = []
    with patch.object(segments, "fill_multiplicities", _nothing):
        for one in cut:
            _rename_segment(one, values, keys)
            traces = core_matrices(core_kind(LOG_SIZE), fixed, program, one, BACKEND)
            core.append(
                SegmentMatrices(core_kind(LOG_SIZE), fixed, canonical(traces), list(core_publics(one)))
            )
    touched = execution.result.touched
    touched = replace(
        touched,
        key=renamed(touched.key, keys if memory_keys is None else memory_keys),
        initial=renamed(touched.initial, values),
        final=renamed(touched.final, values),
    )
    return Job(program, execution.result, core, tell_edges(program, touched, as_memory, kind))


def tell_edges(
    program: Program,
    touched: TouchedWords,
    as_memory: Collection[int] = (),
    kind: RegionKind = RegionKind.ZERO,
) -> list[SegmentMatrices]:
    """The edges of a told run; words in no region get a region of `kind` that the forger makes up."""
    parts = _parts(program, touched, as_memory)
    told = []
    for part in parts:
        lying = replace(program, regions=_with_made_up(program, part.words.key, kind))
        fixed = edges_fixed(program, part.index)
        with patch.object(segments, "fill_multiplicities", _nothing):
            traces = canonical(edges_matrices(fixed, lying, part, BACKEND))
        regions = fixed[1]
        assert regions is not None
        traces[1] = np.zeros((1, regions.shape[1]), dtype=np.int64)
        told.append(SegmentMatrices(edges_kind(), fixed, traces, list(part.publics)))
    return told


def limits(steps: int | None) -> np.ndarray:
    """The limits of a segment, with at most `steps` steps."""
    maxima = executor._maxima(LOG_SIZE)
    if steps is not None:
        maxima[-2] = steps
    return maxima


@contextmanager
def cut_after(steps: int) -> Iterator[None]:
    """Inside, every run is cut after so many steps."""
    maxima = limits(steps)
    with patch.object(executor, "_maxima", lambda _: maxima):
        yield


def renamed(array: np.ndarray, names: Mapping[int, int]) -> np.ndarray:
    """A copy with some values replaced."""
    result = array.copy()
    for old, new in names.items():
        result[array == np.array(old, array.dtype)] = new
    return result


def canonical(traces: list[np.ndarray]) -> list[np.ndarray]:
    """Matrices in Montgomery form as integers below p."""
    return [from_montgomery(trace).astype(np.int64) for trace in traces]


def put(segment: SegmentMatrices, table: str, row: int, **cells: int) -> None:
    """Set cells of a row; `__` stands for brackets: final__0 is final[0]."""
    for name, value in cells.items():
        place, _, index = name.partition("__")
        segment.column(table, f"{place}[{index}]" if index else place)[row] = value % P


def row_of(segment: SegmentMatrices, table: str, **cells: int) -> int:
    """The only row with these cells."""
    rows = np.ones(segment.table(table).shape[1], dtype=bool)
    for name, value in cells.items():
        rows &= segment.column(table, name) == value % P
    (row,) = np.flatnonzero(rows)
    return int(row)


def _nothing(*_: object) -> None:
    """In the place of the count of lookups, which no forger needs before it proves."""


def _rename_segment(segment: Segment, values: Mapping[int, int], keys: Mapping[int, int]) -> None:
    assert segment.record is not None
    for record in segment.record.families.values():
        for name in VALUES:
            array = getattr(record, name)
            if array is not None:
                array[...] = renamed(array, values)
    boundary = segment.record.boundary
    boundary.key[...] = renamed(boundary.key, keys)
    for array in (boundary.initial, boundary.final):
        array[...] = renamed(array, values)


def _parts(program: Program, touched: TouchedWords, as_memory: Collection[int]) -> list[EdgesPart]:
    """What `edges_parts` gives, but with some image words left as they start."""
    in_image = np.isin(touched.key, program.image_keys) & ~np.isin(touched.key, list(as_memory))
    words = segments._with_outputs(touched, ~in_image)
    final, last_segment = program.image_values.copy(), np.zeros(program.image_keys.size, dtype=np.uint32)
    places = np.searchsorted(program.image_keys, touched.key[in_image])
    final[places], last_segment[places] = touched.final[in_image], touched.last_segment[in_image]
    count = max(1, len(image_chunks(program.image_keys)))
    parts, previous = [], LOWEST_KEY
    for index in range(1, count + 1):
        chunk = segments._chunk(program, index)
        own = words if index == 1 else replace(words, **{name: getattr(words, name)[:0] for name in WORDS})
        last = int(own.key[-1]) if own.key.size else previous
        parts.append(EdgesPart(index, previous, last, own, final[chunk], last_segment[chunk]))
        previous = last
    return parts


WORDS = ("key", "initial", "final", "last_segment")


def _with_made_up(program: Program, keys: np.ndarray, kind: RegionKind) -> tuple[Region, ...]:
    """The memory map with a region for each word that no region of the memory table holds."""
    known = [one for one in program.regions if one.kind is not RegionKind.IMAGE]
    missing = [int(key) for key in keys if not any(one.start <= key < one.end for one in known)]
    return tuple(sorted([*known, *(Region(key, key + 1, kind) for key in missing)]))
