"""A segment proof and its canonical bytes.

The bytes are the magic, then 32-bit little-endian words, every one a canonical field element or a small
count. Every length follows from the key, or is a count that is checked against the key and the bytes before
anything is made of what it counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from zisk.field.koalabear import P
from zisk.field.quintic import DEGREE, Element
from zisk.hash.opening import cap_log_size
from zisk.stark.batching import Tree, batching_order, tree_widths
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import Digest, VerifyingKey
from zisk.stark.kind import Kind
from zisk.stark.parameters import SecurityParameters

MAGIC = b"pzS1"
"""First four bytes of a segment proof."""

DIGEST_LENGTH = 9
WORD_BYTES = 4

OPENING_COUNTS = 2
"""Words before each opening: the numbers of its rows and siblings."""


@dataclass(frozen=True, slots=True)
class TreeOpening:
    """Opened leaves of one tree.

    Attributes:
        rows: uint32[k, width], canonical: the distinct queried leaves in ascending order.
        siblings: uint32[s, 9], canonical: the digests that the cap check needs beside them.
    """

    rows: np.ndarray
    siblings: np.ndarray


@dataclass(frozen=True, slots=True)
class SegmentProof:
    """Everything that a prover sends for one segment; elements are canonical."""

    log_heights: tuple[int, ...]
    publics: tuple[int, ...]
    main_cap: tuple[Digest, ...]
    stage2_cap: tuple[Digest, ...]
    sums: tuple[Element, ...]
    """Exposed sums by table id, and in a table the local one before the global one."""
    quotient_cap: tuple[Digest, ...]
    here: tuple[Element, ...]
    """Openings at zeta, lifted, in batching order."""
    following: tuple[Element, ...]
    """Openings at the next point."""
    fold_caps: tuple[tuple[Digest, ...], ...]
    final_polynomial: tuple[Element, ...]
    nonces: tuple[int, ...]
    trees: tuple[TreeOpening, ...]
    """Preprocessed (if the kind has one), main, stage 2, quotient."""
    layers: tuple[TreeOpening, ...]
    """The codeword of each FRI round; a leaf holds 8 values."""


@dataclass(frozen=True, slots=True)
class ProofShape:
    """Lengths that follow from a kind and its parameters."""

    tables: int
    publics: int
    cap: int
    """Digests in the caps of the committed trees."""
    sums: int
    here: int
    following: int
    fold_caps: tuple[int, ...]
    """Digests in the cap of each FRI layer; there are as many layers as folds."""
    final: int
    nonces: int
    tree_widths: tuple[int, ...]
    layer_width: int

    @property
    def committed(self) -> int:
        """Words up to the end of the main cap: what a segment's leaf digest is made of."""
        return self.tables + self.publics + DIGEST_LENGTH * self.cap

    @property
    def fixed(self) -> int:
        """Words before the openings."""
        digests = 2 * self.cap + sum(self.fold_caps)
        elements = self.sums + self.here + self.following + self.final
        return self.committed + DIGEST_LENGTH * digests + DEGREE * elements + self.nonces

    @property
    def opening_widths(self) -> tuple[int, ...]:
        """Elements of a row of each opening, in the order of the proof."""
        return (*self.tree_widths, *[self.layer_width] * len(self.fold_caps))


@dataclass(frozen=True, slots=True)
class Outline:
    """What is known of bytes that have the form of a proof; of them only heights and publics are copied.

    Attributes:
        committed: uint32[n], canonical: its words up to the end of the main cap.
    """

    log_heights: tuple[int, ...]
    publics: tuple[int, ...]
    committed: np.ndarray


@lru_cache(maxsize=64)
def proof_shape(kind: Kind, parameters: SecurityParameters) -> ProofShape:
    """The lengths of a proof of a kind."""
    order = batching_order(kind)
    rounds, length = parameters.fri_rounds(kind.log_size), kind.log_size + parameters.log_blowup
    grinding = [
        parameters.local_grinding_bits,
        parameters.constraint_grinding_bits,
        parameters.deep_grinding_bits,
        parameters.batching_grinding_bits,
        *(parameters.fold_grinding(fold) for fold in range(rounds)),
        parameters.query_grinding_bits,
    ]
    return ProofShape(
        tables=len(kind.tables),
        publics=len(kind.public_names),
        cap=1 << cap_log_size(length, parameters.cap_log),
        sums=sum(len(air.scopes) for air in kind.airs),
        here=len(order.places),
        following=len(order.following),
        fold_caps=tuple(
            1 << cap_log_size(length - parameters.log_folding_arity * number, parameters.cap_log)
            for number in range(1, rounds + 1)
        ),
        final=1 << parameters.final_degree_bits(kind.log_size),
        nonces=sum(1 for bits in grinding if bits),
        tree_widths=tuple(sum(tree_widths(kind, tree)) for tree in committed_trees(kind)),
        layer_width=DEGREE << parameters.log_folding_arity,
    )


def committed_trees(kind: Kind) -> tuple[Tree, ...]:
    """The trees that a proof opens: all, but the preprocessed one only where there is one."""
    return tuple(tree for tree in Tree if tree is not Tree.PREPROCESSED or kind.is_preprocessed)


def encode(proof: SegmentProof) -> bytes:
    """The canonical bytes of a proof."""
    parts: list[np.ndarray] = []

    def put(values: npt.ArrayLike) -> None:
        parts.append(np.asarray(values, dtype=np.uint32).reshape(-1))

    put(proof.log_heights)
    put(proof.publics)
    for cap in (proof.main_cap, proof.stage2_cap):
        put(cap)
    put(proof.sums)
    put(proof.quotient_cap)
    put(proof.here)
    put(proof.following)
    for cap in proof.fold_caps:
        put(cap)
    put(proof.final_polynomial)
    put(proof.nonces)
    for opening in (*proof.trees, *proof.layers):
        put([len(opening.rows), len(opening.siblings)])
        put(opening.rows)
        put(opening.siblings)
    return MAGIC + np.concatenate(parts).astype("<u4").tobytes()


def outline(data: bytes | memoryview, key: VerifyingKey) -> Outline:
    """Check the form of a proof's bytes: every length, then that every word is an element.

    It takes no memory to speak of, and time by the length of the bytes alone.

    Raises:
        VerificationError: the bytes are not the canonical encoding of a proof of the key's shape.
    """
    if data[: len(MAGIC)] != MAGIC or len(data) % WORD_BYTES:
        raise VerificationError(Rejection.FORMAT, "these bytes are not a segment proof of this version")
    words, shape = _words(data), proof_shape(key.kind, key.parameters)
    depth, place = key.kind.log_size + key.parameters.log_blowup, shape.fixed
    for width in shape.opening_widths:
        if place + OPENING_COUNTS > words.size:
            raise VerificationError(Rejection.FORMAT, "the proof ends too early")
        rows, siblings = words[place : place + OPENING_COUNTS].tolist()
        if rows > key.parameters.queries or siblings > rows * depth:
            raise VerificationError(Rejection.FORMAT, "a tree opening is longer than its queries need")
        if not rows:
            raise VerificationError(Rejection.FORMAT, "a tree opening has no row")
        place += OPENING_COUNTS + rows * width + siblings * DIGEST_LENGTH
    if place > words.size:
        raise VerificationError(Rejection.FORMAT, "the proof ends too early")
    if place < words.size:
        raise VerificationError(Rejection.FORMAT, "the proof has bytes after its end")
    if int(words.max()) >= P:
        raise VerificationError(Rejection.FORMAT, "a field element is not canonical")
    publics = shape.tables + shape.publics
    return Outline(
        tuple(words[: shape.tables].tolist()),
        tuple(words[shape.tables : publics].tolist()),
        words[: shape.committed],
    )


def decode(data: bytes | memoryview, key: VerifyingKey) -> SegmentProof:
    """Read a proof.

    Raises:
        VerificationError: the bytes are not the canonical encoding of a proof of the key's shape.
    """
    outline(data, key)
    shape, reader = proof_shape(key.kind, key.parameters), _Reader(_words(data))
    return SegmentProof(
        log_heights=reader.integers(shape.tables),
        publics=reader.integers(shape.publics),
        main_cap=reader.tuples(shape.cap, DIGEST_LENGTH),
        stage2_cap=reader.tuples(shape.cap, DIGEST_LENGTH),
        sums=reader.tuples(shape.sums, DEGREE),
        quotient_cap=reader.tuples(shape.cap, DIGEST_LENGTH),
        here=reader.tuples(shape.here, DEGREE),
        following=reader.tuples(shape.following, DEGREE),
        fold_caps=tuple(reader.tuples(digests, DIGEST_LENGTH) for digests in shape.fold_caps),
        final_polynomial=reader.tuples(shape.final, DEGREE),
        nonces=reader.integers(shape.nonces),
        trees=tuple(reader.opening(width) for width in shape.tree_widths),
        layers=tuple(reader.opening(shape.layer_width) for _ in shape.fold_caps),
    )


def _words(data: bytes | memoryview) -> np.ndarray:
    """The words after the magic: a view."""
    return np.frombuffer(data, dtype="<u4", offset=len(MAGIC))


class _Reader:
    """Takes the parts of a proof, whose outline is checked, off its words."""

    def __init__(self, words: np.ndarray) -> None:
        self._words, self._place = words, 0

    def take(self, *shape: int) -> np.ndarray:
        count = math.prod(shape)
        self._place += count
        return self._words[self._place - count : self._place].reshape(shape)

    def integers(self, count: int) -> tuple[int, ...]:
        return tuple(self.take(count).tolist())

    def tuples(self, count: int, width: int) -> tuple:
        return tuple(map(tuple, self.take(count, width).tolist()))

    def opening(self, width: int) -> TreeOpening:
        rows, siblings = self.integers(OPENING_COUNTS)
        return TreeOpening(self.take(rows, width), self.take(siblings, DIGEST_LENGTH))
