import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import empty_pb2 as _empty_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ProofKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROOF_KIND_UNSPECIFIED: _ClassVar[ProofKind]
    PROOF_KIND_STARK: _ClassVar[ProofKind]
    PROOF_KIND_STARK_MINIMAL: _ClassVar[ProofKind]
    PROOF_KIND_PLONK: _ClassVar[ProofKind]

class JobPhase(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    JOB_PHASE_UNSPECIFIED: _ClassVar[JobPhase]
    JOB_PHASE_CONTRIBUTIONS: _ClassVar[JobPhase]
    JOB_PHASE_PROVE: _ClassVar[JobPhase]
    JOB_PHASE_AGGREGATE: _ClassVar[JobPhase]
PROOF_KIND_UNSPECIFIED: ProofKind
PROOF_KIND_STARK: ProofKind
PROOF_KIND_STARK_MINIMAL: ProofKind
PROOF_KIND_PLONK: ProofKind
JOB_PHASE_UNSPECIFIED: JobPhase
JOB_PHASE_CONTRIBUTIONS: JobPhase
JOB_PHASE_PROVE: JobPhase
JOB_PHASE_AGGREGATE: JobPhase

class ProofOptions(_message.Message):
    __slots__ = ("log_size", "security", "form")
    LOG_SIZE_FIELD_NUMBER: _ClassVar[int]
    SECURITY_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    log_size: int
    security: int
    form: str
    def __init__(self, log_size: _Optional[int] = ..., security: _Optional[int] = ..., form: _Optional[str] = ...) -> None: ...

class CostPerType(_message.Message):
    __slots__ = ("main", "opcode", "memory", "precompile", "tables", "other")
    MAIN_FIELD_NUMBER: _ClassVar[int]
    OPCODE_FIELD_NUMBER: _ClassVar[int]
    MEMORY_FIELD_NUMBER: _ClassVar[int]
    PRECOMPILE_FIELD_NUMBER: _ClassVar[int]
    TABLES_FIELD_NUMBER: _ClassVar[int]
    OTHER_FIELD_NUMBER: _ClassVar[int]
    main: int
    opcode: int
    memory: int
    precompile: int
    tables: int
    other: int
    def __init__(self, main: _Optional[int] = ..., opcode: _Optional[int] = ..., memory: _Optional[int] = ..., precompile: _Optional[int] = ..., tables: _Optional[int] = ..., other: _Optional[int] = ...) -> None: ...

class ExecutionStats(_message.Message):
    __slots__ = ("steps", "duration_nanos", "cost_per_type", "segments", "exit_code", "cycles")
    STEPS_FIELD_NUMBER: _ClassVar[int]
    DURATION_NANOS_FIELD_NUMBER: _ClassVar[int]
    COST_PER_TYPE_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    EXIT_CODE_FIELD_NUMBER: _ClassVar[int]
    CYCLES_FIELD_NUMBER: _ClassVar[int]
    steps: int
    duration_nanos: int
    cost_per_type: CostPerType
    segments: int
    exit_code: int
    cycles: int
    def __init__(self, steps: _Optional[int] = ..., duration_nanos: _Optional[int] = ..., cost_per_type: _Optional[_Union[CostPerType, _Mapping]] = ..., segments: _Optional[int] = ..., exit_code: _Optional[int] = ..., cycles: _Optional[int] = ...) -> None: ...

class InputChunk(_message.Message):
    __slots__ = ("data",)
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    def __init__(self, data: _Optional[bytes] = ...) -> None: ...

class InputKind(_message.Message):
    __slots__ = ("inline", "stream_uri")
    INLINE_FIELD_NUMBER: _ClassVar[int]
    STREAM_URI_FIELD_NUMBER: _ClassVar[int]
    inline: InputChunk
    stream_uri: str
    def __init__(self, inline: _Optional[_Union[InputChunk, _Mapping]] = ..., stream_uri: _Optional[str] = ...) -> None: ...

class Proof(_message.Message):
    __slots__ = ("proof_id", "hash_id", "verification_key", "proof_kind", "data", "public_inputs", "started_at", "completed_at", "form")
    PROOF_ID_FIELD_NUMBER: _ClassVar[int]
    HASH_ID_FIELD_NUMBER: _ClassVar[int]
    VERIFICATION_KEY_FIELD_NUMBER: _ClassVar[int]
    PROOF_KIND_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_INPUTS_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_AT_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    proof_id: str
    hash_id: str
    verification_key: bytes
    proof_kind: ProofKind
    data: bytes
    public_inputs: bytes
    started_at: _timestamp_pb2.Timestamp
    completed_at: _timestamp_pb2.Timestamp
    form: str
    def __init__(self, proof_id: _Optional[str] = ..., hash_id: _Optional[str] = ..., verification_key: _Optional[bytes] = ..., proof_kind: _Optional[_Union[ProofKind, str]] = ..., data: _Optional[bytes] = ..., public_inputs: _Optional[bytes] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., completed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., form: _Optional[str] = ...) -> None: ...

class ApiError(_message.Message):
    __slots__ = ("code", "name", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: int
    name: str
    message: str
    def __init__(self, code: _Optional[int] = ..., name: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class JobFailure(_message.Message):
    __slots__ = ("timeout", "input", "execution", "internal", "cancelled", "failure_kind", "message")
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_FIELD_NUMBER: _ClassVar[int]
    INTERNAL_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    FAILURE_KIND_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    timeout: JobFailureTimeout
    input: JobFailureInput
    execution: JobFailureExecution
    internal: JobFailureInternal
    cancelled: JobFailureCancelled
    failure_kind: str
    message: str
    def __init__(self, timeout: _Optional[_Union[JobFailureTimeout, _Mapping]] = ..., input: _Optional[_Union[JobFailureInput, _Mapping]] = ..., execution: _Optional[_Union[JobFailureExecution, _Mapping]] = ..., internal: _Optional[_Union[JobFailureInternal, _Mapping]] = ..., cancelled: _Optional[_Union[JobFailureCancelled, _Mapping]] = ..., failure_kind: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class JobFailureTimeout(_message.Message):
    __slots__ = ("phase", "limit")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    phase: JobPhase
    limit: _duration_pb2.Duration
    def __init__(self, phase: _Optional[_Union[JobPhase, str]] = ..., limit: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class JobFailureInput(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class JobFailureExecution(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class JobFailureInternal(_message.Message):
    __slots__ = ("trace_id",)
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    trace_id: str
    def __init__(self, trace_id: _Optional[str] = ...) -> None: ...

class JobFailureCancelled(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RegisterGuestProgramRequest(_message.Message):
    __slots__ = ("zisk_elf",)
    ZISK_ELF_FIELD_NUMBER: _ClassVar[int]
    zisk_elf: bytes
    def __init__(self, zisk_elf: _Optional[bytes] = ...) -> None: ...

class RegisterGuestProgramResponse(_message.Message):
    __slots__ = ("hash_id",)
    HASH_ID_FIELD_NUMBER: _ClassVar[int]
    hash_id: str
    def __init__(self, hash_id: _Optional[str] = ...) -> None: ...

class JobRequestMessage(_message.Message):
    __slots__ = ("job_kind",)
    JOB_KIND_FIELD_NUMBER: _ClassVar[int]
    job_kind: JobKind
    def __init__(self, job_kind: _Optional[_Union[JobKind, _Mapping]] = ...) -> None: ...

class JobResponse(_message.Message):
    __slots__ = ("job_id",)
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    def __init__(self, job_id: _Optional[str] = ...) -> None: ...

class JobKind(_message.Message):
    __slots__ = ("setup", "prove", "wrap", "execute")
    SETUP_FIELD_NUMBER: _ClassVar[int]
    PROVE_FIELD_NUMBER: _ClassVar[int]
    WRAP_FIELD_NUMBER: _ClassVar[int]
    EXECUTE_FIELD_NUMBER: _ClassVar[int]
    setup: SetupRequest
    prove: ProveRequest
    wrap: WrapRequest
    execute: ExecuteRequest
    def __init__(self, setup: _Optional[_Union[SetupRequest, _Mapping]] = ..., prove: _Optional[_Union[ProveRequest, _Mapping]] = ..., wrap: _Optional[_Union[WrapRequest, _Mapping]] = ..., execute: _Optional[_Union[ExecuteRequest, _Mapping]] = ...) -> None: ...

class SetupRequest(_message.Message):
    __slots__ = ("hash_id", "with_hints", "program_name", "options")
    HASH_ID_FIELD_NUMBER: _ClassVar[int]
    WITH_HINTS_FIELD_NUMBER: _ClassVar[int]
    PROGRAM_NAME_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    hash_id: str
    with_hints: bool
    program_name: str
    options: ProofOptions
    def __init__(self, hash_id: _Optional[str] = ..., with_hints: _Optional[bool] = ..., program_name: _Optional[str] = ..., options: _Optional[_Union[ProofOptions, _Mapping]] = ...) -> None: ...

class SetupResponse(_message.Message):
    __slots__ = ("vk",)
    VK_FIELD_NUMBER: _ClassVar[int]
    vk: bytes
    def __init__(self, vk: _Optional[bytes] = ...) -> None: ...

class ProveRequest(_message.Message):
    __slots__ = ("hash_id", "input", "proof_timeout", "proof_dest", "hints", "options", "compute_capacity")
    HASH_ID_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    PROOF_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    PROOF_DEST_FIELD_NUMBER: _ClassVar[int]
    HINTS_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    COMPUTE_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    hash_id: str
    input: InputKind
    proof_timeout: _timestamp_pb2.Timestamp
    proof_dest: ProofKind
    hints: InputKind
    options: ProofOptions
    compute_capacity: int
    def __init__(self, hash_id: _Optional[str] = ..., input: _Optional[_Union[InputKind, _Mapping]] = ..., proof_timeout: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., proof_dest: _Optional[_Union[ProofKind, str]] = ..., hints: _Optional[_Union[InputKind, _Mapping]] = ..., options: _Optional[_Union[ProofOptions, _Mapping]] = ..., compute_capacity: _Optional[int] = ...) -> None: ...

class ProveResponse(_message.Message):
    __slots__ = ("proof", "stats")
    PROOF_FIELD_NUMBER: _ClassVar[int]
    STATS_FIELD_NUMBER: _ClassVar[int]
    proof: Proof
    stats: ExecutionStats
    def __init__(self, proof: _Optional[_Union[Proof, _Mapping]] = ..., stats: _Optional[_Union[ExecutionStats, _Mapping]] = ...) -> None: ...

class WrapRequest(_message.Message):
    __slots__ = ("proof", "proof_dest", "wrap_timeout")
    PROOF_FIELD_NUMBER: _ClassVar[int]
    PROOF_DEST_FIELD_NUMBER: _ClassVar[int]
    WRAP_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    proof: Proof
    proof_dest: ProofKind
    wrap_timeout: _timestamp_pb2.Timestamp
    def __init__(self, proof: _Optional[_Union[Proof, _Mapping]] = ..., proof_dest: _Optional[_Union[ProofKind, str]] = ..., wrap_timeout: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class WrapResponse(_message.Message):
    __slots__ = ("proof",)
    PROOF_FIELD_NUMBER: _ClassVar[int]
    proof: Proof
    def __init__(self, proof: _Optional[_Union[Proof, _Mapping]] = ...) -> None: ...

class ExecuteRequest(_message.Message):
    __slots__ = ("hash_id", "input", "execute_timeout", "hints")
    HASH_ID_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    EXECUTE_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    HINTS_FIELD_NUMBER: _ClassVar[int]
    hash_id: str
    input: InputKind
    execute_timeout: _timestamp_pb2.Timestamp
    hints: InputKind
    def __init__(self, hash_id: _Optional[str] = ..., input: _Optional[_Union[InputKind, _Mapping]] = ..., execute_timeout: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., hints: _Optional[_Union[InputKind, _Mapping]] = ...) -> None: ...

class ExecuteResponse(_message.Message):
    __slots__ = ("stats", "public_outputs")
    STATS_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    stats: ExecutionStats
    public_outputs: bytes
    def __init__(self, stats: _Optional[_Union[ExecutionStats, _Mapping]] = ..., public_outputs: _Optional[bytes] = ...) -> None: ...

class JobKindResponse(_message.Message):
    __slots__ = ("setup", "prove", "wrap", "execute")
    SETUP_FIELD_NUMBER: _ClassVar[int]
    PROVE_FIELD_NUMBER: _ClassVar[int]
    WRAP_FIELD_NUMBER: _ClassVar[int]
    EXECUTE_FIELD_NUMBER: _ClassVar[int]
    setup: SetupResponse
    prove: ProveResponse
    wrap: WrapResponse
    execute: ExecuteResponse
    def __init__(self, setup: _Optional[_Union[SetupResponse, _Mapping]] = ..., prove: _Optional[_Union[ProveResponse, _Mapping]] = ..., wrap: _Optional[_Union[WrapResponse, _Mapping]] = ..., execute: _Optional[_Union[ExecuteResponse, _Mapping]] = ...) -> None: ...

class WaitJobResultRequest(_message.Message):
    __slots__ = ("job_id", "timeout_seconds", "at_once")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    AT_ONCE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    timeout_seconds: int
    at_once: bool
    def __init__(self, job_id: _Optional[str] = ..., timeout_seconds: _Optional[int] = ..., at_once: _Optional[bool] = ...) -> None: ...

class WaitJobResultResponse(_message.Message):
    __slots__ = ("job_id", "job_status", "result")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    JOB_STATUS_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    job_status: JobStatus
    result: JobKindResponse
    def __init__(self, job_id: _Optional[str] = ..., job_status: _Optional[_Union[JobStatus, _Mapping]] = ..., result: _Optional[_Union[JobKindResponse, _Mapping]] = ...) -> None: ...

class JobStatus(_message.Message):
    __slots__ = ("queued", "running", "waiting_for_input", "completed", "failed", "cancelled")
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    RUNNING_FIELD_NUMBER: _ClassVar[int]
    WAITING_FOR_INPUT_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    queued: JobStatusQueued
    running: JobStatusRunning
    waiting_for_input: JobStatusWaitingForInput
    completed: JobStatusCompleted
    failed: JobStatusFailed
    cancelled: JobStatusCancelled
    def __init__(self, queued: _Optional[_Union[JobStatusQueued, _Mapping]] = ..., running: _Optional[_Union[JobStatusRunning, _Mapping]] = ..., waiting_for_input: _Optional[_Union[JobStatusWaitingForInput, _Mapping]] = ..., completed: _Optional[_Union[JobStatusCompleted, _Mapping]] = ..., failed: _Optional[_Union[JobStatusFailed, _Mapping]] = ..., cancelled: _Optional[_Union[JobStatusCancelled, _Mapping]] = ...) -> None: ...

class JobStatusQueued(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class JobStatusRunning(_message.Message):
    __slots__ = ("phase",)
    PHASE_FIELD_NUMBER: _ClassVar[int]
    phase: JobPhase
    def __init__(self, phase: _Optional[_Union[JobPhase, str]] = ...) -> None: ...

class JobStatusWaitingForInput(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class JobStatusCompleted(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class JobStatusFailed(_message.Message):
    __slots__ = ("failure",)
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    failure: JobFailure
    def __init__(self, failure: _Optional[_Union[JobFailure, _Mapping]] = ...) -> None: ...

class JobStatusCancelled(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WatchJobRequest(_message.Message):
    __slots__ = ("job_id",)
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    def __init__(self, job_id: _Optional[str] = ...) -> None: ...

class JobEvent(_message.Message):
    __slots__ = ("queued", "started", "progress", "waiting_for_input", "completed", "cancelled", "failed")
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    WAITING_FOR_INPUT_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    queued: JobEventQueued
    started: JobEventStarted
    progress: JobEventProgress
    waiting_for_input: JobEventWaitingForInput
    completed: JobEventCompleted
    cancelled: JobEventCancelled
    failed: JobEventFailed
    def __init__(self, queued: _Optional[_Union[JobEventQueued, _Mapping]] = ..., started: _Optional[_Union[JobEventStarted, _Mapping]] = ..., progress: _Optional[_Union[JobEventProgress, _Mapping]] = ..., waiting_for_input: _Optional[_Union[JobEventWaitingForInput, _Mapping]] = ..., completed: _Optional[_Union[JobEventCompleted, _Mapping]] = ..., cancelled: _Optional[_Union[JobEventCancelled, _Mapping]] = ..., failed: _Optional[_Union[JobEventFailed, _Mapping]] = ...) -> None: ...

class JobEventQueued(_message.Message):
    __slots__ = ("job_id", "timestamp")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    timestamp: _timestamp_pb2.Timestamp
    def __init__(self, job_id: _Optional[str] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class JobEventStarted(_message.Message):
    __slots__ = ("job_id", "timestamp")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    timestamp: _timestamp_pb2.Timestamp
    def __init__(self, job_id: _Optional[str] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class JobEventProgress(_message.Message):
    __slots__ = ("job_id", "phase", "timestamp")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    phase: JobPhase
    timestamp: _timestamp_pb2.Timestamp
    def __init__(self, job_id: _Optional[str] = ..., phase: _Optional[_Union[JobPhase, str]] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class JobEventWaitingForInput(_message.Message):
    __slots__ = ("job_id", "timestamp")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    timestamp: _timestamp_pb2.Timestamp
    def __init__(self, job_id: _Optional[str] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class JobEventCompleted(_message.Message):
    __slots__ = ("job_id", "result", "timestamp")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    result: JobKindResponse
    timestamp: _timestamp_pb2.Timestamp
    def __init__(self, job_id: _Optional[str] = ..., result: _Optional[_Union[JobKindResponse, _Mapping]] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class JobEventCancelled(_message.Message):
    __slots__ = ("job_id", "timestamp")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    timestamp: _timestamp_pb2.Timestamp
    def __init__(self, job_id: _Optional[str] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class JobEventFailed(_message.Message):
    __slots__ = ("job_id", "failure", "timestamp")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    failure: JobFailure
    timestamp: _timestamp_pb2.Timestamp
    def __init__(self, job_id: _Optional[str] = ..., failure: _Optional[_Union[JobFailure, _Mapping]] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class PushJobInputRequest(_message.Message):
    __slots__ = ("job_id", "chunk")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    chunk: InputChunk
    def __init__(self, job_id: _Optional[str] = ..., chunk: _Optional[_Union[InputChunk, _Mapping]] = ...) -> None: ...

class PushJobHintsInputRequest(_message.Message):
    __slots__ = ("job_id", "chunk")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    chunk: InputChunk
    def __init__(self, job_id: _Optional[str] = ..., chunk: _Optional[_Union[InputChunk, _Mapping]] = ...) -> None: ...

class CancelJobRequest(_message.Message):
    __slots__ = ("job_id",)
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    def __init__(self, job_id: _Optional[str] = ...) -> None: ...

class CancelJobResponse(_message.Message):
    __slots__ = ("job_id", "cancelled")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    cancelled: bool
    def __init__(self, job_id: _Optional[str] = ..., cancelled: _Optional[bool] = ...) -> None: ...
