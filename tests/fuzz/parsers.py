"""Every parser under test: what it is fed, what it may answer, and what that may take."""

from __future__ import annotations

import struct
import tempfile
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from google.protobuf.message import DecodeError, Message

from tests.fuzz import seeds
from tests.fuzz.fields import Seed, mutated
from tests.fuzz.messages import mutated_message
from tests.fuzz.texts import mutated_text
from zisk.cluster.coordinator import settings as coordinator_settings
from zisk.cluster.coordinator.client_service import _request
from zisk.cluster.coordinator.settings import Rules
from zisk.cluster.coordinator.worker_stream import _events
from zisk.cluster.errors import ConfigurationError, SubmissionRefusedError, WireError
from zisk.cluster.protocol.codec import decode_result, decode_task, encode_result, encode_task
from zisk.cluster.protocol.generated import coordinator_pb2 as api
from zisk.cluster.protocol.generated import distributed_pb2 as wire
from zisk.cluster.protocol.payload import Inline, from_field, from_words
from zisk.cluster.settings import Setting, resolve
from zisk.cluster.tasks import FailureResult, SetupResult
from zisk.cluster.worker import settings as worker_settings
from zisk.proof_format.containers import decode_proof
from zisk.proof_format.final_proof import FinalProof, encode_final_proof
from zisk.proof_format.job_proof import encode_job_proof
from zisk.proof_format.program_key import decode_key
from zisk.prover import ContributionError, JobTooLargeError, UnitProofError, VerificationError, verify
from zisk.prover.contribution import combine_contributions, decode_contribution, encode_contribution
from zisk.prover.folded_parts import decode_part, decode_parts, encode_part, encode_parts
from zisk.prover.segment_commitment import decode_commitment, encode_commitment
from zisk.prover.unit_proof import decode_unit_proof, encode_unit_proof
from zisk.stark.proof import decode, encode
from zisk.stark.verify import verify_segment
from zisk.verifier.inspection import inspect
from zisk.verifier.policy import ANY_LEVEL
from zisk.verifier.screening import screen
from zisk.vm.errors import GuestError
from zisk.vm.kinds.core import KIND as CORE
from zisk.vm.program import load_program

INSPECTED = 16
"""One case in so many is inspected as well, and screened."""


@dataclass(frozen=True)
class Parser:
    """A parser, and cases for it.

    Attributes:
        case: draws bytes.
        read: parses them; fails an assertion where it takes what it should not, or for something else.
        refusals: the errors that are documented as its answers to what it does not take.
        share: how many cases it gets, beside the others.
        seconds: processor time that a case may take.
    """

    name: str
    case: Callable[[Random], bytes]
    read: Callable[[bytes], None]
    refusals: tuple[type[Exception], ...]
    share: int
    seconds: float = 0.5


def made_parsers(names: Sequence[str], *, thorough: bool) -> list[Parser]:
    """The parsers of these names; with `thorough`, a real final proof is a seed too, which takes long."""
    makers = _makers(thorough)
    return [makers[name]() for name in names]


def _makers(thorough: bool) -> dict[str, Callable[[], Parser]]:
    """What makes each parser, and the seeds of its cases."""
    proof, wired = (VerificationError,), (WireError, DecodeError)
    told = (ContributionError, JobTooLargeError)
    return {
        "segment": lambda: Parser("segment", _bytes(seeds.segment_seeds()), _read_segment, proof, 6),
        "composite": lambda: Parser(
            "composite", _bytes(seeds.proved().composites), _read_proof, proof, 2, 2.0
        ),
        "final": lambda: Parser(
            "final", _bytes(seeds.final_seeds(real=thorough)), _read_proof, proof, 3, 2.0
        ),
        "key": lambda: Parser("key", _bytes(seeds.key_seeds()), _read_key, proof, 6),
        "unit": lambda: Parser("unit", _bytes(seeds.proved().units), _read_unit, (UnitProofError,), 4),
        "parts": lambda: Parser("parts", _bytes(seeds.parts_seeds()), _read_parts, (UnitProofError,), 2),
        "part": lambda: Parser("part", _bytes(seeds.part_seeds()), _read_part, (UnitProofError,), 2),
        "commitment": lambda: Parser(
            "commitment", _bytes(seeds.commitment_seeds()), _read_commitment, (ContributionError,), 2
        ),
        "contribution": lambda: Parser(
            "contribution", _bytes(seeds.proved().contributions), _read_contribution, told, 6
        ),
        "field": lambda: Parser("field", _bytes(seeds.field_seeds()), _read_field, (WireError,), 4),
        "words": lambda: Parser("words", _bytes(seeds.words_seeds()), _read_words, (WireError,), 4),
        "task": lambda: Parser("task", _messages(seeds.task_seeds()), _read_task, wired, 16, 0.1),
        "result": lambda: Parser("result", _messages(seeds.result_seeds()), _read_result, wired, 16, 0.1),
        "request": lambda: Parser(
            "request",
            _messages(seeds.request_seeds()),
            _read_request,
            (*wired, SubmissionRefusedError),
            8,
            0.1,
        ),
        "elf": lambda: Parser("elf", _bytes(seeds.elf_seeds()), _read_elf, (GuestError,), 12, 2.0),
        "settings": lambda: Parser(
            "settings", _texts(seeds.settings_seeds()), _read_settings, (ConfigurationError,), 6
        ),
    }


NAMES = tuple(_makers(False))
"""All parsers."""


def _bytes(some: Sequence[Seed]) -> Callable[[Random], bytes]:
    return lambda draw: mutated(draw, some)


def _messages(some: Sequence[Message]) -> Callable[[Random], bytes]:
    encoded = [message.SerializeToString() for message in some]
    return lambda draw: mutated_message(draw, encoded)


def _texts(some: Sequence[bytes]) -> Callable[[Random], bytes]:
    return lambda draw: mutated_text(draw, some)


def _read_segment(data: bytes) -> None:
    key = seeds.TOY.key
    assert encode(decode(data, key)) == data, "it is decoded to another proof"
    verify_segment(data, key, seeds.PROGRAM, seeds.JOB)
    assert data in {seed.data for seed in seeds.segment_seeds()}, "a changed proof is accepted"


def _read_proof(data: bytes) -> None:
    decoded = decode_proof(data)
    again = encode_final_proof(decoded) if isinstance(decoded, FinalProof) else encode_job_proof(decoded)
    assert again == data, "it is decoded to another proof"
    if zlib.crc32(data) % INSPECTED == 0:
        for look in (inspect, screen):
            with suppress(VerificationError):
                look(data)
    verify(data, seeds.proved().key, ANY_LEVEL)  # another level is for the key to refuse
    assert data in seeds.true_proofs(), "a changed proof is accepted"


def _read_key(data: bytes) -> None:
    key = decode_key(data)
    assert key.encode() == data, "it is decoded to another key"
    assert len(key.key_of(CORE, 0).digest) == 9


def _read_unit(data: bytes) -> None:
    assert encode_unit_proof(*decode_unit_proof(data)) == data, "it is decoded to another unit proof"


def _read_parts(data: bytes) -> None:
    assert encode_parts(*decode_parts(data, seeds.INNER)) == data, "they are decoded to other parts"


def _read_part(data: bytes) -> None:
    assert encode_part(decode_part(data, seeds.INNER)) == data, "it is decoded to another part"


def _read_commitment(data: bytes) -> None:
    assert encode_commitment(decode_commitment(data)) == data, "it is decoded to another commitment"


def _read_contribution(data: bytes) -> None:
    assert encode_contribution(decode_contribution(data)) == data, "it is decoded to another contribution"
    combine_contributions(decode_key(seeds.proved().key), [data])


def _read_field(data: bytes) -> None:
    payload = from_field(data)
    if not isinstance(payload, Inline) or payload.fits:
        assert payload.to_field() == data, "it is read as another payload"


def _read_words(data: bytes) -> None:
    words = list(struct.unpack(f"<{len(data) // 8}Q", data[: len(data) // 8 * 8]))
    assert from_words(words).to_words() == words, "they are read as another payload"


def _read_task(data: bytes) -> None:
    read = job_id, lease, task = decode_task(wire.CoordinatorMessage.FromString(data))
    assert decode_task(encode_task("w", job_id, lease, task)) == read, "it is read as another task"


def _read_result(data: bytes) -> None:
    message = wire.WorkerMessage.FromString(data)
    with suppress(WireError):
        _events("w", 1, message)
    read = job_id, lease, result = decode_result(message)
    if not isinstance(result, SetupResult | FailureResult):
        again = decode_result(encode_result("w", job_id, lease, seeds.PROVE, result))
        assert again == read, "it is read as another result"


def _read_request(data: bytes) -> None:
    asked = api.JobRequestMessage.FromString(data).job_kind
    request, name = _request(asked, Rules()), asked.WhichOneof("kind")
    assert name == request.kind, "it is read as a request of another kind"
    assert request.hash_id == getattr(asked, name).hash_id, "it is read as a request of another program"


def _read_elf(data: bytes) -> None:
    assert load_program(data, 16).slots <= 1 << 16


def _read_settings(data: bytes) -> None:
    kinds: tuple[tuple[tuple[Setting, ...], str, str], ...] = (
        (coordinator_settings.SETTINGS, coordinator_settings.PREFIX, coordinator_settings.CORE_FILE_KEY),
        (worker_settings.SETTINGS, worker_settings.PREFIX, ""),
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "settings.toml"
        file.write_bytes(data)
        for settings, prefix, core in kinds:
            found = resolve(settings, prefix, file=file, core_file_key=core, environment={})
            for setting in settings:
                assert type(found[setting.key]) is type(setting.default), f"{setting.key} has another type"
            found.notices()
