"""What a program has for the segments of a kind: one for all, or one for each chunk of words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class ByChunk(Generic[Item]):
    """The things of one kind, in their order in files: `rest`, then the chunks.

    Attributes:
        rest: of all segments; where there are chunks, of those beyond them.
        chunks: one for each chunk of the program's initial words, hence for the first segments of the kind;
            none of a kind that has one key.
    """

    rest: Item
    chunks: tuple[Item, ...] = ()

    def __iter__(self) -> Iterator[Item]:
        yield self.rest
        yield from self.chunks

    def at(self, place: int) -> Item:
        """That of the kind's segment at a place, counted from 0."""
        return self.chunks[place] if place < len(self.chunks) else self.rest

    def map(self, change: Callable[[Item], Other]) -> ByChunk[Other]:
        """The same with every thing changed."""
        return ByChunk(change(self.rest), tuple(map(change, self.chunks)))
