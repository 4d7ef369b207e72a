"""The bytes of a segment proof, read into its parts (docs/format.md, "Segment proof")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.readable.field import DEGREE
from tests.readable.fri import LEAF_WIDTH
from tests.readable.merkle import read_opening
from tests.readable.parameters import FOLD_LOG, Parameters
from tests.readable.reader import Reader
from tests.readable.tables import Kind

QUOTIENT_WIDTH = 2 * DEGREE
"""The quotient is Q0 + X^N Q1; each chunk is five columns."""


@dataclass(frozen=True)
class Columns:
    """One committed tree: for each table the number of columns over F, and which of them are read next."""

    widths: Sequence[int]
    following: Sequence[Sequence[int]]


def committed(kind: Kind) -> dict[str, Columns]:
    """The columns of every tree; the quotient stands for one table of 2^log_size rows."""
    tables = kind.tables
    blank: list[list[int]] = [[] for _ in tables]
    sums = [[DEGREE * one + k for one in table.running_sums for k in range(DEGREE)] for table in tables]
    return {
        "preprocessed": Columns([len(table.preprocessed) for table in tables], blank),
        "main": Columns([len(table.main) for table in tables], [table.following for table in tables]),
        "stage 2": Columns([DEGREE * table.stage2 for table in tables], sums),
        "quotient": Columns([QUOTIENT_WIDTH], [[]]),
    }


def leaf_parts(kind: Kind, tree: str) -> list[int]:
    """How many columns of a tree each own sponge of its leaves takes."""
    if tree not in ("main", "stage 2"):
        return []
    parts: dict[str, int] = {}
    for sponge, width in zip(kind.sponges, committed(kind)[tree].widths, strict=True):
        parts[sponge] = parts.get(sponge, 0) + width
    return [width for sponge, width in parts.items() if sponge != "leaf"]


Place = tuple[str, int, int]
"""Tree, table id and column."""


def batching_order(kind: Kind) -> tuple[list[Place], list[int]]:
    """All columns in the order of leaves; and the numbers of those that are read next."""
    places = [
        (column in columns.following[table], (tree, table, column))
        for tree, columns in committed(kind).items()
        for table, width in enumerate(columns.widths)
        for column in range(width)
    ]
    return [place for _, place in places], [number for number, (read, _) in enumerate(places) if read]


class SegmentProof:
    """The parts of a segment's proof, of the right number and canonical, but not yet checked.

    Attributes:
        order: all columns in batching order; those numbered in `read_next` are opened at w_N zeta too.
        sums: for each table its exposed sums by scope.
        openings, openings_next: values of the columns at zeta and at w_N zeta.
        trees: by name, the rows opened at the queries.
        layers: the same of each layer of FRI.
    """

    def __init__(self, data: bytes, kind: Kind, parameters: Parameters) -> None:
        reader = Reader(data, b"pzS1", "the segment proof")
        self.kind, self.parameters = kind, parameters
        self.order, self.read_next = batching_order(kind)
        self.log_heights = reader.words(len(kind.tables))
        self.publics = dict(zip(kind.publics, reader.elements(len(kind.publics)), strict=True))
        depth = kind.log_size + parameters.log_blowup
        cap = parameters.cap_size(depth)
        self.main_cap, self.stage2_cap = reader.digests(cap), reader.digests(cap)
        self.sums = [
            dict(zip(one.scopes, reader.extensions(len(one.scopes)), strict=True)) for one in kind.tables
        ]
        self.quotient_cap = reader.digests(cap)
        self.openings = reader.extensions(len(self.order))
        self.openings_next = reader.extensions(len(self.read_next))
        folds = parameters.folds(kind.log_size)
        depths = [depth - FOLD_LOG * number for number in range(1, folds + 1)]
        self.fri_caps = [reader.digests(parameters.cap_size(one)) for one in depths]
        self.final = reader.extensions(1 << (kind.log_size - FOLD_LOG * folds))
        self.nonces = reader.elements(parameters.nonces(folds))
        widths = {tree: sum(columns.widths) for tree, columns in committed(kind).items()}
        self.trees = {tree: read_opening(reader, width) for tree, width in widths.items() if width}
        self.layers = [read_opening(reader, LEAF_WIDTH) for _ in range(folds)]
        reader.end()

    @property
    def weight(self) -> int:
        """Messages that a row sends or receives on global buses, whichever are more, over padded heights."""
        tables = zip(self.kind.tables, self.log_heights, strict=True)
        return sum(max(table.weigh(1), table.weigh(-1)) << height for table, height in tables)
