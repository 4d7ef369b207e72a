"""What a permutation of a circuit takes in, and where a Merkle path ends.

Arguments and outcomes are as in `circuit_settling`; `number` is the record's, `state` becomes the input.
"""

import numpy as np

from zisk.kernels.circuit_layout import ADDRESS, DONE, NONE, PLACE, START, UNKNOWN_BLOCK, WRONG_PATH
from zisk.kernels.cpu.circuit_settling import (
    canonical,
    check_base,
    from_canonical,
    settle_block,
    take,
)
from zisk.kernels.cpu.field import ONE, ZERO, add
from zisk.kernels.jit import kernel
from zisk.kernels.poseidon2_constants import DIGEST_LENGTH, RATE, WIDTH

_COMPRESSION_TAG = ONE
"""`zisk.hash.tags.TAG_COMPRESSION`, Montgomery."""


@kernel
def step_input(
    wires, known, report, records, number, hints, states, indices, tips, tip_records, state, digest
):
    """The input of a step of a Merkle path."""
    chain, index_wire = records[number, 0], records[number, 5]
    for k in range(DIGEST_LENGTH):
        digest[k] = tips[chain, k]
    if index_wire != NONE:
        outcome = check_base(wires, known, report, index_wire)
        if outcome:
            return outcome
        index = canonical(wires[index_wire, 0])
    else:
        above = tip_records[chain]
        index = indices[above] >> 1
        for k in range(DIGEST_LENGTH):
            digest[k] = add(digest[k], states[above, k])
    indices[number] = index
    own = DIGEST_LENGTH * (index & 1)
    for k in range(DIGEST_LENGTH):
        state[own + k] = digest[k]
    for k in range(2 * DIGEST_LENGTH, WIDTH):
        state[k] = ZERO
    state[2 * DIGEST_LENGTH] = _COMPRESSION_TAG
    return take(hints, report, DIGEST_LENGTH, state, DIGEST_LENGTH - own)


@kernel
def sponge_input(blocks, lengths, report, records, number, hints, tips, state, scratch):
    """The input of a start or a continuation."""
    block, hinted = records[number, 7], records[number, 9]
    if block != NONE and hinted:
        outcome = take(hints, report, hinted, scratch, 0)
        if outcome:
            return outcome
        outcome = settle_block(blocks, lengths, report, block, scratch, hinted)
        if outcome:
            return outcome
    if records[number, 1] == START:
        written = np.int64(RATE)
        for k in range(RATE, WIDTH):
            state[k] = ZERO
        state[RATE] = from_canonical(records[number, 2])
        state[RATE + 1] = from_canonical(records[number, 3])
    else:
        written = records[number, 4]
        for k in range(written, WIDTH):
            state[k] = tips[records[number, 0], k]
    if written:
        report[ADDRESS] = block
        if lengths[block] < written:
            return UNKNOWN_BLOCK
        for k in range(written):
            state[k] = blocks[block, k]
    return DONE


@kernel
def look_up(report, cap, node, cap_starts, digests, digest_known, lookups, state, output):
    """The end of a path: the digest of its last step is one of the cap's."""
    report[ADDRESS], report[PLACE] = cap, node
    if node >= cap_starts[cap + 1] - cap_starts[cap]:
        return WRONG_PATH
    place = cap_starts[cap] + node
    if not digest_known[place]:
        return WRONG_PATH
    for k in range(DIGEST_LENGTH):
        if digests[place, k] != add(output[k], state[k]):
            return WRONG_PATH
    lookups[place] += 1
    return DONE
