"""The verifier of a segment or circuit: transcript, then conditions (docs/soundness.md, section 8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.readable.batch import Batch
from tests.readable.constraints import Challenges, check_constraints
from tests.readable.expressions import Point
from tests.readable.field import K, P
from tests.readable.fri import Layer, check_folding, evaluation_domain
from tests.readable.merkle import open_tree
from tests.readable.parameters import Parameters
from tests.readable.poseidon2 import TAG_KEY, TAG_ROW, TAG_SEGMENT, Digest, sponge
from tests.readable.proof import SegmentProof, leaf_parts
from tests.readable.reader import RefusedError
from tests.readable.tables import Kind, Message
from tests.readable.transcript import Transcript

FORMAT_VERSION = 1


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


def check_heights(proof: SegmentProof, key: Key) -> None:
    """Check that tables have the heights that the key fixes, and none more than its greatest."""
    kind = proof.kind
    for table, height, fixed, greatest in zip(
        kind.tables, proof.log_heights, key.fixed, kind.greatest_heights, strict=True
    ):
        if height > greatest or (fixed and height != fixed - 1):
            raise RefusedError(f"table {table.name} cannot have 2^{height} rows")


def begin(proof: SegmentProof, key: Key, program: Digest) -> Transcript:
    """The transcript up to the main cap, whose digest is the segment's leaf; checks heights and publics."""
    kind, parameters = proof.kind, proof.parameters
    check_heights(proof, key)
    for requirement in kind.requirements:
        requirement.check(proof.publics)
    transcript = Transcript(TAG_SEGMENT)
    transcript.absorb(FORMAT_VERSION, key.digest(kind, parameters), program, parameters.level, kind.log_size)
    transcript.absorb(proof.log_heights, proof.publics.values(), *proof.main_cap)
    return transcript


def check_segment(proof: SegmentProof, key: Key, program: Digest, job: JobChallenge) -> K:
    """Check everything but the job's global sum; returns this segment's share of it."""
    kind, parameters, nonces = proof.kind, proof.parameters, list(proof.nonces)
    transcript = begin(proof, key, program)
    transcript.absorb(job.binding, job.alpha, job.beta)
    transcript.check_work(parameters.local_work, nonces, "the local challenges")
    challenges = {"local": (transcript.challenge(), transcript.challenge()), "global": (job.alpha, job.beta)}

    transcript.absorb(*proof.stage2_cap, *(sums.values() for sums in proof.sums))
    transcript.check_work(parameters.constraint_work, nonces, "beta")
    beta = transcript.challenge()

    transcript.absorb(*proof.quotient_cap)
    transcript.check_work(parameters.point_work, nonces, "zeta")
    zeta = transcript.challenge()
    domain = evaluation_domain(kind.log_size, parameters.log_blowup)
    n = 1 << kind.log_size
    if zeta**n == 1 or (zeta * pow(domain.shift, -1, P)) ** (n << parameters.log_blowup) == 1:
        raise RefusedError("zeta lies in the trace domain or in the evaluation domain")

    transcript.absorb(proof.openings, proof.openings_next)
    transcript.check_work(parameters.batch_work, nonces, "gamma")
    gamma = transcript.challenge()
    folds: list[K] = []
    for number, cap in enumerate(proof.fri_caps):
        transcript.absorb(*cap)
        transcript.check_work(parameters.work_before_fold(number), nonces, "a fold")
        folds.append(transcript.challenge())
    transcript.absorb(proof.final)
    transcript.check_work(parameters.query_work, nonces, "the queries")
    queries = sorted({transcript.index(domain.log_size) for _ in range(parameters.queries)})

    check_constraints(proof, zeta, beta, challenges)
    caps = {"preprocessed": key.cap, "main": proof.main_cap}
    caps |= {"stage 2": proof.stage2_cap, "quotient": proof.quotient_cap}
    rows = {
        tree: open_tree(
            opening,
            caps[tree],
            domain.log_size,
            queries,
            TAG_ROW,
            f"the {tree} tree",
            parts=leaf_parts(proof.kind, tree),
        )
        for tree, opening in proof.trees.items()
    }
    batch = Batch(proof, zeta, gamma, rows)
    layers = [Layer(*parts) for parts in zip(proof.fri_caps, proof.layers, folds, strict=True)]
    check_folding(domain, queries, lambda place: batch.value(place, domain.point(place)), layers, proof.final)
    return _check_sums(proof, challenges)


def _check_sums(proof: SegmentProof, challenges: Challenges) -> K:
    """Local sums and terms add up to zero; the global ones are returned."""
    totals = {scope: K.of(0) for scope in challenges}
    for sums in proof.sums:
        for scope, value in sums.items():
            totals[scope] = totals[scope] + value
    for term in proof.kind.terms:
        totals[term.scope] = totals[term.scope] + term_value(term, proof.publics, challenges[term.scope])
    if totals["local"] != 0:
        raise RefusedError("the local buses of the segment are out of balance")
    return totals["global"]


def term_value(term: Message, publics: Mapping[str, int], challenge: tuple[K, K]) -> K:
    """The fraction of a public term."""
    numerator, denominator = term.fraction(Point(publics=publics), *challenge)
    if denominator == 0:
        raise RefusedError("a public term has the denominator zero")
    return numerator * denominator.inverse()
