"""Valid encodings of everything that is parsed, made by the code itself."""

from __future__ import annotations

import dataclasses
import struct
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

import numpy as np

from tests.fuzz.fields import Field, Seed
from tests.fuzz.layouts import container_seed, number_fields, proof_fields
from tests.stark.toy import BACKEND, JOB, PROGRAM, toy_fixed, toy_kind, toy_traces
from tests.vm.guest_elf import code_part, data_part, write_elf
from zisk.cluster.coordinator.settings import SETTINGS as COORDINATOR
from zisk.cluster.protocol.codec import encode_result, encode_task
from zisk.cluster.protocol.generated import coordinator_pb2 as api
from zisk.cluster.protocol.generated import distributed_pb2 as wire
from zisk.cluster.protocol.payload import Inline, Stored
from zisk.cluster.settings import Setting
from zisk.cluster.tasks import (
    AggregateTask,
    AggregationResult,
    Binding,
    ContributeTask,
    ContributionResult,
    Counts,
    Demand,
    ExecuteTask,
    Execution,
    ExecutionResult,
    FailureResult,
    InputPath,
    JobKind,
    JobRequest,
    ProofsResult,
    ProveTask,
    SetupTask,
)
from zisk.cluster.worker.settings import SETTINGS as WORKER
from zisk.errors import ErrorKind
from zisk.field.koalabear import to_montgomery
from zisk.proof_format.final_proof import FinalProof, decode_final_proof, encode_final_proof
from zisk.proof_format.job_proof import decode_job_proof
from zisk.proof_format.program_key import ProgramKey, decode_key
from zisk.prover import Program, ProofForm, ProvingSession, prove, setup
from zisk.prover.contribution import decode_contribution
from zisk.prover.folded_parts import FoldedPart, decode_part, decode_parts, encode_part, encode_parts
from zisk.prover.segment_commitment import SegmentCommitment, decode_commitment, encode_commitment
from zisk.prover.unit_proof import decode_unit_proof, encode_unit_proof
from zisk.recursion.shapes import INNER_LOG_HEIGHTS, inner_kind
from zisk.recursion.shipped import shipped_keys
from zisk.stark.key import VerifyingKey
from zisk.stark.kind import WEIGHT_LIMIT
from zisk.stark.parameters import CircuitRole, circuit_parameters
from zisk.stark.proof import MAGIC, decode, encode, proof_shape
from zisk.stark.prove import commit_segment, prove_segment
from zisk.vm.kinds.core import KIND as CORE
from zisk.vm.kinds.edges import KIND as EDGES

__all__ = ["JOB", "PROGRAM"]

GUEST = Path(__file__).parents[2] / "examples" / "fibonacci"
TOY = toy_fixed(toy_kind())
INNER = circuit_parameters(128, CircuitRole.INNER)
PROVE = ProveTask(range(0), Binding((), b""))
UNITS = 2


@dataclass(frozen=True)
class Proved:
    """A program and two of its runs, proved."""

    key: bytes
    composites: tuple[Seed, ...]
    contributions: tuple[Seed, ...]
    units: tuple[Seed, ...]


@cache
def _program() -> Program:
    """The smallest guest, at the smallest size."""
    return setup((GUEST / "fibonacci.elf").read_bytes(), log_size=16)


@cache
def proved() -> Proved:
    """Two runs of the guest."""
    program = _program()
    proofs, told = [], []
    for number in (5, 90):
        data = number.to_bytes(8, "little")
        proofs.append(prove(program, data, units=UNITS, form=ProofForm.COMPOSITE).proof)
        session = ProvingSession(
            program, data, units=UNITS, allocation=range(UNITS), form=ProofForm.COMPOSITE
        )
        told.append(session.contributions())
    jobs = [decode_job_proof(proof) for proof in proofs]
    units = [encode_unit_proof(1, job.segments) for job in jobs]
    keys = decode_key(program.key)
    return Proved(
        program.key,
        tuple(container_seed(proof, decode_job_proof, _segment_keys(keys)) for proof in proofs),
        tuple(container_seed(one, decode_contribution) for one in told),
        tuple(container_seed(unit, decode_unit_proof, _segment_keys(keys)) for unit in units),
    )


@cache
def final_proof() -> bytes:
    """The final proof of the first of these runs."""
    return prove(_program(), (5).to_bytes(8, "little"), units=UNITS).proof


def true_proofs() -> set[bytes]:
    """The proofs that hold, of those made so far."""
    finals = {final_proof()} if final_proof.cache_info().currsize else set[bytes]()
    return finals | {seed.data for seed in proved().composites}


def final_seeds(*, real: bool) -> list[Seed]:
    """Final and compressed proofs whose elements are zero; with `real`, also one that holds."""
    job = decode_job_proof(proved().composites[0].data)
    keys = shipped_keys(128)
    blanks = [
        FinalProof(job.program, 128, 16, UNITS, job.claims, job.nonces, compressed, blank_proof(key))
        for compressed, key in ((False, keys.final), (True, keys.compressed))
    ]
    encoded = [encode_final_proof(blank) for blank in blanks]
    if real:
        encoded += [final_proof()] * 4
    return [
        container_seed(
            data, decode_final_proof, lambda _, data=data: keys.compressed if data[8] else keys.final
        )
        for data in encoded
    ]


@cache
def segment_seeds() -> tuple[Seed, ...]:
    """Proofs of two runs of the toy kind."""
    found = []
    for steps, ladder in ((20, 4), (3, 16)):
        traces, publics = toy_traces(steps, ladder, 100)
        matrices = [to_montgomery(trace) for trace in traces]
        proof = encode(prove_segment(commit_segment(TOY, matrices, publics, PROGRAM, BACKEND), JOB, BACKEND))
        found.append(Seed(proof, tuple(proof_fields(proof, TOY.key))))
    return tuple(found)


def key_seeds() -> list[Seed]:
    """A program's key, and one of three chunks at the other level."""
    key = _program().program_key
    core, edges = key.fixed
    longer = dataclasses.replace(edges, chunks=(*edges.chunks, edges.rest, edges.rest))
    other = dataclasses.replace(key, level=100, chunks=len(longer.chunks), fixed=(core, longer))
    return [_key_seed(one) for one in (key, other)]


def commitment_seeds() -> list[Seed]:
    """Commitments to a segment."""
    commitments = [SegmentCommitment(tuple(range(9)), weight) for weight in (0, WEIGHT_LIMIT - 1)]
    return [container_seed(encode_commitment(one), decode_commitment) for one in commitments]


def part_seeds() -> list[Seed]:
    """A folded part that is kept, whose proof is blank."""
    key = _inner_key()
    part = FoldedPart((4, 6), key, decode(blank_proof(key), key))
    return [container_seed(encode_part(part), lambda data: decode_part(data, INNER), lambda _: key)]


def parts_seeds() -> list[Seed]:
    """Folded parts of a unit, whose proofs are blank."""
    key = _inner_key()
    proof = decode(blank_proof(key), key)
    several = [FoldedPart((start, start + 1), key, proof) for start in range(3)]
    return [
        container_seed(encode_parts(3, parts), lambda data: decode_parts(data, INNER), lambda _: key)
        for parts in (several, several[:1])
    ]


def _inner_key() -> VerifyingKey:
    return VerifyingKey(inner_kind(), INNER, ((7,) * 9,) * (1 << INNER.cap_log), INNER_LOG_HEIGHTS)


def blank_proof(key: VerifyingKey) -> bytes:
    """A proof under a key in which every element is zero, and every opening has one row."""
    shape = proof_shape(key.kind, key.parameters)
    openings = b"".join(struct.pack("<2I", 1, 0) + bytes(4 * width) for width in shape.opening_widths)
    return MAGIC + bytes(4 * shape.fixed) + openings


def field_seeds() -> list[Seed]:
    """Payloads as fields of bytes."""
    stored = Stored(bytes(range(32)), 5_000_000).to_field()
    inline = Inline(bytes(range(100))).to_field()
    return [
        Seed(stored, (Field(0, 16, False), *number_fields(16, 8), Field(24, 32, False))),
        Seed(inline, tuple(number_fields(0, 4, 4, 8))),
    ]


def words_seeds() -> list[Seed]:
    """Payloads as lists of words, eight bytes each."""
    payloads = Inline(bytes(range(100))), Inline(b""), Stored(bytes(range(32)), 5_000_000)
    encoded = [struct.pack(f"<{len(words)}Q", *words) for words in (one.to_words() for one in payloads)]
    return [Seed(data, tuple(number_fields(0, *[8] * (len(data) // 8)))) for data in encoded]


def task_seeds() -> list[wire.CoordinatorMessage]:
    """Every kind of task."""
    given = Inline(bytes(range(50))), Stored(bytes(32), 1 << 21)
    request = JobRequest(JobKind.PROVE, "ab" * 32, given[0], Demand(10, None), 20, 128, "name")
    binding = Binding(given, b"challenge")
    tasks = (
        ContributeTask(request, 1, 3, range(2, 7)),
        ContributeTask(dataclasses.replace(request, input=InputPath("a/b")), 0, 1, range(10)),
        ProveTask(range(2, 7), binding),
        AggregateTask(request, binding, ((0, given[0]), (1, given[1])), first=True, last=True),
        ExecuteTask(dataclasses.replace(request, kind=JobKind.EXECUTE)),
        SetupTask(JobRequest(JobKind.SETUP, "ab" * 32, Inline(b""), Demand(1, None), 18, 100)),
    )
    return [encode_task("worker", "job", 7, task) for task in tasks]


def result_seeds() -> list[wire.WorkerMessage]:
    """Every kind of result, and what else a worker says."""
    given = Inline(bytes(range(50))), Stored(bytes(32), 1 << 21)
    results = (
        ContributionResult(given[0]),
        ProofsResult(((0, given[0]), (1, given[1])), Counts(5, 4)),
        AggregationResult(None),
        AggregationResult(given[1]),
        ExecutionResult(Execution(10, 9, 1, 0, tuple(range(64)), 1.5)),
        FailureResult(ErrorKind.INPUT, "text"),
    )
    beat = wire.HeartbeatAck(
        worker_id="w", progress=wire.TaskProgress(job_id="job", done=1, total=3, activity="prove")
    )
    said = (
        wire.WorkerMessage(heartbeat_ack=beat),
        wire.WorkerMessage(error=wire.WorkerError(worker_id="w", job_id="job", error_message="text")),
        wire.WorkerMessage(setup_program_ack=wire.SetupProgramAck(worker_id="w", success=True, vk=b"key")),
    )
    return [*said, *(encode_result("w", "job", 7, PROVE, result) for result in results)]


def request_seeds() -> list[api.JobRequestMessage]:
    """Every kind of request."""
    given = api.InputKind(inline=api.InputChunk(data=bytes(range(50))))
    options = api.ProofOptions(log_size=18, security=100, form="composite")
    kinds = (
        api.JobKind(setup=api.SetupRequest(hash_id="ab" * 32, options=options)),
        api.JobKind(execute=api.ExecuteRequest(hash_id="ab" * 32, input=given)),
        api.JobKind(
            prove=api.ProveRequest(hash_id="ab" * 32, input=given, options=options, compute_capacity=7)
        ),
        api.JobKind(prove=api.ProveRequest(hash_id="ab" * 32, proof_dest=api.PROOF_KIND_STARK_MINIMAL)),
    )
    return [api.JobRequestMessage(job_kind=kind) for kind in kinds]


def elf_seeds() -> list[Seed]:
    """Small guests, of compressed and whole instructions, with data."""
    codes = (
        struct.pack("<6I", 0x00500513, 0x00A50533, 0x02A505B3, 0x0005B603, 0xFE0518E3, 0x00000073),
        struct.pack("<8H", 0x4515, 0x952A, 0x8082, 0x0001, 0x6108, 0xE10C, 0x2501, 0x9002),
    )
    data = data_part(bytes(range(64)))
    elves = [write_elf([code_part(code), data]) for code in codes]
    elves.append(write_elf([code_part(codes[0]), data_part(b"", 0xA004_0000), data]))
    return [Seed(elf, tuple(_elf_fields(elf))) for elf in elves]


def settings_seeds() -> list[bytes]:
    """A file of each program with every setting at its default."""
    return [_settings_file(settings) for settings in (COORDINATOR, WORKER)]


def _segment_keys(key: ProgramKey):
    """The key of each segment of a run of one core segment."""
    return lambda number: key.key_of(CORE, 0) if number == 0 else key.key_of(EDGES, number - 1)


def _key_seed(key: ProgramKey) -> Seed:
    data = key.encode()
    places = np.unique(np.linspace(24, len(data) - 4, 60).astype(int) // 4 * 4)
    elements = [Field(int(place), 4, True) for place in places]
    return Seed(data, (Field(0, 4, False), *number_fields(4, *[4] * 5), *elements))


def _elf_fields(elf: bytes) -> list[Field]:
    header = (2, 2, 4, 8, 8, 8, 4, 2, 2, 2, 2, 2, 2)
    (table,), (count,) = struct.unpack_from("<Q", elf, 40), struct.unpack_from("<H", elf, 60)
    found = [Field(place, 1, True) for place in range(4, 7)] + number_fields(16, *header)
    starts = accumulate([64] * (count - 1), initial=table)
    for start in starts:
        found += number_fields(start, 4, 4, 8, 8, 8, 8, 4, 4, 8, 8)
        place, size = struct.unpack_from("<QQ", elf, start + 24)
        if size and place + size <= len(elf):
            found.append(Field(place, size, False))
    return sorted(found, key=lambda field: field.start)


def _settings_file(settings: tuple[Setting, ...]) -> bytes:
    lines: list[str] = []
    for setting in sorted(settings, key=lambda one: one.key):
        section, _, name = setting.key.rpartition(".")
        if not section:
            continue
        if f"[{section}]" not in lines:
            lines.append(f"[{section}]")
        value = setting.default
        text = f'"{value}"' if isinstance(value, str) else str(value).lower()
        lines.append(f"{name} = {text}")
    return "\n".join(lines).encode()
