"""Assembles a segment: from what the executor recorded to the matrices that the prover commits to.

Matrices are uint32[columns, height] in Montgomery form, one for each table of the kind in its order. A
table is as tall as the smallest power of two that holds its rows, and at least one row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from zisk.field.koalabear import to_montgomery
from zisk.kernels.backend import Backend
from zisk.kernels.operands import Array
from zisk.stark.air import Air
from zisk.stark.errors import TraceError
from zisk.stark.kind import Kind
from zisk.vm.executor import Segment
from zisk.vm.kinds import LOWEST_KEY, core_families, core_kind, edges_kind
from zisk.vm.memory import TouchedWords
from zisk.vm.memory_map import OUTPUT_BASE, OUTPUT_WORDS
from zisk.vm.multiplicities import fill_multiplicities
from zisk.vm.operations import Family
from zisk.vm.program import Program
from zisk.vm.record import FamilyRecord
from zisk.vm.tables import boundary, image, memory
from zisk.vm.tables.families import FAMILY_TABLES
from zisk.vm.tables.image import image_chunks, image_content
from zisk.vm.tables.lookup_tables import (
    bytes_content,
    range_content,
    shift_content,
    tuple_content,
)
from zisk.vm.tables.memory import WORDS_PER_SEGMENT
from zisk.vm.tables.program import program_content
from zisk.vm.tables.region import region_content
from zisk.vm.tables.trace import Record


def core_fixed(log_size: int, program: Program) -> list[np.ndarray | None]:
    """The preprocessed columns of each table of a core segment, Montgomery; None where a table has none."""
    contents = {
        "shift_powers": shift_content,
        "range": range_content,
        "bytes": bytes_content,
        "tuple": lambda: tuple_content(log_size),
        "program": lambda: program_content(program),
    }
    return [
        to_montgomery(contents[air.name]()) if air.preprocessed_width else None
        for air in core_kind(log_size).airs
    ]


def edges_fixed(program: Program, index: int) -> list[np.ndarray | None]:
    """The preprocessed columns of each table of edges segment `index` (from 1), Montgomery, or None."""
    chunk = _chunk(program, index)
    content = image_content(program.image_keys[chunk], program.image_values[chunk])
    return [
        None,
        to_montgomery(region_content(program.regions)),
        to_montgomery(content),
        to_montgomery(range_content()),
    ]


def core_publics(segment: Segment) -> tuple[int, ...]:
    """The public values of a core segment."""
    return segment.index, segment.pc_in, segment.pc_out, segment.end_ts


def core_matrices(
    kind: Kind, fixed: Sequence[Array | None], program: Program, segment: Segment, backend: Backend
) -> list[Array]:
    """The main columns of a core segment that was executed with its record.

    Raises:
        TraceError: the record is missing, or a row asks for something that no table answers.
    """
    record = segment.record
    if record is None:
        raise TraceError(f"segment {segment.index} was executed without its record: run it again with one")
    families = core_families(kind.log_size)
    airs = kind.airs

    def fill(table: int) -> Array:
        family = families[table]
        if family is not None:
            rows = record.families[family]
            if rows.rows == 0:
                return _zeros(airs[table], 1, backend)
            return _padded(_fill_family(family, airs[table], rows, program), backend)
        if not airs[table].preprocessed_width:
            return _padded(boundary.fill(airs[table], record.boundary, segment.index), backend)
        content = fixed[table]
        assert content is not None
        return _zeros(airs[table], content.shape[1], backend)

    traces = backend.pool.map(fill, range(len(airs)))
    fill_multiplicities(kind, _present(fixed), traces, core_publics(segment), backend)
    return traces


@dataclass(frozen=True, eq=False, slots=True)
class EdgesPart:
    """What one edges segment holds, besides its image chunk: numbered from 1."""

    index: int
    previous_key: int
    last_key: int
    words: TouchedWords
    image_final: np.ndarray
    image_last_segment: np.ndarray

    @property
    def publics(self) -> tuple[int, ...]:
        """The public values of the segment."""
        return self.index, self.previous_key, self.last_key


def edges_parts(program: Program, touched: TouchedWords) -> list[EdgesPart]:
    """Share a run's touched words, the output words and the image out over edges segments, by key."""
    in_image = np.isin(touched.key, program.image_keys)
    words = _with_outputs(touched, ~in_image)
    final = program.image_values.copy()
    last_segment = np.zeros(program.image_keys.size, dtype=np.uint32)
    places = np.searchsorted(program.image_keys, touched.key[in_image])
    final[places] = touched.final[in_image]
    last_segment[places] = touched.last_segment[in_image]

    count = max(1, len(image_chunks(program.image_keys)), -(-words.key.size // WORDS_PER_SEGMENT))
    parts, previous = [], LOWEST_KEY
    for index in range(1, count + 1):
        some = slice((index - 1) * WORDS_PER_SEGMENT, index * WORDS_PER_SEGMENT)
        chunk = _chunk(program, index)
        own = TouchedWords(words.key[some], words.initial[some], words.final[some], words.last_segment[some])
        last = int(own.key[-1]) if own.key.size else previous
        parts.append(EdgesPart(index, previous, last, own, final[chunk], last_segment[chunk]))
        previous = last
    return parts


def edges_matrices(
    fixed: Sequence[Array | None], program: Program, part: EdgesPart, backend: Backend
) -> list[Array]:
    """The main columns of an edges segment.

    Raises:
        TraceError: a word lies in no region.
    """
    kind = edges_kind()
    memory_air, region_air, image_air, range_air = kind.airs
    rows = memory.fill(memory_air, part.words, program.regions, part.previous_key)
    padding = memory.padding_row(memory_air, part.last_key)
    traces = [
        _padded(rows, backend, padding),
        _zeros(region_air, _height(len(program.regions)), backend),
        _padded(image.fill(image_air, part.image_final, part.image_last_segment), backend),
        _zeros(range_air, 1 << 16, backend),
    ]
    fill_multiplicities(kind, _present(fixed), traces, part.publics, backend)
    return traces


def _fill_family(family: Family, air: Air, rows: FamilyRecord, program: Program) -> np.ndarray:
    """The columns of one family; a family's record has every field that its table reads."""
    return FAMILY_TABLES[family].fill(air, cast(Record, rows), program)


def _with_outputs(touched: TouchedWords, chosen: np.ndarray) -> TouchedWords:
    """The chosen words and all output words, ascending; output words that nobody touched are zero."""
    outputs = np.arange(OUTPUT_WORDS, dtype=np.uint32) + np.uint32(OUTPUT_BASE // 8)
    key = np.union1d(touched.key[chosen], outputs)
    place = np.searchsorted(key, touched.key[chosen])
    columns = []
    for values in (touched.initial, touched.final, touched.last_segment):
        column = np.zeros(key.size, dtype=values.dtype)
        column[place] = values[chosen]
        columns.append(column)
    return TouchedWords(key, *columns)


def _chunk(program: Program, index: int) -> slice:
    """The image words of edges segment `index`; none beyond the last chunk."""
    chunks = image_chunks(program.image_keys)
    return chunks[index - 1] if index <= len(chunks) else slice(0, 0)


def _present(fixed: Sequence[Array | None]) -> list[Array | None]:
    """Preprocessed columns of every table; None where there are none."""
    return [matrix if matrix is not None and matrix.shape[0] else None for matrix in fixed]


def _height(rows: int) -> int:
    """The smallest power of two that holds the rows, at least 1."""
    return 1 << max(rows - 1, 0).bit_length()


def _padded(matrix: np.ndarray, backend: Backend, padding: np.ndarray | None = None) -> Array:
    """A canonical matrix in Montgomery form, filled up to a power of two with a row, zero by default."""
    return backend.upload_numbers(matrix, _height(matrix.shape[1]), padding)


def _zeros(air: Air, rows: int, backend: Backend) -> Array:
    """The main columns of a table before its multiplicities are counted."""
    return backend.upload_numbers(np.zeros((air.main_width, 0), dtype=np.uint32), rows)
