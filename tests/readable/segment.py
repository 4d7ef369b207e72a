"""The proof of one segment (docs/format.md, "Segment proof"; docs/soundness.md, sections 3 to 8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tests.readable.expressions import Point
from tests.readable.field import DEGREE, K, P, bit_reverse, join, powers, root_of_unity
from tests.readable.fri import LEAF_WIDTH, Layer, check_folding, evaluation_domain
from tests.readable.merkle import CAP, Opening, open_tree, read_opening
from tests.readable.parameters import FOLD_LOG, LOG_BLOWUP, Parameters, fold_count
from tests.readable.poseidon2 import TAG_KEY, TAG_ROW, TAG_SEGMENT, Digest, sponge
from tests.readable.reader import Reader, Refused
from tests.readable.tables import Kind, Message, Table
from tests.readable.transcript import Transcript

FORMAT_VERSION = 1

TREES = ("preprocessed", "main", "stage 2", "quotient")

QUOTIENT_WIDTH = 2 * DEGREE
"""The quotient is Q0 + X^N Q1; each chunk is five columns."""


@dataclass(frozen=True)
class Key:
    """What set-up fixed of a kind: log2 heights plus 1 (0: claimed), and the cap of the preprocessed tree."""

    fixed: Sequence[int]
    cap: Sequence[Digest]

    def words(self) -> list[int]:
        """The key as a list of elements."""
        return [*self.fixed, *(element for digest in self.cap for element in digest)]

    def digest(self, kind: Kind, parameters: Parameters) -> Digest:
        """What transcripts of this kind call the key."""
        head = [FORMAT_VERSION, kind.number, kind.log_size, parameters.level, len(kind.tables)]
        return sponge(TAG_KEY, [*head, *self.words()])


@dataclass(frozen=True)
class JobChallenge:
    """Alpha and beta of the job, and the digest that binds them."""

    binding: Digest
    alpha: K
    beta: K


@dataclass(frozen=True)
class Columns:
    """One committed tree: for each table the number of columns over F, and which of them are read next."""

    widths: Sequence[int]
    following: Sequence[Sequence[int]]


def committed(kind: Kind) -> dict[str, Columns]:
    """The columns of every tree; the quotient stands for one table of 2^log_size rows."""
    tables = kind.tables
    blank: list[list[int]] = [[] for _ in tables]
    sums = [[DEGREE * one + k for one in table.running_sums for k in range(DEGREE)] for table in tables]
    return {
        "preprocessed": Columns([len(table.preprocessed) for table in tables], blank),
        "main": Columns([len(table.main) for table in tables], [table.following for table in tables]),
        "stage 2": Columns([DEGREE * table.stage2 for table in tables], sums),
        "quotient": Columns([QUOTIENT_WIDTH], [[]]),
    }


Place = tuple[str, int, int]
"""Tree, table id and column."""


def batching_order(kind: Kind) -> tuple[list[Place], int]:
    """All columns, those that are read next first; and how many those are."""
    places = [
        (column in columns.following[table], (tree, table, column))
        for tree, columns in committed(kind).items()
        for table, width in enumerate(columns.widths)
        for column in range(width)
    ]
    following = [place for read, place in places if read]
    return [*following, *(place for read, place in places if not read)], len(following)


@dataclass
class SegmentProof:
    """The parts of a segment's proof, read but not yet checked."""

    kind: Kind
    parameters: Parameters
    reader: Reader
    log_heights: list[int] = field(init=False)
    publics: list[int] = field(init=False)
    main_cap: list[Digest] = field(init=False)

    def __post_init__(self) -> None:
        kind, reader = self.kind, self.reader
        self.order, self.read_next = batching_order(kind)
        self.log_heights = reader.words(len(kind.tables))
        self.publics = reader.elements(len(kind.publics))
        self.main_cap = reader.digests(CAP)
        self.stage2_cap = reader.digests(CAP)
        self.sums = [{scope: reader.extensions(1)[0] for scope in table.scopes} for table in kind.tables]
        self.quotient_cap = reader.digests(CAP)
        self.openings = reader.extensions(len(self.order))
        self.openings_next = reader.extensions(self.read_next)
        folds = fold_count(kind.log_size)
        self.fri_caps = [reader.digests(CAP) for _ in range(folds)]
        self.final = reader.extensions(1 << (kind.log_size - FOLD_LOG * folds))
        self.nonces = reader.elements(self.parameters.nonces(folds))
        self.trees = {
            tree: read_opening(reader, sum(columns.widths))
            for tree, columns in committed(kind).items()
            if sum(columns.widths)
        }
        self.layers = [read_opening(reader, LEAF_WIDTH) for _ in range(folds)]
        reader.end()

    @cached_property
    def by_name(self) -> dict[str, int]:
        """Public values by name."""
        return dict(zip(self.kind.publics, self.publics, strict=True))

    def weight(self) -> int:
        """The larger of the numbers of messages sent and received on global buses, over padded heights."""
        return max(
            sum(table.weigh(sign) << height for table, height in zip(self.kind.tables, self.log_heights, strict=True))
            for sign in (1, -1)
        )


def begin(proof: SegmentProof, key: Key, program: Digest) -> Transcript:
    """The transcript up to the main cap, which the segment contributes to the job; checks heights and publics."""
    kind, parameters = proof.kind, proof.parameters
    for table, height, fixed, greatest in zip(
        kind.tables, proof.log_heights, key.fixed, kind.greatest_heights, strict=True
    ):
        if height > greatest or (fixed and height != fixed - 1):
            raise Refused(f"table {table.name} cannot have 2^{height} rows")
    for requirement in kind.requirements:
        requirement.check(proof.by_name)
    transcript = Transcript(TAG_SEGMENT)
    transcript.absorb(FORMAT_VERSION, key.digest(kind, parameters), program, parameters.level, kind.log_size)
    transcript.absorb(proof.log_heights, proof.publics)
    absorb_cap(transcript, proof.main_cap)
    return transcript


def absorb_cap(transcript: Transcript, cap: Sequence[Digest]) -> None:
    """Absorb the 16 digests of a cap."""
    for digest in cap:
        transcript.absorb(digest)


def check_segment(proof: SegmentProof, key: Key, program: Digest, job: JobChallenge) -> K:
    """Check everything but the job's global sum; returns this segment's share of it."""
    kind, parameters, nonces = proof.kind, proof.parameters, list(proof.nonces)
    transcript = begin(proof, key, program)
    transcript.absorb(job.binding, job.alpha, job.beta)
    transcript.check_work(parameters.local_work, nonces, "the local challenges")
    challenges = {"local": (transcript.challenge(), transcript.challenge()), "global": (job.alpha, job.beta)}

    absorb_cap(transcript, proof.stage2_cap)
    for sums in proof.sums:
        transcript.absorb(sums.values())
    transcript.check_work(parameters.constraint_work, nonces, "beta")
    beta = transcript.challenge()

    absorb_cap(transcript, proof.quotient_cap)
    transcript.check_work(parameters.point_work, nonces, "zeta")
    zeta = transcript.challenge()
    domain = evaluation_domain(kind.log_size)
    n = 1 << kind.log_size
    if zeta**n == 1 or (zeta * pow(domain.shift, -1, P)) ** (n << LOG_BLOWUP) == 1:
        raise Refused("zeta lies in the trace domain or in the evaluation domain")

    transcript.absorb(proof.openings, proof.openings_next)
    transcript.check_work(parameters.batch_work, nonces, "gamma")
    gamma = transcript.challenge()
    folds: list[K] = []
    for cap in proof.fri_caps:
        absorb_cap(transcript, cap)
        transcript.check_work(parameters.fold_work, nonces, "a fold")
        folds.append(transcript.challenge())
    transcript.absorb(proof.final)
    transcript.check_work(parameters.query_work, nonces, "the queries")
    queries = sorted({transcript.index(domain.log_size) for _ in range(parameters.queries)})

    _check_constraints(proof, zeta, beta, challenges)
    caps = {"preprocessed": key.cap, "main": proof.main_cap}
    caps |= {"stage 2": proof.stage2_cap, "quotient": proof.quotient_cap}
    rows = {
        tree: open_tree(opening, caps[tree], domain.log_size, queries, TAG_ROW, f"the {tree} tree")
        for tree, opening in proof.trees.items()
    }
    batch = Batch(proof, zeta, gamma, rows)
    layers = [Layer(*parts) for parts in zip(proof.fri_caps, proof.layers, folds, strict=True)]
    check_folding(domain, queries, lambda place: batch.value(place, domain.point(place)), layers, proof.final)
    return _check_sums(proof, challenges)


def _check_constraints(
    proof: SegmentProof, zeta: K, beta: K, challenges: Mapping[str, tuple[K, K]]
) -> None:
    """sum of beta^k C_k(zeta) = (zeta^N - 1) (Q0(zeta) + zeta^N Q1(zeta)), over all tables in one sequence."""
    opened = dict(zip(proof.order, proof.openings, strict=True))
    opened_next = dict(zip(proof.order, proof.openings_next, strict=False))
    total, power = K.of(0), K.of(1)
    for number, table in enumerate(proof.kind.tables):
        y = zeta ** (1 << (proof.kind.log_size - proof.log_heights[number]))
        point = Point(
            _named(table, number, opened),
            _named(table, number, opened_next),
            proof.by_name,
            _selectors(y, proof.log_heights[number]),
        )
        for name, formula in table.shared.items():
            point.shared[name] = formula(point)
        cells, cells_next = (
            {one: join(values[place] for place in places) for one, places in _stage2_places(table, number, values)}
            for values in (opened, opened_next)
        )
        logup = _logup(table, point, cells, cells_next, proof.sums[number], challenges)
        for value in (*(constraint(point) for constraint in table.constraints), *logup):
            total = total + power * value
            power = power * beta
    chunks = [join(opened["quotient", 0, DEGREE * chunk + k] for k in range(DEGREE)) for chunk in range(2)]
    height = zeta ** (1 << proof.kind.log_size)
    if total != (height - 1) * (chunks[0] + height * chunks[1]):
        raise Refused("the constraints do not give the quotient")


def _named(table: Table, number: int, opened: Mapping[Place, K]) -> dict[str, K]:
    """Preprocessed and main columns of a table by name, as far as they are opened."""
    columns = [("preprocessed", table.preprocessed), ("main", table.main)]
    return {
        name: opened[tree, number, column]
        for tree, names in columns
        for column, name in enumerate(names)
        if (tree, number, column) in opened
    }


def _stage2_places(
    table: Table, number: int, opened: Mapping[Place, K]
) -> Iterator[tuple[int, list[Place]]]:
    """For each stage-2 column that is opened, the places of its five columns."""
    for one in range(table.stage2):
        places = [("stage 2", number, DEGREE * one + k) for k in range(DEGREE)]
        if places[0] in opened:
            yield one, places


def _selectors(y: K, log_height: int) -> dict[str, K]:
    """The three selectors of a table of m rows at the power y of zeta."""
    m = 1 << log_height
    last = pow(root_of_unity(log_height), -1, P)
    vanishing = y**m - 1
    return {
        "first": vanishing * ((y - 1) * m).inverse(),
        "last": vanishing * last * ((y - last) * m).inverse(),
        "transition": y - last,
    }


def _logup(
    table: Table,
    point: Point,
    cells: Mapping[int, K],
    cells_next: Mapping[int, K],
    sums: Mapping[str, K],
    challenges: Mapping[str, tuple[K, K]],
) -> Iterator[K]:
    """LogUp's constraints: for each scope its clusters, the running sum last, then that it starts at zero."""
    number = 0
    for scope in table.scopes:
        clusters = table.clusters(scope)
        others, phi = K.of(0), number + len(clusters) - 1
        for cluster in clusters:
            cell = cells[number]
            if number == phi:
                cell = cells_next[phi] - cells[phi] - others + point.selectors["last"] * sums[scope]
            yield _cluster(cluster, point, cell, *challenges[scope])
            others = others + cells[number]
            number += 1
        yield point.selectors["first"] * cells[phi]


def _cluster(messages: Sequence[Message], point: Point, cell: K, alpha: K, beta: K) -> K:
    """cell d1 d2 - (m1 d2 + m2 d1), or cell d1 - m1."""
    numerator, denominator = K.of(0), K.of(1)
    for message in messages:
        m, d = message.fraction(point, alpha, beta)
        numerator, denominator = numerator * d + m * denominator, denominator * d
    return cell * denominator - numerator


def _check_sums(proof: SegmentProof, challenges: Mapping[str, tuple[K, K]]) -> K:
    """Local sums and terms add up to zero; the global ones are returned."""
    totals = {scope: K.of(0) for scope in challenges}
    for sums in proof.sums:
        for scope, value in sums.items():
            totals[scope] = totals[scope] + value
    for term in proof.kind.terms:
        totals[term.scope] = totals[term.scope] + term_value(term, proof.by_name, challenges[term.scope])
    if totals["local"] != 0:
        raise Refused("the local buses of the segment are out of balance")
    return totals["global"]


def term_value(term: Message, publics: Mapping[str, int], challenge: tuple[K, K]) -> K:
    """The fraction of a public term."""
    numerator, denominator = term.fraction(Point(publics=publics), *challenge)
    if denominator == 0:
        raise Refused("a public term has the denominator zero")
    return numerator * denominator.inverse()


class Batch:
    """The batch of all columns at points of D (docs/soundness.md, section 7)."""

    def __init__(
        self, proof: SegmentProof, zeta: K, gamma: K, rows: Mapping[str, Mapping[int, Sequence[int]]]
    ) -> None:
        self._rows, self._zeta = rows, zeta
        self._zeta_next = zeta * root_of_unity(proof.kind.log_size)
        self._powers = [power.coefficients for power in powers(gamma, len(proof.order))]
        self._scale = gamma ** len(proof.order)
        self._read_next = proof.read_next
        self._value = _combine(self._powers, proof.openings)
        self._value_next = _combine(self._powers, proof.openings_next)
        starts: dict[tuple[str, int], int] = {}
        for tree, columns in committed(proof.kind).items():
            for table in range(len(columns.widths)):
                starts[tree, table] = sum(columns.widths[:table])
        self._places = [(tree, starts[tree, table] + column) for tree, table, column in proof.order]

    def value(self, place: int, x: int) -> K:
        """The batch at the point x, from the rows opened at a place."""
        rows = {tree: opened[place] for tree, opened in self._rows.items()}
        values = [rows[tree][column] for tree, column in self._places]
        at_zeta = self._mix(values) - self._value
        at_next = self._mix(values[: self._read_next]) - self._value_next
        first = at_zeta * (-self._zeta + x).inverse()
        return first + self._scale * at_next * (-self._zeta_next + x).inverse()

    def _mix(self, values: Sequence[int]) -> K:
        """sum of gamma^k value_k, for values in F."""
        parts = zip(*self._powers[: len(values)], strict=True) if values else [()] * DEGREE
        return K(sum(map(int.__mul__, part, values)) for part in parts)


def _combine(bases: Sequence[Sequence[int]], values: Sequence[K]) -> K:
    """sum of gamma^k value_k, for values in K."""
    return sum((K(base) * value for base, value in zip(bases, values, strict=False)), K.of(0))


def read_segment(data: bytes, kind: Kind, parameters: Parameters) -> SegmentProof:
    """Read a segment's proof."""
    return SegmentProof(kind, parameters, Reader(data, b"pzS1", "the segment proof"))
