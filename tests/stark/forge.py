"""A prover for forgeries: the steps of `prove_segment`, each to be replaced, reordered or left out.

An attack is a subclass. It replaces a step, or changes the order in `steps`: a step that stands before the
commitment it should follow sees a challenge too early. Nothing is checked on the way: where an honest prover
would refuse, this one goes on and lets the verifier judge.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np

from tests.stark.attacks.items import Item, LenientTranscript
from tests.stark.toy import BACKEND, JOB, PROGRAM
from zisk.field import quintic
from zisk.field.koalabear import P, coset_shift, from_montgomery, inverse, to_montgomery
from zisk.field.quintic import DEGREE, Element
from zisk.kernels.cpu.ntt import evaluate, interpolate
from zisk.stark.batching import Tree, batching_order
from zisk.stark.challenges import BusChallenge
from zisk.stark.commitment import Commitment, FixedTables, commit, commit_extended, log_height_of
from zisk.stark.domain import coset_offset, coset_power, selectors
from zisk.stark.evaluation import bind
from zisk.stark.expression import Scope
from zisk.stark.fri import FoldedLayer, commit_layer, halving_challenges
from zisk.stark.key import Digest
from zisk.stark.logup import LogupTable, logup_columns
from zisk.stark.opening import OpenedTable, fri_codeword, open_tables
from zisk.stark.proof import SegmentProof
from zisk.stark.scalars import Challenges
from zisk.stark.tape import compile_fold
from zisk.stark.transcript_order import JobChallenge, SearchedWork

Sums = list[dict[Scope, Element]]
"""Exposed sums of each table."""


class Forger:
    """Proves a segment step by step.

    Args:
        traces: canonical main columns of each table, uint64[w, rows]. A table may have more rows than its
            claimed height: then it is a trace of several blocks, and what is committed is not lifted.
        log_heights: the claimed heights; those of the traces unless given.
        omitted: items that this prover's transcript, and that of the weak verifier it aims at, leave out.
    """

    steps: ClassVar[tuple[str, ...]] = (
        "commit_main",
        "draw_buses",
        "commit_stage2",
        "draw_fold",
        "commit_quotient",
        "draw_zeta",
        "open_columns",
        "draw_gamma",
        "combine",
        "fold_layers",
        "draw_indices",
    )

    def __init__(
        self,
        fixed: FixedTables,
        traces: Sequence[np.ndarray],
        publics: Sequence[int],
        *,
        log_heights: Sequence[int] | None = None,
        omitted: Collection[Item] = (),
        job: JobChallenge = JOB,
        program: Digest = PROGRAM,
    ) -> None:
        self.fixed, self.key, self.kind = fixed, fixed.key, fixed.key.kind
        self.parameters = self.key.parameters
        self.traces = [to_montgomery(trace) for trace in traces]
        self.publics = [value % P for value in publics]
        self.log_heights = (
            [log_height_of(trace) for trace in traces] if log_heights is None else list(log_heights)
        )
        self.job, self.program = job, program
        self.work = self.make_work()
        self.transcript = LenientTranscript(self.key, self.work, omitted)
        self.order = batching_order(self.kind)
        self.leaf: Digest = ()
        self.main: Commitment | None = None
        self.stage2: Commitment | None = None
        self.quotient: Commitment | None = None
        self.sums: Sums = []
        self.layers: list[FoldedLayer] = []
        self.foldings: list[Element] = []
        self.final: tuple[Element, ...] = ()
        self.here: tuple[Element, ...] = ()
        self.following: tuple[Element, ...] = ()

    def make_work(self) -> SearchedWork:
        """How this prover passes proofs-of-work."""
        return SearchedWork(BACKEND)

    def prove(self) -> SegmentProof:
        """Take every step, in the order of `steps`, and open what is queried."""
        for step in self.steps:
            getattr(self, step)()
        return self.finish()

    # The steps.

    def commit_main(self) -> None:
        """Commit to the main columns."""
        self.main = self.committed(self.traces)

    def committed(self, tables: Sequence[np.ndarray]) -> Commitment:
        """Main or LogUp columns of all tables, committed to."""
        return commit(tables, self.kind.log_size, self.parameters, BACKEND, sponges=self.kind.sponges)

    def draw_buses(self) -> None:
        """Absorb the segment and the job's challenge; local alpha and beta."""
        self.leaf = self.transcript.commit_main(self.program, self.log_heights, self.publics, cap(self.main))
        self.buses = {Scope.LOCAL: self.transcript.local_challenge(self.job), Scope.GLOBAL: self.job.bus}

    def commit_stage2(self) -> None:
        """Fill the LogUp columns, block by block, and commit to them."""
        columns, self.sums = [], []
        for table in range(len(self.traces)):
            matrix, sums = self.stage2_columns(table)
            columns.append(matrix)
            self.sums.append(sums)
        self.stage2 = self.committed(columns)

    def stage2_columns(self, table: int) -> tuple[np.ndarray, dict[Scope, Element]]:
        """The LogUp columns of one table; the sums exposed are those of its first block."""
        trace, rows = self.traces[table], 1 << self.log_heights[table]
        fixed = tiled(self.fixed.values[table], trace.shape[1])
        matrices, sums = [], []
        for start in range(0, trace.shape[1], rows):
            block = LogupTable(
                self.kind.airs[table],
                np.ascontiguousarray(fixed[:, start : start + rows]),
                np.ascontiguousarray(trace[:, start : start + rows]),
                self.publics_of(table),
            )
            (found,) = logup_columns([block], self.buses, BACKEND)
            matrices.append(found.columns)
            sums.append(found.sums)
        return np.concatenate(matrices, axis=1), sums[0]

    def draw_fold(self) -> None:
        """Absorb stage 2 and the sums; the constraints' beta."""
        self.fold = self.transcript.constraint_challenge(cap(self.stage2), self.exposed)

    def commit_quotient(self) -> None:
        """Divide the constraints by Z as if they held, and commit to the result."""
        assert self.main is not None
        assert self.stage2 is not None
        height = max(table.shape[2] for table in self.main.tables)
        log_height = height.bit_length() - 1
        mixed, constants = [], []
        for coset in (0, 1 << (self.parameters.log_blowup - 1)):
            power = coset_power(log_height, self.parameters.log_blowup, coset)
            values = scaled(self.numerator(coset, height), inverse(power - 1))
            offset = coset_offset(log_height, self.parameters.log_blowup, coset)
            mixed.append(interpolate(values, offset, BACKEND.pool))
            constants.append(power)
        difference = (mixed[0].astype(np.uint64) + np.uint64(P) - mixed[1]) % np.uint64(P)
        second = scaled(difference, inverse(constants[0] - constants[1]))
        first = (mixed[0].astype(np.uint64) + np.uint64(P) - scaled(second, constants[0])) % np.uint64(P)
        self.commit_chunks(np.concatenate([first.astype(np.uint32), second]))

    def commit_chunks(self, coefficients: np.ndarray) -> None:
        """Commit to the quotient with these coefficients: uint32[10, n], as `interpolate` orders them."""
        log_height, blowup = log_height_of(coefficients), self.parameters.log_blowup
        cosets = [
            evaluate(coefficients, coset_offset(log_height, blowup, coset), BACKEND.pool)
            for coset in range(1 << blowup)
        ]
        columns = np.ascontiguousarray(np.stack(cosets, axis=1))
        self.quotient = commit_extended([columns], self.kind.log_size, self.parameters, BACKEND)

    def numerator(self, coset: int, height: int) -> np.ndarray:
        """All constraints, combined, on one coset of the tallest table: uint32[5, height]."""
        assert self.main is not None
        assert self.stage2 is not None
        total = np.zeros((DEGREE, height), dtype=np.uint64)
        for table, air in enumerate(self.kind.airs):
            main, claimed = self.main.tables[table], self.log_heights[table]
            rows = main.shape[2]
            fixed = self.fixed.commitment
            folded = BACKEND.evaluate(
                bind(
                    compile_fold([one.expression for one in air.constraints]),
                    preprocessed=tiled(fixed.tables[table], rows)
                    if fixed
                    else np.zeros((0, 1, 1), np.uint32),
                    main=main,
                    stage2=self.stage2.tables[table],
                    selectors=tiled(selectors(claimed, self.parameters.log_blowup, BACKEND), rows),
                    publics=self.publics_of(table),
                    challenges=Challenges(self.buses, self.sums[table], self.fold, self.first_power(table)),
                ),
                coset=coset,
            )
            total += tiled(folded, height)
        return (total % np.uint64(P)).astype(np.uint32)

    def first_power(self, table: int) -> int:
        """The power of beta of a table's first constraint."""
        return self.kind.constraint_offsets[table]

    def draw_zeta(self) -> None:
        """Absorb the quotient; the opening point."""
        self.zeta = self.transcript.point(cap(self.quotient))

    def open_columns(self) -> None:
        """Evaluate all columns at zeta and at the next point."""
        self.here, self.following = open_tables(
            self.opened_tables(), self.order, self.zeta, *self._sizes, BACKEND
        )

    def draw_gamma(self) -> None:
        """Absorb the openings; gamma."""
        self.gamma = self.transcript.batching_challenge((*self.here, *self.following))

    def combine(self) -> None:
        """The codeword that FRI tests."""
        self.codeword = fri_codeword(
            self.opened_tables(),
            self.order,
            self.here,
            self.following,
            self.zeta,
            self.gamma,
            *self._sizes,
            BACKEND,
        )

    def fold_layers(self) -> None:
        """Commit to layers and fold; coefficients of too high a degree are dropped."""
        shift, word = coset_shift(self.kind.log_size), self.codeword
        for number in range(self.parameters.fri_rounds(self.kind.log_size)):
            self.layers.append(commit_layer(word, self.parameters, BACKEND))
            challenge = self.transcript.fold_challenge(number, self.layers[-1].cap)
            self.foldings.append(challenge)
            word = BACKEND.fold(word, shift, halving_challenges(challenge, self.parameters))
            shift = pow(shift, 1 << self.parameters.log_folding_arity, P)
        coefficients = from_montgomery(BACKEND.interpolate(word, shift))
        self.final = elements(coefficients[: len(word) >> self.parameters.log_blowup])

    def draw_indices(self) -> None:
        """Absorb the final polynomial; the queried leaves."""
        self.indices = self.transcript.query_indices(self.final)

    def finish(self) -> SegmentProof:
        """Open what is queried and put the proof together."""
        arity, leaves = self.parameters.log_folding_arity, sorted(set(self.indices))
        trees = (self.fixed.commitment, self.main, self.stage2, self.quotient)
        return replace(
            self.claimed(),
            nonces=tuple(self.work.nonces),
            trees=tuple(tree.open(leaves) for tree in trees if tree is not None),
            layers=tuple(
                layer.open(sorted({index >> (arity * depth) for index in self.indices}))
                for depth, layer in enumerate(self.layers, start=1)
            ),
        )

    def claimed(self) -> SegmentProof:
        """All that is known of the proof so far, without openings of trees."""
        return SegmentProof(
            log_heights=tuple(self.log_heights),
            publics=tuple(self.publics),
            main_cap=cap(self.main),
            stage2_cap=cap(self.stage2),
            sums=self.exposed,
            quotient_cap=cap(self.quotient),
            here=self.here,
            following=self.following,
            fold_caps=tuple(layer.cap for layer in self.layers),
            final_polynomial=self.final,
            nonces=(),
            trees=(),
            layers=(),
        )

    # What the steps share.

    @property
    def exposed(self) -> tuple[Element, ...]:
        """The sums as a proof lists them."""
        return tuple(table[scope] for table in self.sums for scope in Scope if scope in table)

    @property
    def _sizes(self) -> tuple[int, int]:
        return self.kind.log_size, self.parameters.log_blowup

    def publics_of(self, table: int) -> tuple[int, ...]:
        """The public values that a table reads."""
        return tuple(self.publics[place] for place in self.kind.public_places[table])

    def opened_tables(self) -> list[OpenedTable]:
        """All committed tables that have columns."""
        trees = zip(Tree, (self.fixed.commitment, self.main, self.stage2, self.quotient), strict=True)
        return [
            OpenedTable(tree, table, columns)
            for tree, commitment in trees
            if commitment is not None
            for table, columns in enumerate(commitment.tables)
            if columns.shape[0]
        ]


def cap(commitment: Commitment | None) -> tuple[Digest, ...]:
    """A commitment's cap; nothing while there is none."""
    return () if commitment is None else commitment.cap


def tiled(matrix: np.ndarray, rows: int) -> np.ndarray:
    """Repeat rows (the last axis) up to `rows`."""
    if matrix.shape[-1] >= rows:
        return matrix
    repeats = [1] * (matrix.ndim - 1) + [rows // matrix.shape[-1]]
    return np.ascontiguousarray(np.tile(matrix, repeats))


def scaled(values: np.ndarray, factor: int) -> np.ndarray:
    """Values times an element of F, uint32."""
    return (values.astype(np.uint64) * np.uint64(factor % P) % np.uint64(P)).astype(np.uint32)


def elements(rows: np.ndarray) -> tuple[Element, ...]:
    """Rows of five as elements of K."""
    return tuple((int(a), int(b), int(c), int(d), int(e)) for a, b, c, d, e in rows)


def solve(vectors: Sequence[Element], target: Element) -> list[int]:
    """Five numbers of F with sum of x_i vectors_i = target, for five independent elements of K."""
    rows = [[vector[k] for vector in vectors] + [target[k]] for k in range(DEGREE)]
    for place in range(DEGREE):
        pivot = next(row for row in range(place, DEGREE) if rows[row][place])
        rows[place], rows[pivot] = rows[pivot], rows[place]
        factor = inverse(rows[place][place])
        rows[place] = [value * factor % P for value in rows[place]]
        for row in range(DEGREE):
            if row != place:
                times = rows[row][place]
                rows[row] = [(a - times * b) % P for a, b in zip(rows[row], rows[place], strict=True)]
    return [row[-1] for row in rows]


def fraction(bus: BusChallenge, number: int, message: Sequence[int]) -> Element:
    """One over the fingerprint of a message."""
    return quintic.inverse(bus.fingerprint(number, message))
