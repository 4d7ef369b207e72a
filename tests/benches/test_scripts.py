"""Every bench runs, and prints JSON with the figures it is there for. How large they are is not judged."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
GUESTS = ("sha-hasher", "fibonacci", "sort", "memory-walk")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def printed_by(script: str, *arguments: str) -> dict[str, Any]:
    """What a script prints."""
    command = [sys.executable, str(ROOT / "benches" / f"{script}.py"), *arguments, "--json"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def row_of_page(name: str, *places: int) -> list[float]:
    """Numbers of the row of this name in docs/performance.md, units left out."""
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    (line,) = (line for line in page.splitlines() if line.startswith(f"| {name} |"))
    return [float(line.split("|")[1 + place].split()[0]) for place in places]


def test_prove() -> None:
    found = printed_by("prove", "--guest", "fibonacci", "--log-cycles", "10", "--size", "16", "--repeat", "1")
    cycles, seconds = found["cycles"], found["wall_seconds"]
    assert 512 < cycles <= 1024
    assert found["core_cycles_per_second_per_core"] == pytest.approx(cycles / seconds)
    assert sum(row["seconds"] for row in found["stages"]) == pytest.approx(found["processor_seconds"])
    assert [row["stage"] for row in found["stages"] if row["over_bound"] is not None] == [
        "extend",
        "hash",
        "logup",
        "quotient",
        "open",
        "fri",
        "proof-of-work",
    ]
    layers = found["layers"]
    assert [(row["layer"], row["proofs"]) for row in layers] == [
        ("core leaf", 1),
        ("edges leaf", 1),
        ("node", 1),
        ("check", 1),
        ("shrink", 1),
        ("final", 1),
    ]
    folding = [row["processor_seconds"] for row in layers]
    assert [sum(row["stages"].values()) for row in layers] == pytest.approx(folding)
    core, leaves_and_node, final_step = found["processor_seconds"], sum(folding[:4]), sum(folding[4:])
    whole = core + leaves_and_node + final_step
    assert found["recursion_share"] == pytest.approx(leaves_and_node / (core + leaves_and_node))
    assert found["recursion_share_with_final_step"] == pytest.approx((leaves_and_node + final_step) / whole)
    assert found["to_final_cycles_per_processor_second"] == pytest.approx(cycles / whole)
    assert found["final_proof_bytes"] < found["proof_bytes"]


def test_prove_without_recursion() -> None:
    options = ("--guest", "fibonacci", "--log-cycles", "10", "--size", "16", "--repeat", "1")
    found = printed_by("prove", *options, "--form", "composite")
    assert sum(row["seconds"] for row in found["stages"]) == pytest.approx(found["processor_seconds"])
    assert {row["proofs"] for row in found["layers"]} == {0}
    assert "recursion_share" not in found


def test_circuits_of_recursion() -> None:
    found = printed_by("recursion", "circuits", "--sizes", "16", "--repeat", "1")
    assert [one["circuit"] for one in found["circuits"]] == [
        "core leaf 16",
        "edges leaf",
        "node",
        "shrink",
        "final",
        "compressed",
    ]
    for one in found["circuits"]:
        rows, heights = ([table[key] for table in one["tables"]] for key in ("rows", "height"))
        assert all(used <= height for used, height in zip(rows, heights, strict=True))
        parts = [one[f"{part}_seconds"] for part in ("execute", "fill", "prove")]
        assert sum(parts) == pytest.approx(one["processor_seconds"])
        assert next(table for table in one["tables"] if table["table"] == "bits")["rows_per_query"] == 31


def test_proofs_of_recursion() -> None:
    found = printed_by("recursion", "proofs", "--guest", "fibonacci", "--shortest", "10", "--longest", "10")
    (proof,) = found["proofs"]
    assert proof["segments"] == 2
    assert found["final_smallest_bytes"] == found["final_largest_bytes"] == proof["final_bytes"]
    assert found["compressed_largest_bytes"] == proof["compressed_bytes"] < proof["final_bytes"]
    assert all(
        found[f"{form}_verify{way}_seconds"] > 0 for form in ("final", "compressed") for way in ("", "_numpy")
    )


def test_verify() -> None:
    found = printed_by("verify", "--form", "composite", "--repeat", "1")
    assert 0 < found["numpy_seconds"] < found["import_seconds"]
    assert 0 < found["numpy_megabytes"] <= found["import_megabytes"] <= found["verify_megabytes"]
    assert found["verify_seconds"] > 0


def test_executor() -> None:
    found = printed_by("executor", "--log-cycles", "14")
    assert set(found["bounds"]) == {
        f"{guest.replace('-', '_')}_{mode}_mips" for guest in GUESTS for mode in ("run", "record")
    }


def test_kernels() -> None:
    found = printed_by("kernels", "--log-rows", "12")
    assert all(found[key] > 0 for key in found["bounds"])
    for hashed in ("poseidon2", "poseidon1", "blake3"):
        seconds = found["core_permutations"] * found[f"{hashed}_ns"] * 1e-9
        assert found[f"core_{hashed}_seconds"] == pytest.approx(seconds)
    for size in (20, 22):
        cells = found[f"compressions_{size}"] * 261 * found["blake3_columns"]
        assert found[f"blake3_growth_{size}"] == pytest.approx(cells / found["leaf_cells"])
        seconds = (cells - found["freed_cells"]) * found["leaf_cell_ns"] * 1e-9
        assert found[f"blake3_seconds_{size}"] == pytest.approx(seconds)
    assert (found["permutation_columns"], found["more_rounds_columns"]) == (241, 241 + 2 * 24 + 8)
    assert found["freed_cells"] == 251 << 16, "with two LogUp columns of five elements"
    (hash_seconds, share), (fill, prove) = row_of_page("hash", 1, 2), row_of_page("core leaf 20", 4, 5)
    for name, ratio in (
        ("poseidon1", found["poseidon1_ratio"]),
        ("more_rounds", found["more_rounds_ratio"]),
        ("blake3", found["blake3_ns"] / found["poseidon2_ns"]),
    ):
        assert found[f"core_{name}_ratio"] == pytest.approx(1 - share / 100 + share / 100 * ratio)
    assert found["leaf_cell_ns"] == pytest.approx((fill + prove) / found["leaf_cells"] * 1e9)
    page_ns = hash_seconds / found["core_permutations"] * 1e9
    saved = found["segment_permutations"] * page_ns * (1 - 1 / found["blake3_ratio"])
    assert found["blake3_saved_seconds"] == pytest.approx(saved * 1e-9)
    assert found["blake3_saved_cells"] == pytest.approx(saved / found["leaf_cell_ns"])
    paying = (found["blake3_saved_cells"] + found["freed_cells"]) / (1 << 16)
    assert found["blake3_paying_columns"] == pytest.approx(paying)


def test_cells() -> None:
    found = printed_by("cells", "--size", "16")
    for guest in GUESTS:
        parts = sum(row["cells_per_cycle"] for row in found["tables"][guest])
        assert found[f"{guest.replace('-', '_')}_cells_per_cycle"] == pytest.approx(parts)


def test_soundness() -> None:
    found = printed_by("soundness")
    assert all(bound["met"] for bound in found["bounds"].values())
    assert len(found["reports"]) == len(found["bounds"])


def test_scaling_by_sharing() -> None:
    found = printed_by(
        "scaling", "sharing", "--size", "16", "--log-cycles", "10", "--most", "4", "--repeat", "1"
    )
    assert found["core_segments"] == found["edges_segments"] == 1
    for name, counts in (("threads", (1, 2)), ("workers", (1, 2)), ("simulated_workers", (1, 2, 4))):
        seconds = {count: found[f"{name}_{count}_seconds"] for count in counts}
        for count in counts[1:]:
            assert found[f"{name}_{count}_speedup"] == pytest.approx(seconds[1] / seconds[count])
    over = found["workers_2_seconds"] / found["threads_2_seconds"] - 1
    assert found["workers_over_threads"] == pytest.approx(over)
    assert found["bounds"] == {
        "workers_over_threads": {"bound": 0.05, "at_least": False, "met": over <= 0.05}
    }


def test_scaling_by_length() -> None:
    lengths = ("--shortest", "10", "--longest", "11")
    found = printed_by("scaling", "length", "--guest", "fibonacci", "--size", "16", *lengths)
    cycles = [int(key.split("_")[1]) for key in found if re.fullmatch(r"cycles_\d+_wall_seconds", key)]
    assert len(cycles) == 3
    for time in ("wall", "processor"):
        a, b = found[f"{time}_a_seconds"], found[f"{time}_b_nanoseconds"] * 1e-9
        assert found[f"{time}_cycles_per_second"] == pytest.approx(1 / b)
        seconds = [found[f"cycles_{count}_{time}_seconds"] for count in cycles]
        errors = [(a + b * count) / taken - 1 for count, taken in zip(cycles, seconds, strict=True)]
        assert found[f"{time}_largest_error"] == pytest.approx(100 * max(map(abs, errors)))
        assert found[f"{time}_mean_error"] == pytest.approx(100 * sum(map(abs, errors)) / 3)
        # No other a and no other b makes the sum of the squared relative errors smaller.
        shares = list(zip(errors, cycles, seconds, strict=True))
        assert sum(error / taken for error, _, taken in shares) == pytest.approx(0, abs=1e-9)
        assert sum(error * count / taken for error, count, taken in shares) == pytest.approx(0, abs=1e-6)
