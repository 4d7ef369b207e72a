"""The table of a program's initial words: each opened and closed for the job as the key says."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.solver.claim import Claim, Method
from tests.solver.constants import INITIALLY, KEY_LIMIT
from tests.solver.polynomial import Reader
from tests.solver.tables.contents import demand_same_rows, preprocessed_columns, rows_said, values
from tests.solver.tables.messages import demand, times
from tests.solver.tables.programs import sample_programs
from zisk.stark.air import Air, Interaction
from zisk.vm.kinds import EDGES_LOG_SIZE
from zisk.vm.memory_map import DATA_BASE
from zisk.vm.tables.buses import MEMORY_EDGE
from zisk.vm.tables.image import CHUNK_LOG_HEIGHT, image, image_chunks, image_content


def image_claims() -> list[Claim]:
    """The claims of the image table."""
    sizes = (EDGES_LOG_SIZE,)
    return [
        Claim(
            "image",
            "words",
            "a row opens and closes one word, with key, initial limbs and whether it speaks fixed by the key",
            Method.ALGEBRA,
            image,
            _words,
            sizes,
        ),
        Claim(
            "image",
            "contents",
            "the rows of all chunks open each word of a sample image once with its limbs, and no other; no"
            " chunk is higher than 2^16",
            Method.ENUMERATION,
            image,
            _contents,
            sizes,
        ),
    ]


def _words(air: Air) -> None:
    opened, closed = _sole(air, sent=True), _sole(air, sent=False)
    demand(len(air.interactions) == 2 and not air.own_constraints, "a row says more")
    read = Reader(air)
    key, segment, *_ = initial = [read(element) for element in opened.message]
    demand(segment.value == INITIALLY, "a word is not opened as the initial one")
    demand(read(closed.message[0]) == key, "another word is closed than opened")
    demand(times(air, opened) == times(air, closed), "a word is not closed as often as opened")
    for polynomial in (*initial, times(air, opened)):
        free = polynomial.variables - set(air.preprocessed_names)
        demand(not free, f"the prover chooses {', '.join(sorted(free))}")


def _sole(air: Air, *, sent: bool) -> Interaction:
    """The one message that a row sends, or receives."""
    found = [one for one in air.interactions if one.bus == MEMORY_EDGE and one.sent is sent]
    demand(len(found) == 1, f"a row opens or closes {len(found)} words")
    return found[0]


def _contents(air: Air) -> None:
    for keys, words in _images():
        found = [np.zeros((0, MEMORY_EDGE.length), dtype=np.int64)]
        for chunk in image_chunks(keys) or [slice(0, 0)]:
            content = image_content(keys[chunk], words[chunk])
            demand(content.shape[1] <= 1 << CHUNK_LOG_HEIGHT, "a chunk is too high")
            columns = preprocessed_columns(air, content)
            opened = _sole(air, sent=True)
            speaks = values(times(air, opened), columns)
            demand(bool(np.isin(speaks, (0, 1)).all()), "a row speaks more than once")
            found.append(rows_said(air, opened, columns)[speaks == 1])
        limbs = [words >> np.uint64(16 * index) & np.uint64(0xFFFF) for index in range(4)]
        expected = np.stack([keys, np.full_like(keys, INITIALLY), *limbs], axis=1, dtype=np.int64)
        demand(bool((keys < KEY_LIMIT).all()), "a key is too high")
        demand(np.unique(keys).size == keys.size, "two words have one key")
        demand_same_rows(np.concatenate(found), expected)


def _images() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Keys and values of images: of programs, none, one word, and around a full chunk."""
    yield from ((program.image_keys, program.image_values) for program in sample_programs())
    generator = np.random.default_rng(9)
    full = 1 << CHUNK_LOG_HEIGHT
    for count in (0, 1, 2, 3, full - 1, full, full + 1, 2 * full + 5):
        keys = DATA_BASE // 8 + 3 * np.arange(count, dtype=np.uint32)
        yield keys, generator.integers(0, 1 << 64, count, dtype=np.uint64)
