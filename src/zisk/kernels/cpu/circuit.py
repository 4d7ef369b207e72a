"""Runs a circuit: operation after operation, from public values and hints to all values.

Operations and records are those of `circuit_layout`. A run ends at the first contradiction; the report says
which. Addresses are not checked: whoever makes a program sees to them.
"""

import numpy as np

from zisk.kernels import circuit_layout as layout
from zisk.kernels.circuit_layout import (
    ARITHMETIC,
    ARITY,
    BITS,
    ELEMENTS,
    FOLD,
    HORNER,
    NONE,
    OPERATION,
    OUTCOME,
    PERMUTATION,
    RECORD,
    REPORT_LENGTH,
    SPLIT,
    STEP,
    WIDTHS,
    Program,
    new_values,
)
from zisk.kernels.cpu.circuit_paths import look_up, sponge_input, step_input
from zisk.kernels.cpu.circuit_poseidon2 import permute_one
from zisk.kernels.cpu.circuit_settling import settle_block
from zisk.kernels.cpu.circuit_sums import fold, sum_chain
from zisk.kernels.cpu.circuit_wires import gather, name_elements, solve, split, take_apart, take_wire
from zisk.kernels.jit import kernel
from zisk.kernels.parameters import DEGREE
from zisk.kernels.poseidon2_constants import DIGEST_LENGTH, RATE, WIDTH

_CAP, _CAP_PLACE = int(layout.Elements.CAP), int(layout.Elements.PLACE)


@kernel
def run_circuit(program, values, hints, report):
    """Do all operations of a program, or those before the first contradiction.

    program, values: as in `circuit_layout`; known wires are the inputs, all else is zero.
    hints: uint32[n], canonical. report: int64[REPORT_LENGTH], zero.
    """
    operations, cap_starts, constants = program.operations, program.cap_starts, program.constants
    arithmetic, hinted, splits, bits = program.arithmetic, program.hints, program.splits, program.bits
    named, folded, summed, permuted = program.elements, program.folds, program.horner, program.permutations
    wires, known, blocks, lengths = values.wires, values.known, values.blocks, values.lengths
    elements, folds, sums, states = values.elements, values.folds, values.sums, values.states
    indices, tips, tip_records = values.indices, values.tips, values.tip_records
    digests, digest_known, lookups = values.digests, values.digest_known, values.lookups
    cursors = np.zeros(8, np.int64)
    scratch, state, output = (
        np.zeros(WIDTH, np.uint32),
        np.zeros(WIDTH, np.uint32),
        np.zeros(WIDTH, np.uint32),
    )
    powers, parts = np.zeros((RATE, DEGREE), np.uint32), np.zeros((ARITY, DEGREE), np.uint32)
    for step in range(operations.size):
        operation = np.int64(operations[step])
        number = cursors[operation]
        done = 1
        if operation == ARITHMETIC:
            outcome = solve(wires, known, report, arithmetic, number, constants[number])
        elif operation == PERMUTATION:
            if permuted[number, 1] == STEP:
                outcome = step_input(
                    wires,
                    known,
                    report,
                    permuted,
                    number,
                    hints,
                    states,
                    indices,
                    tips,
                    tip_records,
                    state,
                    scratch,
                )
            else:
                outcome = sponge_input(blocks, lengths, report, permuted, number, hints, tips, state, scratch)
            chain, cap = permuted[number, 0], permuted[number, 6]
            block, block_after = permuted[number, 7], permuted[number, 8]
            if not outcome:
                for k in range(WIDTH):
                    states[number, k] = state[k]
                    output[k] = state[k]
                permute_one(output)
                for k in range(WIDTH):
                    tips[chain, k] = output[k]
                tip_records[chain] = number
                if block != NONE:
                    outcome = settle_block(blocks, lengths, report, block, state, RATE)
            if not outcome and block_after != NONE:
                outcome = settle_block(blocks, lengths, report, block_after, output, RATE)
            if not outcome and cap:
                outcome = look_up(
                    report,
                    cap,
                    indices[number] >> 1,
                    cap_starts,
                    digests,
                    digest_known,
                    lookups,
                    state,
                    output,
                )
        elif operation == HORNER:
            outcome, done = sum_chain(wires, known, blocks, lengths, report, summed, number, sums, powers)
        elif operation == ELEMENTS:
            outcome, count = gather(wires, known, blocks, lengths, report, named, number, hints, scratch)
            if not outcome:
                outcome = name_elements(wires, known, blocks, lengths, report, named, number, scratch, count)
            for k in range(count):
                elements[number, k] = scratch[k]
            if named[number, _CAP]:
                place = cap_starts[named[number, _CAP]] + named[number, _CAP_PLACE]
                digest_known[place] = 1
                for k in range(DIGEST_LENGTH):
                    digests[place, k] = scratch[k]
        elif operation == FOLD:
            outcome = fold(wires, known, blocks, lengths, report, folded, number, folds, parts)
        elif operation == BITS:
            outcome = take_apart(wires, known, report, bits, number)
        elif operation == SPLIT:
            outcome = split(wires, known, report, splits, number)
        else:
            outcome = take_wire(wires, known, report, hinted, number, hints, scratch)
        if outcome:
            report[OUTCOME], report[OPERATION], report[RECORD] = outcome, operation, number
            return
        cursors[operation] = number + done


def warm() -> None:
    """Compile the kernels of this module."""
    records = [np.zeros((0, width), np.int64) for width in WIDTHS]
    program = Program(
        np.zeros(0, np.uint8), *records, constants=np.zeros(0, np.uint32), cap_starts=np.zeros(1, np.int64)
    )
    values = new_values(program, 1, 1, 1)
    run_circuit(program, values, np.zeros(0, np.uint32), np.zeros(REPORT_LENGTH, np.int64))
