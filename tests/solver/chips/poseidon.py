"""The permutation chip: the output of a row is the permutation of its input, and its input has one source.

The specification is `zisk.hash.poseidon2` and `zisk.hash.sponge` themselves, run over linear forms in the
columns of a row; a cube is a column. A sibling in a step is free on purpose: an opening says that
there is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

from tests.solver.chips.definitions import define
from tests.solver.chips.forms import Form, as_form, form_reader, variable_form
from tests.solver.chips.permutation_rows import (
    CHIP,
    CONTINUATIONS,
    LENGTH,
    SORTS,
    SPONGE_ROWS,
    START,
    STEPS,
    TAG,
    Pair,
    Sort,
    last_row,
    neighbours,
    permuted,
    sponge_on_forms,
    under_a_step,
)
from tests.solver.chips.permutation_statements import (
    NEXT,
    X,
    as_number,
    as_numbers,
    cubes,
    link_statements,
    own_statements,
    permuted_states,
    primed,
    row_statements,
    show_inputs,
    sorted_products,
    statements_of_next,
    unlike,
)
from tests.solver.chips.reading import (
    claim,
    is_boolean,
    on_row,
    reader,
    show_only_slots,
    show_padding,
    show_slot,
    slot,
)
from tests.solver.claim import Claim, Method, RefutedError
from tests.solver.polynomial import Polynomial
from zisk.field.koalabear import P
from zisk.hash import sponge
from zisk.hash.sponge import DIGEST_LENGTH, RATE
from zisk.hash.transcript import MAX_BITS
from zisk.recursion.buses import BLOCK, DIGEST, WIRE
from zisk.recursion.errors import CircuitError
from zisk.stark.air import Air

_NODES = {"node", "node'", "bit'"}
NODE, BIT = Polynomial.variable("node"), Polynomial.variable("bit")


def claims() -> list[Claim]:
    """The chip's claims."""
    return [
        claim(
            CHIP,
            "slots",
            "the slots say the first fifteen elements of the input, those of the output, and 2 node + bit",
            _slots,
        ),
        claim(
            CHIP,
            "permutation",
            "each cube is that of a linear form in the input and the cubes before, and with these the output "
            "is `zisk.hash.poseidon2.permute` of the input: so it has one value",
            _permutation,
        ),
        claim(CHIP, "start", "the input of a start is its block, tag, length and seven zeros", _start),
        claim(
            CHIP,
            "continuation",
            "the input of a continuation is k elements of its block and from place k on the output above, "
            "k = 0 to 15",
            _continuation,
        ),
        claim(
            CHIP,
            "step",
            "the input of a step is the digest above and one free digest, in the order that bit says, the "
            "tag of compression and zeros; the digest above is an output's first nine elements",
            _first_steps,
        ),
        claim(
            CHIP,
            "later step",
            "the same under a step, whose digest is its output plus its input",
            _later_steps,
        ),
        claim(
            CHIP,
            "digest",
            "the last step of a path, and no other row, asks its cap for `zisk.hash.sponge.compress` of "
            "both digests at the place node, once",
            _digest,
        ),
        claim(
            CHIP,
            "path",
            "the index of a leaf is 2^depth place + the sum of 2^i bit_i: one place and one bit each, for a "
            "cap of 2^c digests with c + depth up to 24",
            _path,
        ),
        claim(CHIP, "flags", "bit is 0 or 1", _flags),
        claim(
            CHIP,
            "wiring",
            "what a row states of the next depends on the next alone; last_step is 0 or 1, and 1 only with "
            "a cap from 1",
            _wiring,
            Method.ENUMERATION,
        ),
        claim(
            CHIP,
            "end",
            "the last row of a chain or of the table, and one of padding, state nothing of the next",
            _end,
        ),
        claim(CHIP, "padding", "a row of padding says nothing, and has one for each input", _padding),
    ]


def _slots(air: Air) -> None:
    show_only_slots(air, CHIP, others=1)
    show_slot(air, BLOCK, "block", [Polynomial.variable(name) for name in X[:RATE]])
    show_slot(air, WIRE, "leaf_index", [NODE.scaled(2) + BIT])
    _show_output(air)


def _permutation(air: Air) -> None:
    stated = {sorted_products(form): form for form in row_statements(air, reads_next=False)}
    for number, cube in enumerate(cubes()):
        if stated.get(sorted_products(cube)) != cube:
            raise RefutedError(f"nothing states that cube[{number}] is the cube that the permutation takes")
    _show_output(air)


def _show_output(air: Air) -> None:
    read, (output, _) = form_reader(air), permuted()
    if [read(one) for one in slot(air, BLOCK, "output").message[1:]] != output[:RATE]:
        raise RefutedError("the output's block is not the permutation of the input")


def _start(air: Air) -> None:
    block = [variable_form(name) for name in X[:RATE]]
    elements = [*block, *[Form()] * (LENGTH - RATE)]
    state, *_ = permuted_states(
        lambda: sponge.hash_elements(as_number(variable_form("tag")), as_numbers(elements))
    )
    if state[RATE + 1] != as_form(LENGTH):
        raise RefutedError("the sponge has no length after its tag")
    state[RATE + 1] = variable_form("length")
    known = neighbours(START, None)[0]
    free = {name: value for name, value in known.items() if name not in ("tag", "length")}
    show_inputs(own_statements(air, free), {*X[:RATE], "tag", "length"}, dict(zip(X, state, strict=True)))


def _continuation(air: Air) -> None:
    output, _ = permuted()
    for below in CONTINUATIONS:
        block = [variable_form(f"{name}'") for name in X[: below.carried]]
        elements = [*[Form()] * RATE, *block]
        states = permuted_states(lambda elements=elements: sponge.hash_elements(TAG, as_numbers(elements)))
        expected = states[1] if block else output
        given = {*air.main_names, *(f"{name}'" for name in X[: below.carried])}
        for here, there in unlike(neighbours(above, below) for above in SPONGE_ROWS):
            show_inputs(statements_of_next(air, here, there), given, primed(expected))


def _step(air: Air, pairs: Iterable[Pair], digest: Sequence[Form]) -> None:
    """Show that the second of two rows is a step over a digest of the first, for these pairs of rows."""
    places = [f"{name}'" for name in X[: 2 * DIGEST_LENGTH]]
    halves = places[:DIGEST_LENGTH], places[DIGEST_LENGTH:]
    for here, there in unlike(pairs):
        for bit in (0, 1):
            sibling = [variable_form(name) for name in halves[1 - bit]]
            both = (sibling, digest) if bit else (digest, sibling)
            (state,) = permuted_states(lambda both=both: sponge.compress(*map(as_numbers, both)))
            found = statements_of_next(air, {**here, "bit'": bit}, there)
            show_inputs(found, {*air.main_names, *halves[1 - bit]}, primed(state))


def _first_steps(air: Air) -> None:
    output, _ = permuted()
    _step(air, [neighbours(one, two) for one in SPONGE_ROWS for two in STEPS], output[:DIGEST_LENGTH])


def _later_steps(air: Air) -> None:
    output, _ = permuted()
    digest = [one + variable_form(name) for one, name in zip(output, X, strict=True)]
    _step(air, [under_a_step(one, two) for one in STEPS for two in STEPS], digest[:DIGEST_LENGTH])


def _digest(air: Air) -> None:
    read = form_reader(air)
    found = [one for one in air.interactions if one.bus == DIGEST]
    if len(found) != 1 or not found[0].sent:
        raise RefutedError(f"{len(found)} messages on DIGEST, of which one must be sent")
    cap, node, *digest = (read(one) for one in found[0].message)
    expected = variable_form("cap"), variable_form("node"), variable_form("last_step")
    if (cap, node, read(found[0].multiplicity)) != expected:
        raise RefutedError("a path's end is not looked up once by its cap and node")
    x = [variable_form(name) for name in X]
    halves = x[:DIGEST_LENGTH], x[DIGEST_LENGTH : 2 * DIGEST_LENGTH]
    output, _ = permuted()

    def permute(state: Sequence[Form]) -> list[Form]:
        inputs = {name: one.linear for name, one in zip(X, state, strict=True)}
        return [one.at(inputs) for one in output]

    compressed = sponge_on_forms(lambda: sponge.compress(*map(as_numbers, halves)), permute)
    for ends in (neighbours(START, STEPS[1])[1], under_a_step(*STEPS)[1]):
        own = define(own_statements(air, ends), X[: 2 * DIGEST_LENGTH])
        if [one.at(own.values) for one in digest] != list(compressed):
            raise RefutedError("what is looked up is not the compression of both digests")


def _path(air: Air) -> None:
    _flags(air)
    said = reader(air)(slot(air, WIRE, "leaf_index").message[1])
    stated = [link_statements(air, under_a_step(STEPS[0], below)[0]) for below in STEPS]
    to_a_step, to_the_last = ([one for one in links if one.variables <= _NODES] for links in stated)
    for depth in range(1, MAX_BITS + 1):
        rows = [on_row(link, row) for row in range(depth - 2) for link in to_a_step]
        rows += [on_row(link, depth - 2) for link in to_the_last if depth > 1]
        place = f"node@{depth - 1}"
        found = define(rows, {place, *(f"bit@{row}" for row in range(depth))})
        index = found.expanded(on_row(said, 0))
        expected = {(place,): 1 << depth} | {(f"bit@{row}",): 1 << row for row in range(depth)}
        if index != Polynomial(expected):
            raise RefutedError(f"the index over {depth} steps is {index}")
        most = expected[place,] * ((1 << MAX_BITS - depth) - 1) + sum(1 << row for row in range(depth))
        if not most < P:
            raise RefutedError(f"the index over {depth} steps may be {most}, which is not below p")


def _flags(air: Air) -> None:
    alone = [one for one in row_statements(air, reads_next=False) if one.variables == {"bit"}]
    if not any(is_boolean(one.written, "bit") for one in alone):
        raise RefutedError("nothing states that bit is 0 or 1")


def _wiring(air: Air) -> None:
    del air
    followed: dict[object, set[object]] = {}
    for above, below in product(SORTS, [*SORTS, None]):
        if below is START or (above in STEPS and below in CONTINUATIONS):
            _show_refused(above, below)
            continue
        here, _ = neighbours(above, below)
        if here["last_step"] != int(above.ends) or (here["cap"] > 0) != above.ends:
            raise RefutedError(f"{above} looks up cap {here['cap']} {here['last_step']} times")
        following = {name: value for name, value in here.items() if name.startswith(NEXT)}
        is_later = above in STEPS and below in STEPS
        followed.setdefault((below, is_later), set()).add(frozenset(following.items()))
        if set(following.values()) - {0, 1}:
            raise RefutedError(f"{above} above {below} has flags {following}")
    differing = [one for one, flags in followed.items() if len(flags) > 1]
    if differing:
        raise RefutedError(f"what is stated of {differing} depends on more than the sort of the row above")


def _show_refused(above: Sort, below: Sort | None) -> None:
    try:
        neighbours(above, below)
    except CircuitError:
        return
    raise RefutedError(f"{below} may stand under {above}")


def _end(air: Air) -> None:
    ends = [neighbours(above, None)[0] for above in SORTS] + [last_row(above) for above in SORTS]
    for known in (*ends, dict.fromkeys(ends[0], 0)):
        if bound := row_statements(air, known, reads_next=True):
            raise RefutedError(f"a row that ends a chain states {len(bound)} things of the next")


def _padding(air: Air) -> None:
    show_padding(air)
    _permutation(air)
    known = dict.fromkeys(neighbours(START, None)[0], 0)
    left = [one for one in row_statements(air, known, reads_next=False) if one.variables != {"bit"}]
    if len(left) != len(permuted()[1]):
        raise RefutedError(f"a row of padding states {len(left)} things, not only its cubes")
