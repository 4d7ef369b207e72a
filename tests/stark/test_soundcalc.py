"""Our report against soundcalc's formulas, computed here from the files that `docs` has for soundcalc.

Formulas of github.com/ethereum/soundcalc, commit 809896f (2026-04): `proxgaps/unique_decoding.py`,
`proxgaps/johnson_bound.py`, `pcs/fri.py`, `circuits/deep_ali.py`, `lookups/logup.py`. Numbers come from the
files alone, in floating point.
"""

import importlib.util
import sys
import tomllib
from collections.abc import Mapping
from math import ceil, floor, log2, sqrt
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from zisk.choices import SECURITY_LEVELS
from zisk.stark.soundness import SoundnessReport, report

DOCUMENTS = Path(__file__).parents[2] / "docs"
FIELD_SIZE = float((2**31 - 2**24 + 1) ** 5)

Circuit = Mapping[str, Any]


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_soundcalc", DOCUMENTS / "generate_soundcalc.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def described(level: int) -> dict[str, Circuit]:
    content = tomllib.loads((DOCUMENTS / f"soundcalc-{level}.toml").read_text(encoding="utf-8"))
    return {circuit["name"]: circuit for circuit in content["circuits"]}


def reported(level: int) -> dict[str, SoundnessReport]:
    return {shape.kind: report(shape, parameters) for shape, parameters in generator().circuits(level)}


class Regime:
    """Radius, error of a line on a domain of a length, and list of a circuit."""

    def __init__(self, circuit: Circuit) -> None:
        rho = circuit["rho"]
        if circuit["explicit_regime"] == "unique":
            self.theta, self.candidates, self.multiplicity = (1 - rho) / 2, 1.0, None
        else:
            gap = circuit["gap_to_radius"]
            self.theta = 1 - sqrt(rho) - gap
            self.candidates = 1 / (2 * gap * sqrt(rho))
            self.multiplicity = max(ceil(sqrt(rho) / (2 * gap)), 3)
        self._rho = rho

    def line(self, length: float) -> float:
        if self.multiplicity is None:
            return (self.theta * length + 1) / FIELD_SIZE
        rho, m = self._rho, self.multiplicity + 0.5
        first = (2 * m**5 + 3 * m * self.theta * rho) * length / (3 * rho * sqrt(rho))
        return (first + m / sqrt(rho)) / FIELD_SIZE

    @property
    def candidates_of_multiplicity(self) -> float:
        """The list of a circuit whose multiplicity soundcalc is told: 1 in unique decoding."""
        return 1.0 if self.multiplicity is None else (self.multiplicity + 0.5) / sqrt(self._rho)


def levels_by_soundcalc(circuit: Circuit, candidates: float) -> dict[str, float]:
    """Bits of every round, by our names, with a list of so many candidates."""
    regime, dimension = Regime(circuit), circuit["trace_length"]
    length = dimension / circuit["rho"]
    degree, points = circuit["air_max_degree"], circuit["opening_points"]
    deep = (degree * (dimension + points - 1) + dimension - 1) / (FIELD_SIZE - dimension - length)
    errors = {
        "constraints (ALI)": candidates * circuit["num_constraints"] / FIELD_SIZE,
        "out of domain (DEEP)": candidates * deep / 2 ** circuit["grinding_deep"],
        "batching": (circuit["batch_size"] - 1)
        * regime.line(length)
        / 2 ** circuit["grinding_batching_phase"],
        "queries": (1 - regime.theta) ** circuit["num_queries"] / 2 ** circuit["grinding_query_phase"],
    }
    for bus in circuit["lookups"]:
        terms = bus["num_lookups_M"] * (bus["rows_L"] + bus["rows_T"]) * bus["num_columns_S"]
        errors[bus["name"]] = terms / FIELD_SIZE / 2 ** bus["grinding_bits_lookup"]
    for fold, arity in enumerate(circuit["fri_folding_factors"]):
        length /= arity
        errors[f"fold {fold + 1}"] = (arity - 1) * regime.line(length) / 2 ** circuit["grinding_commit_phase"]
    assert length == circuit["fri_early_stop_degree"]
    return {name: -log2(error) for name, error in errors.items()}


ROUNDING = 1e-9
LINE_ROUNDING = 1e-4
"""Bits that ours may have more where the error is that of a line, in unique decoding: we take theta for
degree N + 2, soundcalc for N, and a smaller theta has a smaller error. In no other term do we have more."""


@pytest.mark.parametrize("level", SECURITY_LEVELS)
def test_no_term_of_ours_has_more_bits_than_soundcalc_gives_it(level: int) -> None:
    ours = reported(level)
    assert list(ours) == list(described(level))
    for name, circuit in described(level).items():
        theirs = levels_by_soundcalc(circuit, Regime(circuit).candidates_of_multiplicity)
        bits = {term.name: term.bits for term in ours[name].terms}
        assert set(bits) == set(theirs)
        for term, found in bits.items():
            line = circuit["explicit_regime"] == "unique" and term.startswith(("batching", "fold"))
            assert found <= theirs[term] + (LINE_ROUNDING if line else ROUNDING), (name, term)


@pytest.mark.parametrize("level", SECURITY_LEVELS)
def test_terms_differ_by_what_the_files_say_and_by_nothing_else(level: int) -> None:
    """Less in ours: the list and one more element for a bus, and proof-of-work of later folds."""
    ours = reported(level)
    for name, circuit in described(level).items():
        theirs = levels_by_soundcalc(circuit, Regime(circuit).candidates_of_multiplicity)
        expected = dict(theirs)
        for bus in circuit["lookups"]:
            elements = bus["num_columns_S"]
            more = Regime(circuit).candidates_of_multiplicity * (elements + 1) / elements
            expected[bus["name"]] -= log2(more)
        for fold, bits in enumerate(circuit["grinding_folds"]):
            expected[f"fold {fold + 1}"] += bits - circuit["grinding_commit_phase"]
        bits = {term.name: term.bits for term in ours[name].terms}
        assert bits == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("level", SECURITY_LEVELS)
def test_soundcalc_as_it_reads_the_files_finds_the_level_for_every_circuit(level: int) -> None:
    totals = {
        name: min(floor(bits) for bits in levels_by_soundcalc(circuit, Regime(circuit).candidates).values())
        for name, circuit in described(level).items()
    }
    assert totals == dict.fromkeys(totals, level)
    assert {name: one.bits for name, one in reported(level).items()} == totals


def test_the_multiplicity_that_soundcalc_finds_is_ours() -> None:
    for level in SECURITY_LEVELS:
        found = {name: Regime(circuit).multiplicity for name, circuit in described(level).items()}
        parameters = generator().circuits(level)
        assert found == {shape.kind: one.multiplicity for shape, one in parameters}


def test_no_fold_is_weaker_than_the_first_one() -> None:
    for level in SECURITY_LEVELS:
        for one in reported(level).values():
            first, *others = (term.bits for term in one.terms if term.name.startswith("fold"))
            assert all(bits >= first - 1e-3 for bits in others)


def test_committed_files_are_those_that_the_code_gives() -> None:
    texts = generator().files()
    committed = {path.name: path.read_text(encoding="utf-8") for path in DOCUMENTS.glob("soundcalc*.toml")}
    assert committed == texts, f"run {sys.executable} docs/generate_soundcalc.py"
