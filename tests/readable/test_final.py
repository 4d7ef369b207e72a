"""Final proofs: the pinned ones are accepted with the others, and both verifiers refuse what is changed."""

import json
import struct
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from tests.claims import claimed, claims_with
from tests.golden.cases import proved
from tests.readable import allowed_keys
from tests.readable.allowed_keys import allowed_keys_root, final_key
from tests.readable.field import P
from tests.readable.final import read_interface
from tests.readable.job import verify
from tests.readable.parameters import COMPRESSED, FINAL
from tests.readable.proof import SegmentProof
from tests.readable.proving import both_refuse, regions
from tests.readable.reader import RefusedError
from tests.readable.tables import read_kind
from zisk.proof_format.final_proof import FinalProof, decode_final_proof, encode_final_proof
from zisk.proof_format.job_proof import decode_job_proof
from zisk.recursion.interface import Interface
from zisk.recursion.shipped import shipped_keys

KIND = read_kind("circuit.md")

LEVELS = [128, 100]


@pytest.mark.parametrize("level", LEVELS)
def test_allowed_keys_are_the_packages(level: int) -> None:
    shipped = shipped_keys(level)
    assert allowed_keys_root(level) == shipped.root
    assert final_key(level, "final").digest(KIND, FINAL[level]) == shipped.final.digest
    assert final_key(level, "compressed").digest(KIND, COMPRESSED[level]) == shipped.compressed.digest


def test_the_interface_is_the_packages() -> None:
    values = list(range(100, 163))
    one, other = read_interface(values), Interface.of_publics(values)
    assert (
        one.program,
        one.job.binding,
        one.job.alpha.coefficients,
        one.job.beta.coefficients,
        one.keys,
        one.digest,
        one.count,
        one.weight,
        one.total.coefficients,
    ) == (
        other.program,
        other.binding,
        other.alpha,
        other.beta,
        other.keys,
        other.digest,
        other.count,
        other.weight,
        other.total,
    )


@cache
def decoded(name: str) -> FinalProof:
    """A pinned job's final proof, taken apart."""
    return decode_final_proof(proved(name).proof)


def with_word(data: bytes, place: int) -> bytes:
    """These bytes with another element at a word."""
    (word,) = struct.unpack_from("<I", data, 4 * place)
    return data[: 4 * place] + struct.pack("<I", (word + 1) % P) + data[4 * place + 4 :]


def with_circuit_word(name: str, place: int) -> bytes:
    """A pinned final proof with another element at a word of its circuit's proof."""
    final = decoded(name)
    return encode_final_proof(replace(final, proof=with_word(final.proof, place)))


@pytest.mark.slow
def test_every_region_of_the_circuits_proof_matters() -> None:
    job, content = proved("fibonacci-100-final"), decoded("fibonacci-100-final").proof
    found = regions(SegmentProof(content, KIND, FINAL[100]), len(content) // 4)
    assert min(map(len, found.values())) > 0
    for places in found.values():
        both_refuse(with_circuit_word("fibonacci-100-final", places[len(places) // 2]), job.key)


@pytest.mark.slow
def test_every_nonce_matters() -> None:
    """Of local challenges, gamma, three folds and queries."""
    job, content = proved("fibonacci-compressed"), decoded("fibonacci-compressed").proof
    places = regions(SegmentProof(content, KIND, COMPRESSED[128]), len(content) // 4)["nonces"]
    assert len(places) == 6
    for place in places:
        both_refuse(with_circuit_word("fibonacci-compressed", place), job.key)


INTERFACE = {
    "another program": [0, 8],
    "another global challenge": [9, 17, 18, 22, 23, 27],
    "circuits that are not allowed": [28, 36],
    "before the global challenge has too few|under another global challenge": [37, 45, 47],
    "segments where 2 are claimed": [46],
    "out of balance": [48, 52],
}
"""Why a final proof is refused whose interface says something else at these places."""


@pytest.mark.slow
@pytest.mark.parametrize(("why", "places"), INTERFACE.items())
def test_every_value_of_the_interface_is_checked(why: str, places: list[int]) -> None:
    job, first = proved("fibonacci-final"), 1 + len(KIND.tables) + 10
    for place in places:
        both_refuse(with_circuit_word("fibonacci-final", first + place), job.key, why)


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 9])
def test_challenges_of_the_tables_are_bound_by_the_circuits_proof(place: int) -> None:
    changed = with_circuit_word("fibonacci-100-final", 1 + len(KIND.tables) + place)
    both_refuse(changed, proved("fibonacci-100-final").key)


def other_exit_code(final: FinalProof) -> FinalProof:
    return replace(final, claims=replace(final.claims, exit_code=final.claims.exit_code + (1 << 48)))


def other_last_output(final: FinalProof) -> FinalProof:
    return replace(final, claims=replace(final.claims, outputs=(*final.claims.outputs[:-1], 1)))


def other_counts(final: FinalProof) -> FinalProof:
    return replace(final, claims=claims_with(final.claims, core=claimed(final.claims, "core") + 1))


def core_for_edges(final: FinalProof) -> FinalProof:
    core, edges = final.claims.counts
    claims = replace(final.claims, counts=(core + 1, edges - 1))
    return replace(final, claims=claims)


def other_last_key(final: FinalProof) -> FinalProof:
    return replace(final, claims=claims_with(final.claims, last_key=claimed(final.claims, "last_key") + 1))


def other_units(final: FinalProof) -> FinalProof:
    return replace(final, units=final.units + 1)


def no_units(final: FinalProof) -> FinalProof:
    return replace(final, units=0)


def another_nonce(final: FinalProof) -> FinalProof:
    return replace(final, nonces=tuple(nonce + 1 for nonce in final.nonces))


def no_nonce(final: FinalProof) -> FinalProof:
    return replace(final, nonces=())


def other_program(final: FinalProof) -> FinalProof:
    return replace(final, program=(*final.program[:8], final.program[8] ^ 1))


def other_size(final: FinalProof) -> FinalProof:
    return replace(final, log_size=18)


def other_level(final: FinalProof) -> FinalProof:
    return replace(final, level=100)


def other_form(final: FinalProof) -> FinalProof:
    return replace(final, compressed=True)


def proof_of_a_segment(final: FinalProof) -> FinalProof:
    return replace(final, proof=decode_job_proof(proved("fibonacci").proof).segments[0])


def proof_of_another_level(final: FinalProof) -> FinalProof:
    return replace(final, proof=decoded("fibonacci-100-final").proof)


def proof_of_the_other_form(final: FinalProof) -> FinalProof:
    return replace(final, proof=decoded("fibonacci-compressed").proof)


CHANGES = [
    other_exit_code,
    other_last_output,
    other_counts,
    core_for_edges,
    other_last_key,
    other_units,
    no_units,
    another_nonce,
    no_nonce,
    other_program,
    other_size,
    other_level,
    other_form,
    proof_of_a_segment,
    proof_of_another_level,
    proof_of_the_other_form,
]


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_what_a_final_proof_says_cannot_be_changed(change: Callable[[FinalProof], FinalProof]) -> None:
    both_refuse(encode_final_proof(change(decoded("fibonacci-final"))), proved("fibonacci-final").key)


@pytest.mark.slow
def test_other_program_keys_are_refused() -> None:
    job = proved("fibonacci-final")
    both_refuse(job.proof, proved("malloc-division").key, "another program, level or size")
    both_refuse(job.proof, proved("fibonacci-100").key, "another program, level or size")


@pytest.mark.slow
@pytest.mark.parametrize("length", [0, 4, 8, 100, 370, 1000, -4, -1])
def test_truncated_bytes_are_refused(length: int) -> None:
    job = proved("fibonacci-final")
    both_refuse(job.proof[:length], job.key)
    both_refuse(job.proof + bytes(4), job.key, "4 bytes after its end")


@pytest.mark.slow
@pytest.mark.parametrize(("part", "why"), [("allowed", "not allowed"), ("final", None)])
def test_other_keys_of_circuits_are_refused(
    part: str, why: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One element of the list of keys is another: what it stands for is refused."""
    keys = json.loads(allowed_keys.KEYS.read_text())
    digest = keys["128"]["allowed"]["node"] if part == "allowed" else keys["128"]["final"]["cap"][3]
    digest[0] ^= 1
    (tmp_path / "keys.json").write_text(json.dumps(keys))
    job = proved("fibonacci-final")
    monkeypatch.setattr(allowed_keys, "KEYS", tmp_path / "keys.json")
    _forget_keys()
    try:
        with pytest.raises(RefusedError, match=why):
            verify(job.proof, job.key)
    finally:
        _forget_keys()


def _forget_keys() -> None:
    allowed_keys._of_level.cache_clear()
    allowed_keys.allowed_keys_root.cache_clear()
