"""The prover of one segment: commit to its main trace, then, under the job's challenge, prove it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zisk.hash.pruned_tree import PrunedTree
from zisk.kernels.backend import Backend
from zisk.kernels.operands import Array
from zisk.stages import NULL_STAGES, Stage, Stages
from zisk.stark.batching import Tree, batching_order
from zisk.stark.commitment import Commitment, FixedTables, commit, commit_extended, log_height_of
from zisk.stark.errors import TraceError
from zisk.stark.expression import Scope
from zisk.stark.fri import FoldedLayer, fold_codeword
from zisk.stark.key import Digest
from zisk.stark.logup import LogupTable, logup_columns
from zisk.stark.opening import OpenedTable, fri_codeword, open_tables
from zisk.stark.proof import SegmentProof, TreeOpening
from zisk.stark.quotient import ExtendedTable, quotient_columns
from zisk.stark.scalars import Challenges
from zisk.stark.transcript_order import JobChallenge, SearchedWork, SegmentTranscript


@dataclass(frozen=True, slots=True)
class CommittedSegment:
    """A segment whose main trace is committed; everything that the rest of the proof needs.

    Attributes:
        traces: for each table its main columns, uint32[w, n] on its subgroup, Montgomery.
        leaf: the segment's digest in the job's contribution tree.
    """

    fixed: FixedTables
    traces: tuple[Array, ...]
    publics: tuple[int, ...]
    program_digest: Digest
    main: Commitment
    leaf: Digest

    @property
    def log_heights(self) -> tuple[int, ...]:
        """log2 of each table's height."""
        return tuple(log_height_of(trace) for trace in self.traces)

    @property
    def weight(self) -> int:
        """The segment's share of the job's limit on global messages."""
        return self.fixed.key.kind.weight(self.log_heights)

    @property
    def nbytes(self) -> int:
        """Memory that traces, extended tables and tree take, in bytes; what is fixed is not the segment's."""
        return sum(trace.nbytes for trace in self.traces) + self.main.nbytes


def commit_segment(
    fixed: FixedTables,
    traces: Sequence[Array],
    publics: Sequence[int],
    program_digest: Digest,
    backend: Backend,
    stages: Stages = NULL_STAGES,
    tree: PrunedTree | None = None,
) -> CommittedSegment:
    """Commit to a segment's main trace.

    `traces` are the main columns of each table by table id, uint32[w, 2^h], Montgomery; `publics` the kind's
    public values, canonical. With the pruned `tree` of an earlier commitment to the same segment, nothing is
    hashed; that it is the same is found out when it is proved.

    Raises:
        TraceError: a trace does not fit its table.
    """
    _check_shapes(fixed, traces)
    key = fixed.key
    kind = key.kind
    main = commit(traces, kind.log_size, key.parameters, backend, stages, sponges=kind.sponges, tree=tree)
    heights = [log_height_of(trace) for trace in traces]
    transcript = SegmentTranscript(key, SearchedWork(backend))
    leaf = transcript.commit_main(program_digest, heights, publics, main.cap)
    return CommittedSegment(fixed, tuple(traces), tuple(publics), program_digest, main, leaf)


def prove_segment(
    segment: CommittedSegment, job: JobChallenge, backend: Backend, stages: Stages = NULL_STAGES
) -> SegmentProof:
    """Prove a committed segment under the job's challenge.

    The traces must be valid; a trace that breaks a constraint ends in a `TraceError` or in a proof that is
    refused.

    Raises:
        TraceError: the segment's tree is pruned, and was built over other traces.
    """
    fixed, key = segment.fixed, segment.fixed.key
    kind, parameters = key.kind, key.parameters
    work = SearchedWork(backend, stages)
    transcript = SegmentTranscript(key, work)
    heights = segment.log_heights
    transcript.commit_main(segment.program_digest, heights, segment.publics, segment.main.cap)
    buses = {Scope.LOCAL: transcript.local_challenge(job), Scope.GLOBAL: job.bus}
    publics = [tuple(segment.publics[place] for place in places) for places in kind.public_places]
    with stages.stage(Stage.LOGUP):
        tables = zip(kind.airs, fixed.values, segment.traces, publics, strict=True)
        logup = logup_columns([LogupTable(*table) for table in tables], buses, backend)
        columns, sums = [one.columns for one in logup], [one.sums for one in logup]
    size, blowup = kind.log_size, parameters.log_blowup
    stage2 = commit(columns, size, parameters, backend, stages, sponges=kind.sponges)
    exposed = tuple(table[scope] for table in sums for scope in Scope if scope in table)
    fold = transcript.constraint_challenge(stage2.cap, exposed)

    challenges = [
        Challenges(buses, table, fold, offset)
        for table, offset in zip(sums, kind.constraint_offsets, strict=False)
    ]
    with stages.stage(Stage.QUOTIENT):
        values = _quotient(segment, stage2, publics, challenges, backend, stages)
    quotient = commit_extended([values], size, parameters, backend, stages)
    zeta = transcript.point(quotient.cap)

    opened = _opened_tables(segment, stage2, quotient)
    order = batching_order(kind)
    with stages.stage(Stage.OPEN):
        here, following = open_tables(opened, order, zeta, size, blowup, backend)
        gamma = transcript.batching_challenge((*here, *following))
        codeword = fri_codeword(opened, order, here, following, zeta, gamma, size, blowup, backend)
    with stages.stage(Stage.FRI):
        layers, final = fold_codeword(codeword, size, parameters, transcript, backend, stages)
    indices = transcript.query_indices(final)
    with stages.stage(Stage.OPEN):
        trees = [tree for tree in (fixed.commitment, segment.main, stage2, quotient) if tree is not None]
        tree_openings = tuple(tree.open(sorted(set(indices))) for tree in trees)
        layer_openings = _open_layers(layers, indices, parameters.log_folding_arity)
    return SegmentProof(
        log_heights=heights,
        publics=segment.publics,
        main_cap=segment.main.cap,
        stage2_cap=stage2.cap,
        sums=exposed,
        quotient_cap=quotient.cap,
        here=here,
        following=following,
        fold_caps=tuple(layer.cap for layer in layers),
        final_polynomial=final,
        nonces=tuple(work.nonces),
        trees=tree_openings,
        layers=layer_openings,
    )


def _check_shapes(fixed: FixedTables, traces: Sequence[Array]) -> None:
    kind = fixed.key.kind
    if len(traces) != len(kind.tables):
        raise TraceError(f"{kind.name}: {len(traces)} traces for {len(kind.tables)} tables")
    for shape, trace in zip(kind.tables, traces, strict=True):
        if trace.shape[0] != shape.air.main_width:
            raise TraceError(f"table {shape.air.name}: {trace.shape[0]} columns, not {shape.air.main_width}")
    heights = [log_height_of(trace) for trace in traces]
    if not fixed.key.heights_allowed(heights):
        raise TraceError(f"{kind.name}: heights {heights} are not what the key allows")


def _quotient(
    segment: CommittedSegment,
    stage2: Commitment,
    publics: Sequence[tuple[int, ...]],
    challenges: Sequence[Challenges],
    backend: Backend,
    stages: Stages,
) -> Array:
    key = segment.fixed.key
    tables = [
        ExtendedTable(air, _preprocessed(segment, index), main, logup, values, known)
        for index, (air, main, logup, values, known) in enumerate(
            zip(key.kind.airs, segment.main.tables, stage2.tables, publics, challenges, strict=True)
        )
    ]
    return quotient_columns(tables, key.parameters.log_blowup, backend, stages)


def _preprocessed(segment: CommittedSegment, table: int) -> Array | None:
    """A table's preprocessed columns on its cosets; None where no table has any."""
    commitment = segment.fixed.commitment
    return None if commitment is None else commitment.tables[table]


def _opened_tables(segment: CommittedSegment, stage2: Commitment, quotient: Commitment) -> list[OpenedTable]:
    trees = (
        (Tree.PREPROCESSED, segment.fixed.commitment),
        (Tree.MAIN, segment.main),
        (Tree.STAGE2, stage2),
        (Tree.QUOTIENT, quotient),
    )
    return [
        OpenedTable(tree, index, columns)
        for tree, commitment in trees
        if commitment is not None
        for index, columns in enumerate(commitment.tables)
        if columns.shape[0]
    ]


def _open_layers(
    layers: Sequence[FoldedLayer], indices: Sequence[int], log_arity: int
) -> tuple[TreeOpening, ...]:
    openings = []
    for depth, layer in enumerate(layers, start=1):
        openings.append(layer.open(sorted({index >> (log_arity * depth) for index in indices})))
    return tuple(openings)
