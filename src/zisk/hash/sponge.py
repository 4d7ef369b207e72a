"""The sponge and the compression function on one message.

The sponge works in overwrite mode: fifteen elements of a message replace the first fifteen of the state, then
the state is permuted. The capacity, the other nine, begins with a domain tag and the length of the message;
so messages of different lengths or uses never share a state. A digest is nine elements, 279 bits.
"""

from collections.abc import Sequence

from zisk.field.koalabear import P
from zisk.hash.permutation import permute_state
from zisk.hash.poseidon2 import WIDTH
from zisk.hash.tags import TAG_COMPRESSION
from zisk.kernels.poseidon2_constants import DIGEST_LENGTH, RATE

Digest = tuple[int, ...]
"""Nine canonical elements."""


def hash_elements(tag: int, elements: Sequence[int]) -> Digest:
    """The digest of a message of canonical elements; the empty message takes one permutation."""
    state = [*[0] * RATE, tag, len(elements), *[0] * (WIDTH - RATE - 2)]
    for start in range(0, max(len(elements), 1), RATE):
        block = elements[start : start + RATE]
        state = permute_state([*block, *state[len(block) :]])
    return tuple(state[:DIGEST_LENGTH])


def compress(left: Sequence[int], right: Sequence[int]) -> Digest:
    """The Merkle node over two digests: the first nine elements of P(x) + x.

    x is left, right, the tag of compression and five zeros.
    """
    state = [*left, *right, TAG_COMPRESSION, *[0] * (WIDTH - 2 * DIGEST_LENGTH - 1)]
    return tuple((a + b) % P for a, b in zip(permute_state(state), left, strict=False))
