"""Both provers go on from what a session of theirs kept, behind the cluster's protocol."""

from pathlib import Path
from typing import Any

import pytest

from tests.cluster.fake_engine import FakeEngine
from zisk.cluster.engines.local import LocalEngine
from zisk.cluster.engines.protocol import ProverEngine, Span
from zisk.errors import ErrorKind, ZiskError
from zisk.proof_format.forms import ProofForm
from zisk.prover.errors import ContributionError

EXAMPLES = Path(__file__).parents[3] / "examples"
FIBONACCI = (EXAMPLES / "fibonacci" / "fibonacci.elf").read_bytes()
INPUT = (EXAMPLES / "fibonacci" / "inputs" / "90.bin").read_bytes()
UNITS = 2
CASES = [
    *(pytest.param(FakeEngine(), form, id=f"fake-{form}") for form in ProofForm),
    pytest.param(LocalEngine(threads=1), ProofForm.COMPOSITE, id="local", marks=pytest.mark.slow),
]


class Job:
    """A job that one session proved, and all that was kept of it."""

    def __init__(self, engine: ProverEngine, form: ProofForm) -> None:
        self.engine, self.form = engine, form
        self.program = engine.setup(FIBONACCI, log_size=16, security=100)
        self.commitments: dict[int, bytes] = {}
        self.pieces: dict[Span, bytes] = {}
        self.session = self.going_on(self.commitments, {})
        self.contribution = self.session.contributions()
        self.challenge = engine.global_challenge(self.program, [self.contribution], UNITS)
        self.payloads = self.session.prove(self.challenge, keep=self.pieces.__setitem__)

    def going_on(self, told: dict[int, bytes], committed: dict[int, bytes]) -> Any:
        """A session that goes on from commitments, and tells those that it makes."""
        return self.engine.session(
            self.program,
            INPUT,
            units=UNITS,
            allocation=range(UNITS),
            form=self.form,
            committed=committed,
            on_commit=told.__setitem__,
        )

    def proof(self) -> bytes:
        """Its proof, from what its units deliver."""
        aggregation = self.engine.aggregation(
            self.program, self.challenge, form=self.form, keep=self.pieces.__setitem__
        )
        assert aggregation.missing == list(range(UNITS))
        for unit, payload in enumerate(self.payloads):
            aggregation.add(unit, payload)
        assert aggregation.missing == []
        return aggregation.finish()


@pytest.mark.parametrize(("engine", "form"), CASES)
def test_a_successor_makes_only_what_is_missing(engine: ProverEngine, form: ProofForm):
    job = Job(engine, form)
    assert sorted(job.pieces) == [(0, 1), (1, 2)]
    for missing in range(UNITS):
        committed = {place: data for place, data in job.commitments.items() if place != missing}
        stored = {span: data for span, data in job.pieces.items() if span[0] != missing}
        told, made = dict[int, bytes](), dict[Span, bytes]()
        session = job.going_on(told, committed)
        assert session.contributions() == job.contribution
        assert session.prove(job.challenge, stored=stored, keep=made.__setitem__) == job.payloads
        assert told == {missing: job.commitments[missing]}
        assert made == {(missing, missing + 1): job.pieces[missing, missing + 1]}


@pytest.mark.parametrize(("engine", "form"), CASES)
def test_an_aggregation_goes_on_from_pieces(engine: ProverEngine, form: ProofForm):
    job = Job(engine, form)
    proof = job.proof()
    damaged, refused = job.pieces | {(0, 1): b"junk"}, dict[Span, ZiskError]()
    aggregation = engine.aggregation(
        job.program, job.challenge, form=form, stored=damaged, on_refusal=refused.__setitem__
    )
    if form is ProofForm.COMPOSITE:
        assert list(refused) == [(0, 1)]
        assert refused[0, 1].kind is ErrorKind.BAD_PROOF
        assert aggregation.missing == [0]
        aggregation.add(0, job.payloads[0])
    assert aggregation.missing == []
    assert aggregation.finish() == proof


@pytest.mark.slow
def test_bytes_that_are_no_commitment_are_refused():
    job = Job(LocalEngine(threads=1), ProofForm.COMPOSITE)
    with pytest.raises(ContributionError, match="this is no commitment to a segment"):
        job.going_on({}, {0: b"junk"})
