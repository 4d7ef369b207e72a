"""The transcript: a duplex that absorbs what is said and gives challenges (docs/format.md, "Hash")."""

from __future__ import annotations

from collections.abc import Iterable

from tests.readable.field import DEGREE, K
from tests.readable.poseidon2 import DIGEST, RATE, WIDTH, Digest, permute
from tests.readable.reader import RefusedError


class Transcript:
    """What verifier and prover have said so far."""

    def __init__(self, tag: int) -> None:
        self._state = [0] * WIDTH
        self._state[RATE] = tag
        self._written = 0
        self._given = RATE

    def absorb(self, *items: int | K | Iterable[int] | Iterable[K]) -> None:
        """Absorb elements, elements of K, or sequences of them."""
        for item in items:
            if isinstance(item, int):
                self._write(item)
            elif isinstance(item, K):
                self.absorb(*item.coefficients)
            else:
                self.absorb(*item)

    def challenge(self) -> K:
        """An element of K."""
        return K([self._sample() for _ in range(DEGREE)])

    def index(self, bits: int) -> int:
        """A number of so many bits."""
        return self._sample() & ((1 << bits) - 1)

    def check_work(self, bits: int, nonces: list[int], what: str) -> None:
        """Take the next nonce, if any bits are asked for, and check them."""
        if bits == 0:
            return
        self.absorb(nonces.pop(0))
        if self.index(bits) != 0:
            raise RefusedError(f"the nonce before {what} has too few zero bits")

    def digest(self) -> Digest:
        """The state digest: what everything absorbed so far is bound by."""
        return tuple(permute(self._state)[:DIGEST])

    def _write(self, element: int) -> None:
        self._state[self._written] = element
        self._written += 1
        self._given = RATE
        if self._written == RATE:
            self._permute()

    def _sample(self) -> int:
        if self._given == RATE:
            self._permute()
        self._given += 1
        return self._state[self._given - 1]

    def _permute(self) -> None:
        self._state = permute(self._state)
        self._written = self._given = 0
