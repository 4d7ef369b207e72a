"""The soundness report: its formulas against published figures, and the default parameters against it."""

import json
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from zisk.field.koalabear import P
from zisk.stark.kind import WEIGHT_LIMIT
from zisk.stark.parameters import CircuitRole, circuit_parameters, parameters_for
from zisk.stark.proximity import CHALLENGE_FIELD_SIZE, Regime, johnson, unique_decoding
from zisk.stark.soundness import (
    JOB_GLOBAL_FRACTIONS,
    ShapeSummary,
    TableSummary,
    bits_of,
    bus_error,
    collision_bits,
    constraint_error,
    deep_error,
    grinding_error,
    report,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "soundness.md"
BABYBEAR_4 = (2**31 - 2**27 + 1) ** 4
KOALABEAR_4 = P**4


def core(log_size: int) -> ShapeSummary:
    """A core segment larger than any that the tables of the machine are expected to make."""
    families = [TableSummary(f"family {number}", 18, 0, log_size) for number in range(25)]
    return ShapeSummary(
        kind="core",
        log_size=log_size,
        columns=3_000,
        columns_next=500,
        constraints=4_000,
        tables=[*families, TableSummary("boundary", 6, 2, log_size)],
        message_length_local=9,
        message_length_global=12,
    )


def published(log_blowup: int) -> Regime:
    """Unique decoding with the radius (1 - rho) / 2, as the published reports take it."""
    return unique_decoding(1, 1 << log_blowup, points=0)


def fewest_queries(log_blowup: int, level: int, grinding_bits: int) -> int:
    """The fewest queries whose term reaches the level."""
    per_query = bits_of(published(log_blowup).query_error(1))
    return math.ceil((level - grinding_bits) / per_query)


class TestOpenVmApp:
    """soundcalc 2026-05: OpenVM 1.5 app, BabyBear^4, N = 2^23, rate 1/2; figures rounded down."""

    dimension = 2**23
    length = 2**24

    def test_batching_has_105_bits(self) -> None:
        error = published(1).powers_error(80_000, self.length, BABYBEAR_4)
        assert math.floor(bits_of(error) + 20) == 105

    def test_commit_has_102_bits(self) -> None:
        error = published(1).powers_error(2, self.length // 2, BABYBEAR_4)
        assert math.floor(bits_of(error)) == 102

    def test_ali_has_109_bits(self) -> None:
        assert math.floor(bits_of(constraint_error(15_000, BABYBEAR_4))) == 109

    def test_deep_has_103_bits(self) -> None:
        error = deep_error(self.dimension, self.length, 3, 2, BABYBEAR_4)
        assert math.floor(bits_of(error) + 5) == 103

    def test_queries_have_100_bits(self) -> None:
        assert math.floor(bits_of(published(1).query_error(193)) + 20) == 100


class TestSp1Core:
    """soundcalc 2026-05: SP1 6.1 core, KoalaBear^4, 193 stacked columns of 2^21, rate 1/4."""

    length = 2**23

    def test_batching_by_8_multilinear_challenges_has_104_bits(self) -> None:
        error = 8 * published(2).line_error(self.length, KOALABEAR_4)
        assert math.floor(bits_of(error) + 5) == 104

    def test_commit_has_103_bits(self) -> None:
        error = published(2).powers_error(2, self.length // 2, KOALABEAR_4)
        assert math.floor(bits_of(error)) == 103

    def test_queries_have_100_bits(self) -> None:
        assert math.floor(bits_of(published(2).query_error(124)) + 16) == 100


@pytest.mark.parametrize(
    ("level", "grinding_bits", "queries"),
    [
        (100, 16, [203, 124, 102, 93]),
        (100, 20, [193, 118, 97, 88]),
        (128, 16, [270, 166, 135, 123]),
        (128, 20, [261, 160, 131, 119]),
    ],
)
def test_queries_for_blowup_2_4_8_16(level: int, grinding_bits: int, queries: list[int]) -> None:
    assert [fewest_queries(log_blowup, level, grinding_bits) for log_blowup in (1, 2, 3, 4)] == queries


def test_batching_512_values_at_2_to_the_20_needs_grinding_for_128_bits() -> None:
    regime, length = published(1), 2**21
    assert round(bits_of(regime.powers_error(512, length)), 1) == 126.9
    assert round(bits_of(9 * regime.line_error(length)), 1) == 132.8
    assert round(bits_of(regime.line_error(length)), 1) == 135.9


def test_one_bus_of_2_to_the_30_fractions_and_length_6_has_122_bits() -> None:
    assert round(bits_of(bus_error(2**30, 6))) == 122


def test_digests_of_nine_elements_collide_at_139_bits() -> None:
    assert collision_bits() == 139
    assert collision_bits(8) == 123


def test_the_challenge_field_has_nearly_155_bits() -> None:
    assert CHALLENGE_FIELD_SIZE == P**5
    assert round(math.log2(CHALLENGE_FIELD_SIZE), 2) == 154.94


def test_grinding_counts_the_elements_that_pass_exactly() -> None:
    assert grinding_error(0) == 1
    assert grinding_error(20) == Fraction(127 * 16 + 1, P)
    assert grinding_error(24) == Fraction(128, P)


@pytest.mark.parametrize("level", [128, 100])
@pytest.mark.parametrize("log_size", [16, 18, 20, 22])
def test_default_parameters_reach_their_level_in_every_term(level: int, log_size: int) -> None:
    result = report(core(log_size), parameters_for(level))
    assert result.shortfalls == ()
    assert result.bits == level
    assert result.weakest.name in {"queries", "global LogUp"}


def test_the_terms_follow_the_transcript() -> None:
    assert [term.name for term in report(core(20), parameters_for(128)).terms] == [
        "global LogUp",
        "local LogUp",
        "constraints (ALI)",
        "out of domain (DEEP)",
        "batching",
        "fold 1",
        "fold 2",
        "fold 3",
        "fold 4",
        "fold 5",
        "queries",
    ]


def test_each_term_is_its_formula_with_its_grinding() -> None:
    dimension, length = 2**16, 2**17
    radius = unique_decoding(dimension, length).radius
    result = report(core(16), parameters_for(128))
    assert result.radius == radius == Fraction(2**16 - 2, 2**18)
    assert {term.name: term.error for term in result.terms} == {
        "global LogUp": Fraction((2**31 + 128) * 14, P**5) * grinding_error(8),
        "local LogUp": Fraction((456 * 2**16 + 2) * 11, P**5) * grinding_error(9),
        "constraints (ALI)": Fraction(4_000, P**5),
        "out of domain (DEEP)": Fraction(3 * (2**16 + 1) + 2**16, P**5 - 2**16 - 2**17),
        "batching": 5_999 * (radius * 2**17 + 1) / P**5 * grinding_error(7),
        "fold 1": 7 * (radius * 2**14 + 1) / P**5,
        "fold 2": 7 * (radius * 2**11 + 1) / P**5,
        "fold 3": 7 * (radius * 2**8 + 1) / P**5,
        "fold 4": 7 * (radius * 2**5 + 1) / P**5,
        "queries": (1 - radius) ** 261 * grinding_error(20),
    }


@pytest.mark.parametrize(
    ("change", "shortfalls"),
    [
        ({"queries": 260}, ["queries"]),
        ({"query_grinding_bits": 19}, ["queries"]),
        ({"global_grinding_bits": 7}, ["global LogUp"]),
        ({"batching_grinding_bits": 6}, ["batching"]),
        ({"local_grinding_bits": 7}, ["local LogUp"]),
    ],
)
def test_one_step_less_misses_128_bits_at_size_22(change: dict[str, int], shortfalls: list[str]) -> None:
    result = report(core(22), replace(parameters_for(128), **change))
    assert [term.name for term in result.shortfalls] == shortfalls
    assert result.bits == 127
    assert result.statement.startswith("127-bit proven")


def circuit(log_size: int = 14) -> ShapeSummary:
    """A circuit with the tallest tables."""
    return ShapeSummary(
        kind="circuit",
        log_size=log_size,
        columns=658,
        columns_next=71,
        constraints=352,
        tables=[TableSummary("chips", 42, 0, log_size)],
        message_length_local=16,
        message_length_global=0,
        public_terms_local=63,
    )


def test_a_circuit_pays_the_list_in_the_rounds_that_choose_a_candidate() -> None:
    """LogUp, constraints and the out-of-domain point; lines count all candidates, queries none."""
    regime = johnson(2**14, 2**19, 3)
    size = regime.list_size
    result = report(circuit(), circuit_parameters(128, CircuitRole.FINAL))
    assert result.proximity == regime
    assert result.regime == "Johnson with multiplicity 3"
    assert {term.name: term.error for term in result.terms} == {
        "local LogUp": size * Fraction((42 * 2**14 + 63) * 18, P**5) * grinding_error(1),
        "constraints (ALI)": size * Fraction(352, P**5),
        "out of domain (DEEP)": size * Fraction(3 * (2**14 + 1) + 2**14, P**5 - 2**14 - 2**19),
        "batching": 1_315 * regime.line_error(2**19) * grinding_error(19),
        "fold 1": 7 * regime.line_error(2**16) * grinding_error(8),
        "fold 2": 7 * regime.line_error(2**13) * grinding_error(5),
        "fold 3": 7 * regime.line_error(2**10) * grinding_error(2),
        "queries": (1 - regime.radius) ** 48 * grinding_error(20),
    }


def test_a_kind_with_global_buses_is_not_analysed_with_lists() -> None:
    """With one challenge across M commitments a list of size l costs l^M."""
    with pytest.raises(ValueError, match="core speaks on global buses: analyse it in unique decoding"):
        report(core(16), circuit_parameters(128, CircuitRole.SHRINK))


def test_the_text_names_the_regime_with_its_multiplicity() -> None:
    lines = report(circuit(), circuit_parameters(128, CircuitRole.FINAL)).text().splitlines()
    assert lines[0] == (
        "circuit, 2^14 rows, level 128, Johnson with multiplicity 3: 128 bits, by local LogUp"
    )
    assert lines[4] == (
        "  batching              128.63  grinding 19  (B - 1) e(n, m), B = 1316"
        "  [BCHKS25 (ePrint 2025/2055) theorems 4.2 and 4.6]"
    )


def test_the_weight_limit_bounds_the_global_fractions_of_a_job() -> None:
    tables = 2 * WEIGHT_LIMIT
    tokens = 2 * WEIGHT_LIMIT
    assert tables + tokens + 128 == JOB_GLOBAL_FRACTIONS
    assert 2 * WEIGHT_LIMIT + WEIGHT_LIMIT < P


def test_fractions_count_rows_at_maximal_heights() -> None:
    shape = replace(core(20), tables=[TableSummary("tall", 3, 1, 20), TableSummary("short", 5, 2, 4)])
    assert shape.local_fractions == 3 * 2**20 + 5 * 2**4 + 2
    assert shape.global_fractions == 2**20 + 2 * 2**4
    assert shape.batching_powers == 6_000
    assert replace(shape, columns_next=0).batching_powers == 3_000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"columns_next": 3_001}, "core: 3001 of 3000 columns cannot be read next"),
        (
            {"tables": [TableSummary("tall", 1, 0, 21)]},
            r"core: table tall has height 2\^21, the segment 2\^20",
        ),
        (
            {"tables": [TableSummary("loud", 0, 1_024, 20)]},
            "core: one segment can put 1073741824 fractions on global buses",
        ),
    ],
)
def test_contradictory_shapes_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(core(20), **change)


def test_the_text_names_level_weakest_term_and_the_whole_statement() -> None:
    lines = report(core(16), parameters_for(100)).text().splitlines()
    assert lines[0] == "core, 2^16 rows, level 100, unique decoding: 100 bits, by queries"
    assert lines[-2] == (
        "  queries               100.09  grinding 20  (1 - theta)^t, t = 193"
        "  [FRI with a committed batch, docs/soundness.md]"
    )
    assert lines[-1] == (
        "100-bit proven round-by-round soundness of the IOP; 139-bit collision resistance; Fiat-Shamir with "
        "Poseidon2, and recursion over it, are heuristic as in every deployed system"
    )
    assert len(lines) == 12


def test_the_dictionary_holds_what_json_can_hold() -> None:
    result = report(core(16), parameters_for(100))
    values = json.loads(json.dumps(result.as_dict()))
    terms = values.pop("terms")
    assert values == {
        "kind": "core",
        "log_size": 16,
        "level": 100,
        "bits": 100,
        "weakest": "queries",
        "regime": "unique decoding",
        "radius": 0.24999237060546875,
        "collision_bits": 139,
        "statement": result.statement,
    }
    assert terms[-1] == {
        "name": "queries",
        "bits": 100.09,
        "grinding_bits": 20,
        "formula": "(1 - theta)^t, t = 193",
        "source": "FRI with a committed batch, docs/soundness.md",
    }
    assert len(terms) == len(result.terms)


def test_the_document_shows_these_bits() -> None:
    rows = [
        line.strip("| ").split(" | ") for line in DOCUMENT.read_text().splitlines() if line.startswith("|")
    ]
    start = rows.index(["term", "2^16", "2^18", "2^20", "2^22"]) + 2
    shown = {name: figures for name, *figures in rows[start : start + 7]}
    reports = [report(core(log_size), parameters_for(128)) for log_size in (16, 18, 20, 22)]
    bits = [{term.name: f"{math.floor(term.bits * 100) / 100:.2f}" for term in one.terms} for one in reports]
    assert shown == {name: [column[name] for column in bits] for name in shown}
    assert set(bits[0]) - set(shown) == {"fold 2", "fold 3", "fold 4"}
