"""FRI: the committed batch word is close to a polynomial of low degree (docs/soundness.md, section 7)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.readable.field import K, P, bit_reverse, coset_shift, root_of_unity
from tests.readable.merkle import Opening, open_tree
from tests.readable.parameters import FOLD_LOG
from tests.readable.poseidon2 import TAG_CODEWORD, Digest
from tests.readable.reader import RefusedError

ARITY = 1 << FOLD_LOG
LEAF_WIDTH = 5 * ARITY


@dataclass(frozen=True)
class Domain:
    """Points shift * w^i; place j of a tree belongs to the natural index that is j read backwards."""

    log_size: int
    shift: int

    def point(self, place: int) -> int:
        """The point of a place in bit-reversed order."""
        return self.shift * pow(root_of_unity(self.log_size), bit_reverse(place, self.log_size), P) % P

    def folded(self) -> Domain:
        """The domain of eighth powers."""
        return Domain(self.log_size - FOLD_LOG, pow(self.shift, ARITY, P))


def evaluation_domain(log_size: int, log_blowup: int) -> Domain:
    """D for proofs of 2^log_size rows."""
    return Domain(log_size + log_blowup, coset_shift(log_size))


@dataclass(frozen=True)
class Layer:
    """A committed layer, its opening and the challenge that folds it."""

    cap: Sequence[Digest]
    opening: Opening
    challenge: K


def check_folding(
    domain: Domain,
    places: Sequence[int],
    batch: Callable[[int], K],
    layers: Sequence[Layer],
    final: Sequence[K],
) -> None:
    """Follow every query from the batch to the final polynomial.

    Args:
        domain: D.
        places: the distinct queried places of D, ascending.
        batch: the value of the batch at a place, from the opened rows of the trees.
        layers: in order, layer 0 being the batch word itself.
        final: coefficients of the final polynomial, lowest first.
    """
    expected = {place: batch(place) for place in places}
    for number, layer in enumerate(layers):
        what = f"layer {number} of FRI"
        leaves = sorted({place // ARITY for place in expected})
        rows = open_tree(layer.opening, layer.cap, domain.log_size - FOLD_LOG, leaves, TAG_CODEWORD, what)
        values = {leaf: [K(row[5 * k : 5 * k + 5]) for k in range(ARITY)] for leaf, row in rows.items()}
        if any(values[place // ARITY][place % ARITY] != value for place, value in expected.items()):
            raise RefusedError(f"{what} does not continue what comes before it")
        expected = {leaf: _fold(values[leaf], domain.point(ARITY * leaf), layer.challenge) for leaf in leaves}
        domain = domain.folded()
    for place, value in expected.items():
        x, result = domain.point(place), K.of(0)
        for coefficient in reversed(final):
            result = result * x + coefficient
        if result != value:
            raise RefusedError("the final polynomial does not continue the last layer of FRI")


def _fold(values: Sequence[K], x: int, challenge: K) -> K:
    """The sum of challenge^k g_k(x^8), where g = sum of X^k g_k(X^8), k below 8.

    g is given at w_8^s x, in bit-reversed order of s. Its k-th term there is w_8^(k s) x^k g_k(x^8), so
    g_k(x^8) is x^-k times the mean of w_8^(-k s) g(w_8^s x) over s.
    """
    result, power = K.of(0), K.of(pow(ARITY, -1, P))
    for k in range(ARITY):
        twist = pow(root_of_unity(FOLD_LOG), -k, P)
        part = sum(
            (v * pow(twist, bit_reverse(place, FOLD_LOG), P) for place, v in enumerate(values)), K.of(0)
        )
        result = result + power * part
        power = power * challenge * pow(x, -1, P)
    return result
