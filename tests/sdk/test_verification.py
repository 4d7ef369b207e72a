"""`zisk.verify`: it is said what is trusted, and what is asked for decides."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zisk
from tests.sdk.conftest import ProvedJob
from zisk import KeyOrigin, Rejection, VerificationError
from zisk.sdk import Counted, ExecutionReport, Proof
from zisk.vm.errors import NotAnElfError

PINNED, DERIVED, CACHED = KeyOrigin.PINNED, KeyOrigin.DERIVED, KeyOrigin.CACHED


def handed_out(job: ProvedJob) -> Proof:
    """The proof as a client gives it."""
    shown = job.outcome
    report = ExecutionReport(
        job.execution.steps,
        job.execution.cycles,
        shown.segments,
        shown.exit_code,
        shown.outputs,
        Counted.HERE,
    )
    return Proof(job.proof, job.key, report, shown)


def refused(reason: Rejection, text: str, proof: bytes | Proof, **arguments) -> None:
    with pytest.raises(VerificationError, match=text) as caught:
        zisk.verify(proof, **arguments)
    assert caught.value.reason is reason


@pytest.mark.slow
def test_a_trusted_key_is_enough(job: ProvedJob) -> None:
    assert zisk.verify(job.proof, key=job.key) == job.outcome
    assert zisk.verify(memoryview(job.proof), key=bytearray(job.key)) == job.outcome  # pyright: ignore


@pytest.mark.slow
def test_the_guest_is_enough_and_its_key_is_kept(job: ProvedJob, key_folder: Path) -> None:
    for origin in (DERIVED, CACHED):
        assert zisk.verify(job.proof, elf=job.elf) == replace(job.outcome, key_origin=origin)
    [kept] = key_folder.rglob("*.vk")
    assert kept.read_bytes() == job.key


@pytest.mark.slow
def test_a_digest_makes_a_key_from_anyone_enough(job: ProvedJob, other_job: ProvedJob) -> None:
    digest, pinned = job.outcome.digest, replace(job.outcome, key_origin=PINNED)
    assert zisk.verify(job.proof, key=job.key, digest=digest) == pinned
    assert zisk.verify(handed_out(job), digest=digest.hex()) == pinned
    assert zisk.verify(handed_out(job), key=job.key, digest=digest) == pinned
    other = "the proof is for program .*, the key for "
    refused(Rejection.KEY, other, job.proof, key=other_job.key, digest=digest)
    refused(Rejection.KEY, other, replace(handed_out(job), key=other_job.key), digest=digest)
    for proof in (other_job.proof, handed_out(other_job)):
        refused(Rejection.POLICY, "one expected is", proof, key=other_job.key, digest=digest)
    refused(Rejection.POLICY, "one expected is", handed_out(other_job), digest=digest)
    tampered = bytearray(job.key)
    tampered[-1] ^= 1
    refused(Rejection.KEY, other, job.proof, key=bytes(tampered), digest=digest)


@pytest.mark.slow
def test_a_guest_and_its_digest_must_agree(job: ProvedJob, key_folder: Path) -> None:
    outcome = zisk.verify(job.proof, elf=job.elf, digest=job.outcome.digest)
    assert outcome == replace(job.outcome, key_origin=DERIVED)
    refused(Rejection.POLICY, "one expected is", job.proof, elf=job.elf, digest=bytes(36))


@pytest.mark.slow
def test_a_proof_of_another_guest_is_refused(job: ProvedJob, other_job: ProvedJob, key_folder: Path) -> None:
    refused(Rejection.KEY, "the proof is for program", other_job.proof, elf=job.elf)


@pytest.mark.slow
def test_a_level_below_128_is_taken_when_asked_for(weak_job: ProvedJob, key_folder: Path) -> None:
    low = "a security level of 100 bits, at least 128 are asked for"
    refused(Rejection.POLICY, low, weak_job.proof, key=weak_job.key)
    refused(Rejection.POLICY, low, weak_job.proof, elf=weak_job.elf)
    refused(Rejection.POLICY, low, handed_out(weak_job), digest=weak_job.outcome.digest)
    refused(Rejection.POLICY, "at least 101 are", weak_job.proof, key=weak_job.key, minimal_security=101)
    assert list(key_folder.rglob("*.vk")) == []
    assert zisk.verify(weak_job.proof, key=weak_job.key, minimal_security=100) == weak_job.outcome


@pytest.mark.slow
def test_a_label_of_128_bits_does_not_make_a_proof_of_100_one(weak_job: ProvedJob) -> None:
    relabelled = bytearray(weak_job.proof)
    relabelled[44:48] = (128).to_bytes(4, "little")
    refused(
        Rejection.KEY, "has size 16 and security 128, the key 16 and 100", bytes(relabelled), key=weak_job.key
    )


@pytest.mark.slow
def test_what_the_run_is_to_show_is_checked(job: ProvedJob) -> None:
    low, high = job.outcome.outputs[:2]
    written = b"".join(word.to_bytes(4, "little") for word in job.outcome.outputs)
    for outputs in ([low, high], job.outcome.outputs, written, written[:8]):
        assert zisk.verify(job.proof, key=job.key, expect_exit=0, expect_outputs=outputs) == job.outcome
    refused(Rejection.POLICY, "exit code is 0, the one expected is 1;", job.proof, key=job.key, expect_exit=1)
    minus = r"exit code is 0, the one expected is -1 \(18446744073709551615\);"
    refused(Rejection.POLICY, minus, job.proof, key=job.key, expect_exit=-1)
    for outputs, place in (([low], 1), ([], 0), ([low, high, 1], 2), (bytes(256), 0)):
        text = f"public word {place} is {job.outcome.outputs[place]:08x}, the one expected is"
        refused(Rejection.POLICY, text, job.proof, key=job.key, expect_outputs=outputs)


def test_a_client_verifies_in_the_same_way() -> None:
    assert zisk.ProverClient.verify is zisk.verify


def test_what_is_trusted_has_to_be_said() -> None:
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({}, "say what is trusted: give elf, key or digest"),
        ({"elf": b"elf", "key": b"key"}, "elf and key are both given"),
        ({"digest": bytes(36)}, "no key is given; add key, from anyone"),
        ({"key": "key"}, "the key is to be bytes, not str; read a file with"),
        ({"key": b"key", "digest": 5}, "the digest is to be bytes, not int"),
    )
    for arguments, text in wrong:
        with pytest.raises(TypeError, match=text):
            zisk.verify(_SMALL_HEADER, **arguments)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"minimal_security": float("nan")}, "minimal_security is to be a whole number, an int, not float"),
        ({"minimal_security": 128.0}, "minimal_security is to be a whole number, an int, not float"),
        ({"minimal_security": None}, "minimal_security is to be a whole number, an int, not NoneType"),
        ({"minimal_security": True}, "minimal_security is to be a whole number, an int, not bool"),
        ({"expect_exit": "0"}, "expect_exit is to be a whole number, an int, not str"),
        ({"expect_exit": 0.0}, "expect_exit is to be a whole number, an int, not float"),
        ({"expect_outputs": 5}, "expect_outputs is to be a list of whole numbers, or bytes, not int;"),
        (
            {"expect_outputs": "00000005"},
            "expect_outputs is to be a list of whole numbers, or bytes, not str;",
        ),
        ({"expect_outputs": {0: 5}}, "expect_outputs is to be a list of whole numbers, or bytes, not dict;"),
        ({"expect_outputs": [5, "5"]}, "public word 1 is to be a whole number, an int, not str"),
        ({"expect_outputs": [5.0]}, "public word 0 is to be a whole number, an int, not float"),
    ],
)
def test_an_expectation_of_a_wrong_kind_is_told_what_would_be_right(
    arguments: dict[str, object], text: str
) -> None:
    with pytest.raises(TypeError, match=text):
        zisk.verify(b"", key=b"", **arguments)  # pyright: ignore[reportArgumentType]


@pytest.mark.slow
def test_numbers_of_numpy_are_numbers(job: ProvedJob) -> None:
    assert job.outcome == zisk.verify(
        job.proof,
        key=job.key,
        minimal_security=np.int64(128),  # pyright: ignore[reportArgumentType]
        expect_exit=np.uint8(0),  # pyright: ignore[reportArgumentType]
        expect_outputs=np.array(job.outcome.outputs, np.uint32),  # pyright: ignore[reportArgumentType]
    )


@pytest.mark.slow
@pytest.mark.parametrize("level", [-1, 0, 99, 101, 128])
def test_the_lowest_level_is_a_bound_and_need_not_be_one(level: int, job: ProvedJob) -> None:
    assert zisk.verify(job.proof, key=job.key, minimal_security=level) == job.outcome
    refused(Rejection.POLICY, "at least 129 are asked for", job.proof, key=job.key, minimal_security=129)


@pytest.mark.parametrize("proof", [None, "proof.bin", Path("proof.bin"), 5])
def test_a_proof_is_bytes(proof: object) -> None:
    with pytest.raises(TypeError, match=f"the proof is to be bytes, not {type(proof).__name__}; read a file"):
        zisk.verify(proof, key=b"key")  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"digest": "9e38"}, "a program digest is 36 bytes or 72 hexadecimal digits"),
        ({"digest": b"9e38"}, "a program digest is 36 bytes or 72 hexadecimal digits"),
        ({"digest": "x" * 72}, "a program digest is 36 bytes or 72 hexadecimal digits"),
        ({"expect_exit": 1 << 64}, "exit code 18446744073709551616 does not fit 64 bits"),
        ({"expect_exit": -(1 << 63) - 1}, "exit code -9223372036854775809 does not fit 64 bits"),
        ({"expect_outputs": [0] * 65}, "a guest has 64 public words, 65 are expected of it"),
        ({"expect_outputs": [0, 1 << 32]}, r"public word 1 is to be from 0 to 2\^32 - 1, not 4294967296"),
        ({"expect_outputs": [-1]}, r"public word 0 is to be from 0 to 2\^32 - 1, not -1"),
        ({"expect_outputs": b"abc"}, "outputs of 3 bytes are not whole words of 4 bytes"),
    ],
)
def test_what_cannot_be_expected_is_said(arguments: dict[str, object], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        zisk.verify(b"", key=b"", **arguments)  # pyright: ignore[reportArgumentType]


@pytest.mark.slow
def test_what_is_no_guest_is_refused(job: ProvedJob, key_folder: Path) -> None:
    with pytest.raises(NotAnElfError):
        zisk.verify(job.proof, elf=b"hello")
    with pytest.raises(TypeError, match="the guest program is to be bytes, not str"):
        zisk.verify(job.proof, elf="guest.elf")  # pyright: ignore[reportArgumentType]


@pytest.mark.slow
def test_without_numba_a_guest_is_no_source_and_a_key_is(
    job: ProvedJob, key_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(ImportError, match=r"takes numba, which cannot be imported here; .* or give the key"):
        zisk.verify(job.proof, elf=job.elf)


NUMPY_ALONE = """
import sys

ALLOWED = {"numpy", "zisk"} | sys.stdlib_module_names


class Refusal:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] not in ALLOWED:
            raise ImportError(f"{name} is refused")


sys.meta_path.insert(0, Refusal)
from pathlib import Path

import zisk

proof, key = (Path(name).read_bytes() for name in sys.argv[1:])
print(zisk.verify(proof, key=key))
try:
    zisk.verify(proof, key=key, expect_exit=1)
except zisk.VerificationError as error:
    print(error.reason is zisk.Rejection.POLICY)
"""


@pytest.mark.slow
def test_numpy_alone_verifies_under_a_key(job: ProvedJob, tmp_path: Path) -> None:
    (tmp_path / "proof").write_bytes(job.proof)
    (tmp_path / "key").write_bytes(job.key)
    done = subprocess.run(
        [sys.executable, "-c", NUMPY_ALONE, tmp_path / "proof", tmp_path / "key"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == (f"{job.outcome}\nTrue\n", "")


@pytest.mark.slow
def test_a_proof_is_shown_in_a_line(job: ProvedJob) -> None:
    assert repr(handed_out(job)) == (
        f"<composite proof of {len(job.proof):,} bytes, 128 bits, exit code 0, "
        f"of program {job.outcome.digest.hex()}>"
    )


def _small_header() -> bytes:
    """A composite proof of 128 bits without a segment: what is looked at before the key."""
    from zisk.proof_format.job_proof import JobProof, encode_job_proof
    from zisk.proof_format.statement import Claims

    claims = Claims(0, (0,) * 64, (1, 1), (0,))
    header = JobProof(
        program=(0,) * 9, level=128, log_size=16, units=1, claims=claims, nonces=(0,), segments=()
    )
    return encode_job_proof(header)


_SMALL_HEADER = _small_header()
