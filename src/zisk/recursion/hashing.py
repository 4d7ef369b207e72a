"""What circuits do with permutations: digests, Merkle openings, the transcript."""

from __future__ import annotations

from collections.abc import Sequence

from zisk.hash.opening import cap_log_size
from zisk.hash.sponge import DIGEST_LENGTH, RATE
from zisk.hash.tags import TAG_PART
from zisk.hash.transcript import MAX_BITS
from zisk.recursion.chips.elements import GROUPS
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import CircuitError
from zisk.recursion.memory import Block, Wire


def coefficients(circuit: Circuit, values: Sequence[Wire]) -> list[Wire]:
    """The coefficients of elements of K, five wires in F for each."""
    found: list[Wire] = []
    for start in range(0, len(values), GROUPS):
        group = values[start : start + GROUPS]
        wires = [circuit.wire() for _ in range(RATE // GROUPS * len(group))]
        circuit.elements(wires=wires, groups=group)
        found += wires
    return found


def hinted_elements(circuit: Circuit, count: int) -> list[Wire]:
    """Free elements of F, shown to be in F: one hint each."""
    found: list[Wire] = []
    for start in range(0, count, RATE):
        wires = [circuit.wire() for _ in range(min(RATE, count - start))]
        circuit.elements(wires=wires, hinted=len(wires))
        found += wires
    return found


def hinted_extension(circuit: Circuit, count: int) -> tuple[list[Wire], list[Wire]]:
    """Free elements of K and, five for each, their coefficients: five hints each."""
    values: list[Wire] = []
    found: list[Wire] = []
    for start in range(0, count, GROUPS):
        groups = [circuit.wire() for _ in range(min(GROUPS, count - start))]
        wires = [circuit.wire() for _ in range(RATE // GROUPS * len(groups))]
        circuit.elements(wires=wires, groups=groups, hinted=len(wires))
        values += groups
        found += wires
    return values, found


def hash_elements(circuit: Circuit, tag: int, elements: Sequence[Wire]) -> list[Wire]:
    """The digest of wires in F, as `zisk.hash.sponge.hash_elements` gives it."""
    chain, output = circuit.chain(), circuit.block()
    starts = range(0, max(len(elements), 1), RATE)
    for place, start in enumerate(starts):
        block = elements[start : start + RATE]
        last = place == len(starts) - 1
        _absorb(circuit, chain, place, (tag, len(elements)), block, output if last else None)
    return block_elements(circuit, output, DIGEST_LENGTH)


def cap_of_digests(circuit: Circuit, digests: Sequence[Sequence[Wire]]) -> int:
    """Make digests, wires in F, a cap in which paths may end; returns its number."""
    cap = circuit.cap(len(digests))
    for place, digest in enumerate(digests):
        circuit.elements(wires=digest, cap=cap, place=place)
    return cap


def open_leaf(
    circuit: Circuit, tag: int, widths: Sequence[int], index: Wire, cap: int, log_leaves: int, cap_log: int
) -> list[list[Block]]:
    """Open a leaf of a committed tree; returns the elements of each of its parts as blocks of fifteen.

    The parts have these widths. All but the last have sponges of their own, which the leaf's sponge absorbs
    before the last part: see `zisk.hash.rows.hash_leaves`.

    Hints: the elements of the leaf, then the nine of each sibling from the leaf upwards. If 15 does not
    divide the width of a part, its last block ends in elements of the sponge's state, zeros if it is the
    first of its chain.

    The index is below 2^log_leaves: the cap has no more digests than the tree has nodes on its level.

    Raises:
        CircuitError: the tree has a single leaf or more than 2^24, a part of its leaves is empty, or its cap
            has another number of digests.
    """
    digests = cap_log_size(log_leaves, cap_log)
    depth = log_leaves - digests
    if depth < 1 or min(widths) < 1 or log_leaves > MAX_BITS:
        raise CircuitError(f"a tree of 2^{log_leaves} leaves of {widths} elements has no paths to open")
    if circuit.cap_size(cap) != 1 << digests:
        raise CircuitError(f"cap {cap} has {circuit.cap_size(cap)} digests, that of the tree 2^{digests}")
    *apart, rest = widths
    parts, absorbed = [], []
    for width in apart:
        absorbed.append(circuit.block())
        parts.append(_absorb_hinted(circuit, circuit.chain(), (TAG_PART, width), width, [], absorbed[-1]))
    chain = circuit.chain()
    start = (tag, RATE * len(absorbed) + rest)
    parts.append(_absorb_hinted(circuit, chain, start, rest, absorbed))
    for level in range(depth):
        ends = cap if level == depth - 1 else 0
        circuit.permutation(chain, index=index if level == 0 else None, cap=ends)
    return parts


def _absorb_hinted(
    circuit: Circuit,
    chain: int,
    start: tuple[int, int],
    width: int,
    before: Sequence[Block],
    output: Block | None = None,
) -> list[Block]:
    """Record a sponge that absorbs blocks and then `width` hinted elements, of which it returns the blocks.

    `output` is the block of the sponge's first fifteen elements at its end.
    """
    counts = [min(RATE, width - start) for start in range(0, width, RATE)]
    blocks = [circuit.block() for _ in counts]
    rows = [(block, RATE, 0) for block in before]
    rows += [(block, count, count) for block, count in zip(blocks, counts, strict=True)]
    for place, (block, written, hinted) in enumerate(rows):
        is_short = place == 0 and written < RATE
        if is_short:
            padding = [circuit.zero] * (RATE - written)
            circuit.elements(wires=[*hinted_elements(circuit, written), *padding], block=block)
        circuit.permutation(
            chain,
            start=None if place else start,
            carried_from=written if place else None,
            block=block,
            output=output if place == len(rows) - 1 else None,
            hinted=0 if is_short else hinted,
        )
    return blocks


class CircuitTranscript:
    """`zisk.hash.transcript.Transcript` in a circuit: absorbs wires in F, hands out challenges as wires."""

    def __init__(self, circuit: Circuit, tag: int) -> None:
        self._circuit, self._tag = circuit, tag
        self._chain, self._place = circuit.chain(), 0
        self._written: list[Wire] = []
        self._output: Block | None = None
        self._samples: list[Wire] = []
        self._absorbed: list[tuple[int, Block | None]] = []

    def absorb(self, elements: Sequence[Wire]) -> None:
        """Absorb wires, which must be in F: their rows of elements state it."""
        for wire in elements:
            self._written.append(wire)
            self._output, self._samples = None, []
            if len(self._written) == RATE:
                self._permute()

    def sample(self) -> Wire:
        """The next challenge in F."""
        if not self._samples:
            if self._output is None:
                self._permute()
            assert self._output is not None
            self._samples, self._output = block_elements(self._circuit, self._output, RATE), None
        return self._samples.pop(0)

    def sample_extension(self) -> Wire:
        """The next challenge in K."""
        wires, value = [self.sample() for _ in range(RATE // GROUPS)], self._circuit.wire()
        self._circuit.elements(wires=wires, groups=[value])
        return value

    def check_nonce(self, nonce: Wire, bits: int) -> None:
        """Absorb a nonce and state that the next element ends in `bits` zeros."""
        self.absorb([nonce])
        self._circuit.assert_low_zeros(self.sample(), bits)

    def state_digest(self) -> list[Wire]:
        """A digest of everything so far; the transcript stays as it is.

        Its permutations are repeated in a chain of their own, on the same blocks.
        """
        chain, output = self._circuit.chain(), self._circuit.block()
        for place, (written, block) in enumerate(self._absorbed):
            _permute(self._circuit, chain, place, (self._tag, 0), written, block, None)
        _absorb(self._circuit, chain, len(self._absorbed), (self._tag, 0), self._written, output)
        return block_elements(self._circuit, output, DIGEST_LENGTH)

    def _permute(self) -> None:
        self._output = self._circuit.block()
        block = _absorb(self._circuit, self._chain, self._place, (self._tag, 0), self._written, self._output)
        self._absorbed.append((len(self._written), block))
        self._place += 1
        self._written, self._samples = [], []


def _permute(
    circuit: Circuit,
    chain: int,
    place: int,
    start: tuple[int, int],
    written: int,
    block: Block | None,
    output: Block | None,
) -> None:
    """Record permutation number `place` of a sponge's chain."""
    if place == 0:
        circuit.permutation(chain, start=start, block=block, output=output)
    else:
        circuit.permutation(chain, carried_from=written, block=block, output=output)


def _absorb(
    circuit: Circuit,
    chain: int,
    place: int,
    start: tuple[int, int],
    elements: Sequence[Wire],
    output: Block | None,
) -> Block | None:
    """Record a permutation that absorbs wires; the first of a chain starts it, with zeros behind them."""
    block = None
    if place == 0:
        elements_with_zeros = [*elements, *[circuit.zero] * (RATE - len(elements))]
        block = circuit.block()
        circuit.elements(wires=elements_with_zeros, block=block)
    elif elements:
        block = circuit.block()
        circuit.elements(wires=elements, block=block)
    _permute(circuit, chain, place, start, len(elements), block, output)
    return block


def block_elements(circuit: Circuit, block: Block, count: int) -> list[Wire]:
    """Wires for the first elements of a block."""
    wires = [circuit.wire() for _ in range(count)]
    circuit.elements(wires=wires, block=block)
    return wires
