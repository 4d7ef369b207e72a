import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TaskType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PARTIAL_CONTRIBUTION: _ClassVar[TaskType]
    PROVE: _ClassVar[TaskType]
    AGGREGATE: _ClassVar[TaskType]
    EXECUTION: _ClassVar[TaskType]
    WRAP: _ClassVar[TaskType]

class DistributedProofType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DISTRIBUTED_PROOF_TYPE_STARK: _ClassVar[DistributedProofType]
    DISTRIBUTED_PROOF_TYPE_STARK_MINIMAL: _ClassVar[DistributedProofType]
    DISTRIBUTED_PROOF_TYPE_PLONK: _ClassVar[DistributedProofType]

class StreamType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STREAM_TYPE_START: _ClassVar[StreamType]
    STREAM_TYPE_DATA: _ClassVar[StreamType]
    STREAM_TYPE_END: _ClassVar[StreamType]

class ReconnectionAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RECONNECTION_ACTION_IDLE: _ClassVar[ReconnectionAction]
    RECONNECTION_ACTION_KEEP_COMPUTING: _ClassVar[ReconnectionAction]
    RECONNECTION_ACTION_CANCEL_STALE_JOB: _ClassVar[ReconnectionAction]

class InputMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INPUT_MODE_NONE: _ClassVar[InputMode]
    INPUT_MODE_PATH: _ClassVar[InputMode]
    INPUT_MODE_DATA: _ClassVar[InputMode]

class HintsMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HINTS_MODE_NONE: _ClassVar[HintsMode]
    HINTS_MODE_PATH: _ClassVar[HintsMode]
    HINTS_MODE_STREAM: _ClassVar[HintsMode]
PARTIAL_CONTRIBUTION: TaskType
PROVE: TaskType
AGGREGATE: TaskType
EXECUTION: TaskType
WRAP: TaskType
DISTRIBUTED_PROOF_TYPE_STARK: DistributedProofType
DISTRIBUTED_PROOF_TYPE_STARK_MINIMAL: DistributedProofType
DISTRIBUTED_PROOF_TYPE_PLONK: DistributedProofType
STREAM_TYPE_START: StreamType
STREAM_TYPE_DATA: StreamType
STREAM_TYPE_END: StreamType
RECONNECTION_ACTION_IDLE: ReconnectionAction
RECONNECTION_ACTION_KEEP_COMPUTING: ReconnectionAction
RECONNECTION_ACTION_CANCEL_STALE_JOB: ReconnectionAction
INPUT_MODE_NONE: InputMode
INPUT_MODE_PATH: InputMode
INPUT_MODE_DATA: InputMode
HINTS_MODE_NONE: HintsMode
HINTS_MODE_PATH: HintsMode
HINTS_MODE_STREAM: HintsMode

class ErrorResponse(_message.Message):
    __slots__ = ("code", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class CoordinatorMessage(_message.Message):
    __slots__ = ("heartbeat", "shutdown", "register_response", "execute_task", "job_cancelled", "stream_data", "setup_program", "input_stream_data", "drain_confirmed")
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    SHUTDOWN_FIELD_NUMBER: _ClassVar[int]
    REGISTER_RESPONSE_FIELD_NUMBER: _ClassVar[int]
    EXECUTE_TASK_FIELD_NUMBER: _ClassVar[int]
    JOB_CANCELLED_FIELD_NUMBER: _ClassVar[int]
    STREAM_DATA_FIELD_NUMBER: _ClassVar[int]
    SETUP_PROGRAM_FIELD_NUMBER: _ClassVar[int]
    INPUT_STREAM_DATA_FIELD_NUMBER: _ClassVar[int]
    DRAIN_CONFIRMED_FIELD_NUMBER: _ClassVar[int]
    heartbeat: Heartbeat
    shutdown: Shutdown
    register_response: WorkerRegisterResponse
    execute_task: ExecuteTaskRequest
    job_cancelled: JobCancelled
    stream_data: StreamData
    setup_program: SetupProgram
    input_stream_data: InputStreamData
    drain_confirmed: DrainConfirmed
    def __init__(self, heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., shutdown: _Optional[_Union[Shutdown, _Mapping]] = ..., register_response: _Optional[_Union[WorkerRegisterResponse, _Mapping]] = ..., execute_task: _Optional[_Union[ExecuteTaskRequest, _Mapping]] = ..., job_cancelled: _Optional[_Union[JobCancelled, _Mapping]] = ..., stream_data: _Optional[_Union[StreamData, _Mapping]] = ..., setup_program: _Optional[_Union[SetupProgram, _Mapping]] = ..., input_stream_data: _Optional[_Union[InputStreamData, _Mapping]] = ..., drain_confirmed: _Optional[_Union[DrainConfirmed, _Mapping]] = ...) -> None: ...

class DrainConfirmed(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WorkerMessage(_message.Message):
    __slots__ = ("heartbeat_ack", "error", "register", "reconnect", "execute_task_response", "job_cancelled_ack", "setup_program_ack", "recovery_complete", "work_kept", "draining")
    HEARTBEAT_ACK_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    REGISTER_FIELD_NUMBER: _ClassVar[int]
    RECONNECT_FIELD_NUMBER: _ClassVar[int]
    EXECUTE_TASK_RESPONSE_FIELD_NUMBER: _ClassVar[int]
    JOB_CANCELLED_ACK_FIELD_NUMBER: _ClassVar[int]
    SETUP_PROGRAM_ACK_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_COMPLETE_FIELD_NUMBER: _ClassVar[int]
    WORK_KEPT_FIELD_NUMBER: _ClassVar[int]
    DRAINING_FIELD_NUMBER: _ClassVar[int]
    heartbeat_ack: HeartbeatAck
    error: WorkerError
    register: WorkerRegisterRequest
    reconnect: WorkerReconnectRequest
    execute_task_response: ExecuteTaskResponse
    job_cancelled_ack: JobCancelledAck
    setup_program_ack: SetupProgramAck
    recovery_complete: WorkerRecoveryComplete
    work_kept: WorkKept
    draining: WorkerDraining
    def __init__(self, heartbeat_ack: _Optional[_Union[HeartbeatAck, _Mapping]] = ..., error: _Optional[_Union[WorkerError, _Mapping]] = ..., register: _Optional[_Union[WorkerRegisterRequest, _Mapping]] = ..., reconnect: _Optional[_Union[WorkerReconnectRequest, _Mapping]] = ..., execute_task_response: _Optional[_Union[ExecuteTaskResponse, _Mapping]] = ..., job_cancelled_ack: _Optional[_Union[JobCancelledAck, _Mapping]] = ..., setup_program_ack: _Optional[_Union[SetupProgramAck, _Mapping]] = ..., recovery_complete: _Optional[_Union[WorkerRecoveryComplete, _Mapping]] = ..., work_kept: _Optional[_Union[WorkKept, _Mapping]] = ..., draining: _Optional[_Union[WorkerDraining, _Mapping]] = ...) -> None: ...

class WorkerDraining(_message.Message):
    __slots__ = ("worker_id",)
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    def __init__(self, worker_id: _Optional[str] = ...) -> None: ...

class WorkKept(_message.Message):
    __slots__ = ("worker_id", "job_id", "lease", "committed", "piece")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_FIELD_NUMBER: _ClassVar[int]
    PIECE_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    job_id: str
    lease: int
    committed: SegmentCommitment
    piece: ProofPiece
    def __init__(self, worker_id: _Optional[str] = ..., job_id: _Optional[str] = ..., lease: _Optional[int] = ..., committed: _Optional[_Union[SegmentCommitment, _Mapping]] = ..., piece: _Optional[_Union[ProofPiece, _Mapping]] = ...) -> None: ...

class SegmentCommitment(_message.Message):
    __slots__ = ("position", "commitment")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    position: int
    commitment: bytes
    def __init__(self, position: _Optional[int] = ..., commitment: _Optional[bytes] = ...) -> None: ...

class ProofPiece(_message.Message):
    __slots__ = ("start", "end", "proof")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    start: int
    end: int
    proof: bytes
    def __init__(self, start: _Optional[int] = ..., end: _Optional[int] = ..., proof: _Optional[bytes] = ...) -> None: ...

class WorkerRecoveryComplete(_message.Message):
    __slots__ = ("worker_id",)
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    def __init__(self, worker_id: _Optional[str] = ...) -> None: ...

class SetupProgram(_message.Message):
    __slots__ = ("job_id", "elf_bytes", "hash_id", "with_hints", "program_name", "options", "lease")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    ELF_BYTES_FIELD_NUMBER: _ClassVar[int]
    HASH_ID_FIELD_NUMBER: _ClassVar[int]
    WITH_HINTS_FIELD_NUMBER: _ClassVar[int]
    PROGRAM_NAME_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    elf_bytes: bytes
    hash_id: str
    with_hints: bool
    program_name: str
    options: ProofOptions
    lease: int
    def __init__(self, job_id: _Optional[str] = ..., elf_bytes: _Optional[bytes] = ..., hash_id: _Optional[str] = ..., with_hints: _Optional[bool] = ..., program_name: _Optional[str] = ..., options: _Optional[_Union[ProofOptions, _Mapping]] = ..., lease: _Optional[int] = ...) -> None: ...

class SetupProgramAck(_message.Message):
    __slots__ = ("job_id", "worker_id", "hash_id", "success", "error_message", "vk", "failure_kind", "lease")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    HASH_ID_FIELD_NUMBER: _ClassVar[int]
    SUCCESS_FIELD_NUMBER: _ClassVar[int]
    ERROR_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    VK_FIELD_NUMBER: _ClassVar[int]
    FAILURE_KIND_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    worker_id: str
    hash_id: str
    success: bool
    error_message: str
    vk: bytes
    failure_kind: str
    lease: int
    def __init__(self, job_id: _Optional[str] = ..., worker_id: _Optional[str] = ..., hash_id: _Optional[str] = ..., success: _Optional[bool] = ..., error_message: _Optional[str] = ..., vk: _Optional[bytes] = ..., failure_kind: _Optional[str] = ..., lease: _Optional[int] = ...) -> None: ...

class JobCancelledAck(_message.Message):
    __slots__ = ("worker_id", "job_id")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    job_id: str
    def __init__(self, worker_id: _Optional[str] = ..., job_id: _Optional[str] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("timestamp",)
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    timestamp: _timestamp_pb2.Timestamp
    def __init__(self, timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class HeartbeatAck(_message.Message):
    __slots__ = ("worker_id", "progress")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    progress: TaskProgress
    def __init__(self, worker_id: _Optional[str] = ..., progress: _Optional[_Union[TaskProgress, _Mapping]] = ...) -> None: ...

class TaskProgress(_message.Message):
    __slots__ = ("job_id", "done", "total", "activity")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    done: int
    total: int
    activity: str
    def __init__(self, job_id: _Optional[str] = ..., done: _Optional[int] = ..., total: _Optional[int] = ..., activity: _Optional[str] = ...) -> None: ...

class Shutdown(_message.Message):
    __slots__ = ("reason", "grace_period_seconds")
    REASON_FIELD_NUMBER: _ClassVar[int]
    GRACE_PERIOD_SECONDS_FIELD_NUMBER: _ClassVar[int]
    reason: str
    grace_period_seconds: int
    def __init__(self, reason: _Optional[str] = ..., grace_period_seconds: _Optional[int] = ...) -> None: ...

class WorkerRegisterRequest(_message.Message):
    __slots__ = ("worker_id", "compute_capacity", "program_hash_id")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    COMPUTE_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    PROGRAM_HASH_ID_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    compute_capacity: ComputeCapacity
    program_hash_id: str
    def __init__(self, worker_id: _Optional[str] = ..., compute_capacity: _Optional[_Union[ComputeCapacity, _Mapping]] = ..., program_hash_id: _Optional[str] = ...) -> None: ...

class WorkerReconnectRequest(_message.Message):
    __slots__ = ("worker_id", "compute_capacity", "last_known_job_id", "program_hash_id")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    COMPUTE_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    LAST_KNOWN_JOB_ID_FIELD_NUMBER: _ClassVar[int]
    PROGRAM_HASH_ID_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    compute_capacity: ComputeCapacity
    last_known_job_id: str
    program_hash_id: str
    def __init__(self, worker_id: _Optional[str] = ..., compute_capacity: _Optional[_Union[ComputeCapacity, _Mapping]] = ..., last_known_job_id: _Optional[str] = ..., program_hash_id: _Optional[str] = ...) -> None: ...

class WorkerRegisterResponse(_message.Message):
    __slots__ = ("worker_id", "accepted", "message", "registered_at", "directive", "setup_program")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REGISTERED_AT_FIELD_NUMBER: _ClassVar[int]
    DIRECTIVE_FIELD_NUMBER: _ClassVar[int]
    SETUP_PROGRAM_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    accepted: bool
    message: str
    registered_at: _timestamp_pb2.Timestamp
    directive: ReconnectionDirective
    setup_program: SetupProgram
    def __init__(self, worker_id: _Optional[str] = ..., accepted: _Optional[bool] = ..., message: _Optional[str] = ..., registered_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., directive: _Optional[_Union[ReconnectionDirective, _Mapping]] = ..., setup_program: _Optional[_Union[SetupProgram, _Mapping]] = ...) -> None: ...

class ReconnectionDirective(_message.Message):
    __slots__ = ("action",)
    ACTION_FIELD_NUMBER: _ClassVar[int]
    action: ReconnectionAction
    def __init__(self, action: _Optional[_Union[ReconnectionAction, str]] = ...) -> None: ...

class ExecuteTaskRequest(_message.Message):
    __slots__ = ("worker_id", "job_id", "task_type", "contribution_params", "prove_params", "agg_params", "execution_params", "wrap_params", "lease")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_TYPE_FIELD_NUMBER: _ClassVar[int]
    CONTRIBUTION_PARAMS_FIELD_NUMBER: _ClassVar[int]
    PROVE_PARAMS_FIELD_NUMBER: _ClassVar[int]
    AGG_PARAMS_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_PARAMS_FIELD_NUMBER: _ClassVar[int]
    WRAP_PARAMS_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    job_id: str
    task_type: TaskType
    contribution_params: ContributionParams
    prove_params: ProveParams
    agg_params: AggParams
    execution_params: ContributionParams
    wrap_params: WrapParams
    lease: int
    def __init__(self, worker_id: _Optional[str] = ..., job_id: _Optional[str] = ..., task_type: _Optional[_Union[TaskType, str]] = ..., contribution_params: _Optional[_Union[ContributionParams, _Mapping]] = ..., prove_params: _Optional[_Union[ProveParams, _Mapping]] = ..., agg_params: _Optional[_Union[AggParams, _Mapping]] = ..., execution_params: _Optional[_Union[ContributionParams, _Mapping]] = ..., wrap_params: _Optional[_Union[WrapParams, _Mapping]] = ..., lease: _Optional[int] = ...) -> None: ...

class ProofOptions(_message.Message):
    __slots__ = ("log_size", "security", "form")
    LOG_SIZE_FIELD_NUMBER: _ClassVar[int]
    SECURITY_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    log_size: int
    security: int
    form: str
    def __init__(self, log_size: _Optional[int] = ..., security: _Optional[int] = ..., form: _Optional[str] = ...) -> None: ...

class ContributionParams(_message.Message):
    __slots__ = ("data_id", "input_path", "input_data", "hints_path", "hints_stream", "hints_data", "rank_id", "total_workers", "worker_allocation", "job_compute_units", "hash_id", "options", "committed")
    DATA_ID_FIELD_NUMBER: _ClassVar[int]
    INPUT_PATH_FIELD_NUMBER: _ClassVar[int]
    INPUT_DATA_FIELD_NUMBER: _ClassVar[int]
    HINTS_PATH_FIELD_NUMBER: _ClassVar[int]
    HINTS_STREAM_FIELD_NUMBER: _ClassVar[int]
    HINTS_DATA_FIELD_NUMBER: _ClassVar[int]
    RANK_ID_FIELD_NUMBER: _ClassVar[int]
    TOTAL_WORKERS_FIELD_NUMBER: _ClassVar[int]
    WORKER_ALLOCATION_FIELD_NUMBER: _ClassVar[int]
    JOB_COMPUTE_UNITS_FIELD_NUMBER: _ClassVar[int]
    HASH_ID_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_FIELD_NUMBER: _ClassVar[int]
    data_id: str
    input_path: str
    input_data: bytes
    hints_path: str
    hints_stream: bool
    hints_data: bytes
    rank_id: int
    total_workers: int
    worker_allocation: _containers.RepeatedScalarFieldContainer[int]
    job_compute_units: int
    hash_id: str
    options: ProofOptions
    committed: _containers.RepeatedCompositeFieldContainer[SegmentCommitment]
    def __init__(self, data_id: _Optional[str] = ..., input_path: _Optional[str] = ..., input_data: _Optional[bytes] = ..., hints_path: _Optional[str] = ..., hints_stream: _Optional[bool] = ..., hints_data: _Optional[bytes] = ..., rank_id: _Optional[int] = ..., total_workers: _Optional[int] = ..., worker_allocation: _Optional[_Iterable[int]] = ..., job_compute_units: _Optional[int] = ..., hash_id: _Optional[str] = ..., options: _Optional[_Union[ProofOptions, _Mapping]] = ..., committed: _Optional[_Iterable[_Union[SegmentCommitment, _Mapping]]] = ...) -> None: ...

class ProveParams(_message.Message):
    __slots__ = ("challenges", "global_challenge", "worker_allocation", "pieces")
    CHALLENGES_FIELD_NUMBER: _ClassVar[int]
    GLOBAL_CHALLENGE_FIELD_NUMBER: _ClassVar[int]
    WORKER_ALLOCATION_FIELD_NUMBER: _ClassVar[int]
    PIECES_FIELD_NUMBER: _ClassVar[int]
    challenges: _containers.RepeatedCompositeFieldContainer[Challenges]
    global_challenge: bytes
    worker_allocation: _containers.RepeatedScalarFieldContainer[int]
    pieces: _containers.RepeatedCompositeFieldContainer[ProofPiece]
    def __init__(self, challenges: _Optional[_Iterable[_Union[Challenges, _Mapping]]] = ..., global_challenge: _Optional[bytes] = ..., worker_allocation: _Optional[_Iterable[int]] = ..., pieces: _Optional[_Iterable[_Union[ProofPiece, _Mapping]]] = ...) -> None: ...

class AggParams(_message.Message):
    __slots__ = ("agg_proofs", "last_proof", "final_proof", "proof_type", "job", "binding", "first_proof", "pieces")
    AGG_PROOFS_FIELD_NUMBER: _ClassVar[int]
    LAST_PROOF_FIELD_NUMBER: _ClassVar[int]
    FINAL_PROOF_FIELD_NUMBER: _ClassVar[int]
    PROOF_TYPE_FIELD_NUMBER: _ClassVar[int]
    JOB_FIELD_NUMBER: _ClassVar[int]
    BINDING_FIELD_NUMBER: _ClassVar[int]
    FIRST_PROOF_FIELD_NUMBER: _ClassVar[int]
    PIECES_FIELD_NUMBER: _ClassVar[int]
    agg_proofs: ProofList
    last_proof: bool
    final_proof: bool
    proof_type: DistributedProofType
    job: ContributionParams
    binding: ProveParams
    first_proof: bool
    pieces: _containers.RepeatedCompositeFieldContainer[ProofPiece]
    def __init__(self, agg_proofs: _Optional[_Union[ProofList, _Mapping]] = ..., last_proof: _Optional[bool] = ..., final_proof: _Optional[bool] = ..., proof_type: _Optional[_Union[DistributedProofType, str]] = ..., job: _Optional[_Union[ContributionParams, _Mapping]] = ..., binding: _Optional[_Union[ProveParams, _Mapping]] = ..., first_proof: _Optional[bool] = ..., pieces: _Optional[_Iterable[_Union[ProofPiece, _Mapping]]] = ...) -> None: ...

class WrapParams(_message.Message):
    __slots__ = ("proof_data", "proof_dest")
    PROOF_DATA_FIELD_NUMBER: _ClassVar[int]
    PROOF_DEST_FIELD_NUMBER: _ClassVar[int]
    proof_data: bytes
    proof_dest: int
    def __init__(self, proof_data: _Optional[bytes] = ..., proof_dest: _Optional[int] = ...) -> None: ...

class WrapResult(_message.Message):
    __slots__ = ("proof_data",)
    PROOF_DATA_FIELD_NUMBER: _ClassVar[int]
    proof_data: bytes
    def __init__(self, proof_data: _Optional[bytes] = ...) -> None: ...

class StreamData(_message.Message):
    __slots__ = ("job_id", "stream_type", "payload")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STREAM_TYPE_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    stream_type: StreamType
    payload: StreamPayload
    def __init__(self, job_id: _Optional[str] = ..., stream_type: _Optional[_Union[StreamType, str]] = ..., payload: _Optional[_Union[StreamPayload, _Mapping]] = ...) -> None: ...

class StreamPayload(_message.Message):
    __slots__ = ("sequence_number", "payload")
    SEQUENCE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    sequence_number: int
    payload: bytes
    def __init__(self, sequence_number: _Optional[int] = ..., payload: _Optional[bytes] = ...) -> None: ...

class InputStreamData(_message.Message):
    __slots__ = ("job_id", "payload")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    payload: bytes
    def __init__(self, job_id: _Optional[str] = ..., payload: _Optional[bytes] = ...) -> None: ...

class ExecuteTaskResponse(_message.Message):
    __slots__ = ("job_id", "worker_id", "task_type", "success", "error_message", "execution", "challenges", "proofs", "final_proof", "wrap_result", "worker_in_recovery", "failure_kind", "lease", "refused_unit")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_TYPE_FIELD_NUMBER: _ClassVar[int]
    SUCCESS_FIELD_NUMBER: _ClassVar[int]
    ERROR_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_FIELD_NUMBER: _ClassVar[int]
    CHALLENGES_FIELD_NUMBER: _ClassVar[int]
    PROOFS_FIELD_NUMBER: _ClassVar[int]
    FINAL_PROOF_FIELD_NUMBER: _ClassVar[int]
    WRAP_RESULT_FIELD_NUMBER: _ClassVar[int]
    WORKER_IN_RECOVERY_FIELD_NUMBER: _ClassVar[int]
    FAILURE_KIND_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    REFUSED_UNIT_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    worker_id: str
    task_type: TaskType
    success: bool
    error_message: str
    execution: Execution
    challenges: ChallengesList
    proofs: ProofList
    final_proof: FinalProof
    wrap_result: WrapResult
    worker_in_recovery: bool
    failure_kind: str
    lease: int
    refused_unit: int
    def __init__(self, job_id: _Optional[str] = ..., worker_id: _Optional[str] = ..., task_type: _Optional[_Union[TaskType, str]] = ..., success: _Optional[bool] = ..., error_message: _Optional[str] = ..., execution: _Optional[_Union[Execution, _Mapping]] = ..., challenges: _Optional[_Union[ChallengesList, _Mapping]] = ..., proofs: _Optional[_Union[ProofList, _Mapping]] = ..., final_proof: _Optional[_Union[FinalProof, _Mapping]] = ..., wrap_result: _Optional[_Union[WrapResult, _Mapping]] = ..., worker_in_recovery: _Optional[bool] = ..., failure_kind: _Optional[str] = ..., lease: _Optional[int] = ..., refused_unit: _Optional[int] = ...) -> None: ...

class WitnessExecInfo(_message.Message):
    __slots__ = ("witness_time", "publics", "proof_values", "summary_info", "total_instances")
    WITNESS_TIME_FIELD_NUMBER: _ClassVar[int]
    PUBLICS_FIELD_NUMBER: _ClassVar[int]
    PROOF_VALUES_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_INFO_FIELD_NUMBER: _ClassVar[int]
    TOTAL_INSTANCES_FIELD_NUMBER: _ClassVar[int]
    witness_time: float
    publics: _containers.RepeatedScalarFieldContainer[int]
    proof_values: _containers.RepeatedScalarFieldContainer[int]
    summary_info: str
    total_instances: int
    def __init__(self, witness_time: _Optional[float] = ..., publics: _Optional[_Iterable[int]] = ..., proof_values: _Optional[_Iterable[int]] = ..., summary_info: _Optional[str] = ..., total_instances: _Optional[int] = ...) -> None: ...

class AsmExecuteInfo(_message.Message):
    __slots__ = ("time", "mhz")
    TIME_FIELD_NUMBER: _ClassVar[int]
    MHZ_FIELD_NUMBER: _ClassVar[int]
    time: float
    mhz: float
    def __init__(self, time: _Optional[float] = ..., mhz: _Optional[float] = ...) -> None: ...

class ZiskExecuteTime(_message.Message):
    __slots__ = ("total_duration", "execution_duration", "count_and_plan_duration", "count_and_plan_mo_duration", "asm_execution_duration", "task_received_time")
    TOTAL_DURATION_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_DURATION_FIELD_NUMBER: _ClassVar[int]
    COUNT_AND_PLAN_DURATION_FIELD_NUMBER: _ClassVar[int]
    COUNT_AND_PLAN_MO_DURATION_FIELD_NUMBER: _ClassVar[int]
    ASM_EXECUTION_DURATION_FIELD_NUMBER: _ClassVar[int]
    TASK_RECEIVED_TIME_FIELD_NUMBER: _ClassVar[int]
    total_duration: float
    execution_duration: float
    count_and_plan_duration: float
    count_and_plan_mo_duration: float
    asm_execution_duration: AsmExecuteInfo
    task_received_time: float
    def __init__(self, total_duration: _Optional[float] = ..., execution_duration: _Optional[float] = ..., count_and_plan_duration: _Optional[float] = ..., count_and_plan_mo_duration: _Optional[float] = ..., asm_execution_duration: _Optional[_Union[AsmExecuteInfo, _Mapping]] = ..., task_received_time: _Optional[float] = ...) -> None: ...

class ChallengesList(_message.Message):
    __slots__ = ("challenges", "witness_info", "zisk_execution_time")
    CHALLENGES_FIELD_NUMBER: _ClassVar[int]
    WITNESS_INFO_FIELD_NUMBER: _ClassVar[int]
    ZISK_EXECUTION_TIME_FIELD_NUMBER: _ClassVar[int]
    challenges: _containers.RepeatedCompositeFieldContainer[Challenges]
    witness_info: WitnessExecInfo
    zisk_execution_time: ZiskExecuteTime
    def __init__(self, challenges: _Optional[_Iterable[_Union[Challenges, _Mapping]]] = ..., witness_info: _Optional[_Union[WitnessExecInfo, _Mapping]] = ..., zisk_execution_time: _Optional[_Union[ZiskExecuteTime, _Mapping]] = ...) -> None: ...

class Execution(_message.Message):
    __slots__ = ("instances", "executed_steps", "zisk_execution_time", "witness_info", "exit_code", "cycles")
    INSTANCES_FIELD_NUMBER: _ClassVar[int]
    EXECUTED_STEPS_FIELD_NUMBER: _ClassVar[int]
    ZISK_EXECUTION_TIME_FIELD_NUMBER: _ClassVar[int]
    WITNESS_INFO_FIELD_NUMBER: _ClassVar[int]
    EXIT_CODE_FIELD_NUMBER: _ClassVar[int]
    CYCLES_FIELD_NUMBER: _ClassVar[int]
    instances: int
    executed_steps: int
    zisk_execution_time: ZiskExecuteTime
    witness_info: WitnessExecInfo
    exit_code: int
    cycles: int
    def __init__(self, instances: _Optional[int] = ..., executed_steps: _Optional[int] = ..., zisk_execution_time: _Optional[_Union[ZiskExecuteTime, _Mapping]] = ..., witness_info: _Optional[_Union[WitnessExecInfo, _Mapping]] = ..., exit_code: _Optional[int] = ..., cycles: _Optional[int] = ...) -> None: ...

class Challenges(_message.Message):
    __slots__ = ("worker_index", "airgroup_id", "challenge")
    WORKER_INDEX_FIELD_NUMBER: _ClassVar[int]
    AIRGROUP_ID_FIELD_NUMBER: _ClassVar[int]
    CHALLENGE_FIELD_NUMBER: _ClassVar[int]
    worker_index: int
    airgroup_id: int
    challenge: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, worker_index: _Optional[int] = ..., airgroup_id: _Optional[int] = ..., challenge: _Optional[_Iterable[int]] = ...) -> None: ...

class ProofList(_message.Message):
    __slots__ = ("proofs", "executed_steps", "cycles")
    PROOFS_FIELD_NUMBER: _ClassVar[int]
    EXECUTED_STEPS_FIELD_NUMBER: _ClassVar[int]
    CYCLES_FIELD_NUMBER: _ClassVar[int]
    proofs: _containers.RepeatedCompositeFieldContainer[ProofStark]
    executed_steps: int
    cycles: int
    def __init__(self, proofs: _Optional[_Iterable[_Union[ProofStark, _Mapping]]] = ..., executed_steps: _Optional[int] = ..., cycles: _Optional[int] = ...) -> None: ...

class ProofStark(_message.Message):
    __slots__ = ("worker_idx", "airgroup_id", "values")
    WORKER_IDX_FIELD_NUMBER: _ClassVar[int]
    AIRGROUP_ID_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    worker_idx: int
    airgroup_id: int
    values: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, worker_idx: _Optional[int] = ..., airgroup_id: _Optional[int] = ..., values: _Optional[_Iterable[int]] = ...) -> None: ...

class FinalProof(_message.Message):
    __slots__ = ("proof_data", "executed_steps", "instances")
    PROOF_DATA_FIELD_NUMBER: _ClassVar[int]
    EXECUTED_STEPS_FIELD_NUMBER: _ClassVar[int]
    INSTANCES_FIELD_NUMBER: _ClassVar[int]
    proof_data: bytes
    executed_steps: int
    instances: int
    def __init__(self, proof_data: _Optional[bytes] = ..., executed_steps: _Optional[int] = ..., instances: _Optional[int] = ...) -> None: ...

class WorkerError(_message.Message):
    __slots__ = ("worker_id", "job_id", "error_message", "lease")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    ERROR_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    job_id: str
    error_message: str
    lease: int
    def __init__(self, worker_id: _Optional[str] = ..., job_id: _Optional[str] = ..., error_message: _Optional[str] = ..., lease: _Optional[int] = ...) -> None: ...

class ComputeCapacity(_message.Message):
    __slots__ = ("compute_units",)
    COMPUTE_UNITS_FIELD_NUMBER: _ClassVar[int]
    compute_units: int
    def __init__(self, compute_units: _Optional[int] = ...) -> None: ...

class JobCancelled(_message.Message):
    __slots__ = ("job_id", "reason")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    reason: str
    def __init__(self, job_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class HealthCheckRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class HealthCheckResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SystemStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SystemStatusResponse(_message.Message):
    __slots__ = ("status", "error")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    status: SystemStatus
    error: ErrorResponse
    def __init__(self, status: _Optional[_Union[SystemStatus, _Mapping]] = ..., error: _Optional[_Union[ErrorResponse, _Mapping]] = ...) -> None: ...

class SystemStatus(_message.Message):
    __slots__ = ("total_workers", "compute_capacity", "idle_workers", "busy_workers", "active_jobs")
    TOTAL_WORKERS_FIELD_NUMBER: _ClassVar[int]
    COMPUTE_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    IDLE_WORKERS_FIELD_NUMBER: _ClassVar[int]
    BUSY_WORKERS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_JOBS_FIELD_NUMBER: _ClassVar[int]
    total_workers: int
    compute_capacity: int
    idle_workers: int
    busy_workers: int
    active_jobs: int
    def __init__(self, total_workers: _Optional[int] = ..., compute_capacity: _Optional[int] = ..., idle_workers: _Optional[int] = ..., busy_workers: _Optional[int] = ..., active_jobs: _Optional[int] = ...) -> None: ...

class StatusInfoRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StatusInfoResponse(_message.Message):
    __slots__ = ("service_name", "version", "uptime_seconds", "start_time", "metrics")
    SERVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    UPTIME_SECONDS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    service_name: str
    version: str
    uptime_seconds: int
    start_time: _timestamp_pb2.Timestamp
    metrics: Metrics
    def __init__(self, service_name: _Optional[str] = ..., version: _Optional[str] = ..., uptime_seconds: _Optional[int] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., metrics: _Optional[_Union[Metrics, _Mapping]] = ...) -> None: ...

class Metrics(_message.Message):
    __slots__ = ("active_connections",)
    ACTIVE_CONNECTIONS_FIELD_NUMBER: _ClassVar[int]
    active_connections: int
    def __init__(self, active_connections: _Optional[int] = ...) -> None: ...

class JobsListRequest(_message.Message):
    __slots__ = ("active_only",)
    ACTIVE_ONLY_FIELD_NUMBER: _ClassVar[int]
    active_only: bool
    def __init__(self, active_only: _Optional[bool] = ...) -> None: ...

class JobsListResponse(_message.Message):
    __slots__ = ("jobs_list", "error")
    JOBS_LIST_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    jobs_list: JobsList
    error: ErrorResponse
    def __init__(self, jobs_list: _Optional[_Union[JobsList, _Mapping]] = ..., error: _Optional[_Union[ErrorResponse, _Mapping]] = ...) -> None: ...

class JobsList(_message.Message):
    __slots__ = ("jobs",)
    JOBS_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[JobStatus]
    def __init__(self, jobs: _Optional[_Iterable[_Union[JobStatus, _Mapping]]] = ...) -> None: ...

class JobStatusRequest(_message.Message):
    __slots__ = ("job_id", "seen_revision", "wait_seconds")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_REVISION_FIELD_NUMBER: _ClassVar[int]
    WAIT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    seen_revision: int
    wait_seconds: int
    def __init__(self, job_id: _Optional[str] = ..., seen_revision: _Optional[int] = ..., wait_seconds: _Optional[int] = ...) -> None: ...

class JobStatusResponse(_message.Message):
    __slots__ = ("job", "error")
    JOB_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    job: JobStatus
    error: ErrorResponse
    def __init__(self, job: _Optional[_Union[JobStatus, _Mapping]] = ..., error: _Optional[_Union[ErrorResponse, _Mapping]] = ...) -> None: ...

class JobStatus(_message.Message):
    __slots__ = ("job_id", "data_id", "phase", "state", "assigned_workers", "start_time", "duration_ms", "proof", "failure_kind", "failure_message", "progress_permille", "activities", "form", "revision")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    DATA_ID_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ASSIGNED_WORKERS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    FAILURE_KIND_FIELD_NUMBER: _ClassVar[int]
    FAILURE_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_PERMILLE_FIELD_NUMBER: _ClassVar[int]
    ACTIVITIES_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    data_id: str
    phase: str
    state: str
    assigned_workers: _containers.RepeatedScalarFieldContainer[str]
    start_time: int
    duration_ms: int
    proof: bytes
    failure_kind: str
    failure_message: str
    progress_permille: int
    activities: _containers.RepeatedScalarFieldContainer[str]
    form: str
    revision: int
    def __init__(self, job_id: _Optional[str] = ..., data_id: _Optional[str] = ..., phase: _Optional[str] = ..., state: _Optional[str] = ..., assigned_workers: _Optional[_Iterable[str]] = ..., start_time: _Optional[int] = ..., duration_ms: _Optional[int] = ..., proof: _Optional[bytes] = ..., failure_kind: _Optional[str] = ..., failure_message: _Optional[str] = ..., progress_permille: _Optional[int] = ..., activities: _Optional[_Iterable[str]] = ..., form: _Optional[str] = ..., revision: _Optional[int] = ...) -> None: ...

class WorkersListRequest(_message.Message):
    __slots__ = ("available_only",)
    AVAILABLE_ONLY_FIELD_NUMBER: _ClassVar[int]
    available_only: bool
    def __init__(self, available_only: _Optional[bool] = ...) -> None: ...

class WorkersListResponse(_message.Message):
    __slots__ = ("workers_list", "error")
    WORKERS_LIST_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    workers_list: WorkersList
    error: ErrorResponse
    def __init__(self, workers_list: _Optional[_Union[WorkersList, _Mapping]] = ..., error: _Optional[_Union[ErrorResponse, _Mapping]] = ...) -> None: ...

class WorkersList(_message.Message):
    __slots__ = ("workers",)
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    workers: _containers.RepeatedCompositeFieldContainer[WorkerInfo]
    def __init__(self, workers: _Optional[_Iterable[_Union[WorkerInfo, _Mapping]]] = ...) -> None: ...

class WorkerInfo(_message.Message):
    __slots__ = ("worker_id", "state", "compute_capacity", "connected_at", "last_heartbeat")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    COMPUTE_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    CONNECTED_AT_FIELD_NUMBER: _ClassVar[int]
    LAST_HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    state: str
    compute_capacity: ComputeCapacity
    connected_at: _timestamp_pb2.Timestamp
    last_heartbeat: _timestamp_pb2.Timestamp
    def __init__(self, worker_id: _Optional[str] = ..., state: _Optional[str] = ..., compute_capacity: _Optional[_Union[ComputeCapacity, _Mapping]] = ..., connected_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_heartbeat: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class LaunchProofRequest(_message.Message):
    __slots__ = ("data_id", "compute_capacity", "minimal_compute_capacity", "inputs_mode", "inputs_uri", "hints_mode", "hints_uri", "simulated_node", "options", "input_data", "default_capacity")
    DATA_ID_FIELD_NUMBER: _ClassVar[int]
    COMPUTE_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    MINIMAL_COMPUTE_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    INPUTS_MODE_FIELD_NUMBER: _ClassVar[int]
    INPUTS_URI_FIELD_NUMBER: _ClassVar[int]
    HINTS_MODE_FIELD_NUMBER: _ClassVar[int]
    HINTS_URI_FIELD_NUMBER: _ClassVar[int]
    SIMULATED_NODE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    INPUT_DATA_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    data_id: str
    compute_capacity: int
    minimal_compute_capacity: int
    inputs_mode: InputMode
    inputs_uri: str
    hints_mode: HintsMode
    hints_uri: str
    simulated_node: int
    options: ProofOptions
    input_data: bytes
    default_capacity: bool
    def __init__(self, data_id: _Optional[str] = ..., compute_capacity: _Optional[int] = ..., minimal_compute_capacity: _Optional[int] = ..., inputs_mode: _Optional[_Union[InputMode, str]] = ..., inputs_uri: _Optional[str] = ..., hints_mode: _Optional[_Union[HintsMode, str]] = ..., hints_uri: _Optional[str] = ..., simulated_node: _Optional[int] = ..., options: _Optional[_Union[ProofOptions, _Mapping]] = ..., input_data: _Optional[bytes] = ..., default_capacity: _Optional[bool] = ...) -> None: ...

class LaunchProofResponse(_message.Message):
    __slots__ = ("job_id", "error")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    error: ErrorResponse
    def __init__(self, job_id: _Optional[str] = ..., error: _Optional[_Union[ErrorResponse, _Mapping]] = ...) -> None: ...
