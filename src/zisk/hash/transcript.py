"""The transcript of an interactive proof: a duplex sponge that absorbs items and hands out challenges.

The state begins as a tag in the first capacity element and zeros. Absorbing overwrites the rate from its
first element on and permutes when fifteen are written. Sampling permutes if anything was written since the
last permutation or no output is left; then it hands out the fifteen elements of the rate in order. The
protocol that uses it fixes which items come when.
"""

from collections.abc import Iterable

from zisk.field.koalabear import P
from zisk.field.quintic import Element
from zisk.hash.permutation import permute_after_each, permute_state
from zisk.hash.poseidon2 import WIDTH
from zisk.hash.sponge import DIGEST_LENGTH, RATE, Digest
from zisk.kernels.backend import Backend

MAX_BITS = 24
"""Low bits taken of one element: p - 1 is a multiple of 2^24, so they are as good as uniform."""


class Transcript:
    """A duplex sponge under a domain tag."""

    def __init__(self, tag: int) -> None:
        self._state = [*[0] * RATE, tag, *[0] * (WIDTH - RATE - 1)]
        self._written = 0
        self._handed_out = RATE

    def absorb(self, elements: Iterable[int]) -> None:
        """Absorb canonical elements.

        Raises:
            ValueError: an element is not in [0, p).
        """
        given = [int(element) for element in elements]
        if not given:
            return
        if min(given) < 0 or max(given) >= P:
            wrong = next(element for element in given if not 0 <= element < P)
            raise ValueError(f"a transcript absorbs canonical elements below {P}, not {wrong}")
        pending = self._state[: self._written] + given
        whole = len(pending) - len(pending) % RATE
        if whole:
            self._state = permute_after_each(self._state, pending[:whole], RATE)
        self._written = len(pending) - whole
        self._state[: self._written] = pending[whole:]
        self._handed_out = RATE if self._written else 0

    def sample(self) -> int:
        """The next challenge in F."""
        if self._handed_out == RATE:
            self._permute()
        self._handed_out += 1
        return self._state[self._handed_out - 1]

    def sample_extension(self) -> Element:
        """The next challenge in K: five in F, lowest coefficient first."""
        a, b, c, d, e = (self.sample() for _ in range(5))
        return (a, b, c, d, e)

    def sample_indices(self, count: int, bits: int) -> list[int]:
        """The next `count` numbers below 2^bits, bits <= 24: the low bits of one element each."""
        if not 0 <= bits <= MAX_BITS:
            raise ValueError(f"indices take 0 to {MAX_BITS} bits, not {bits}")
        return [self.sample() % (1 << bits) for _ in range(count)]

    def grind(self, bits: int, backend: Backend) -> int:
        """Absorb the smallest nonce after which the next element has `bits` low zeros, and take that element.

        Returns the nonce. However it is searched, it is the smallest.
        """
        if not 0 <= bits <= MAX_BITS:
            raise ValueError(f"a proof-of-work takes 0 to {MAX_BITS} bits, not {bits}")
        nonce = backend.grind(self._state, self._written, bits)
        self.check_nonce(nonce, bits)
        return nonce

    def check_nonce(self, nonce: int, bits: int) -> bool:
        """Absorb a nonce and take the next element; whether it has `bits` low zeros.

        A nonce that is not canonical is refused and leaves the transcript as it was.
        """
        if not 0 <= nonce < P:
            return False
        self.absorb([nonce])
        return self.sample() % (1 << bits) == 0

    def clone(self) -> "Transcript":
        """A transcript in the same state that goes its own way."""
        copy = Transcript(0)
        copy._state = list(self._state)
        copy._written = self._written
        copy._handed_out = self._handed_out
        return copy

    def state_digest(self) -> Digest:
        """The first nine elements of the permuted state: a digest of everything so far.

        The transcript itself stays as it is.
        """
        copy = self.clone()
        copy._permute()
        return tuple(copy._state[:DIGEST_LENGTH])

    def _permute(self) -> None:
        self._state = permute_state(self._state)
        self._written = 0
        self._handed_out = 0
