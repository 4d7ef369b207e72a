from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Status(_message.Message):
    __slots__ = ("name", "version", "started_at", "health", "reasons", "workers", "capacity", "idle_capacity", "jobs", "artifact_bytes")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    HEALTH_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    IDLE_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    JOBS_FIELD_NUMBER: _ClassVar[int]
    ARTIFACT_BYTES_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    started_at: float
    health: str
    reasons: _containers.RepeatedScalarFieldContainer[str]
    workers: WorkerCounts
    capacity: int
    idle_capacity: int
    jobs: JobCounts
    artifact_bytes: float
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., started_at: _Optional[float] = ..., health: _Optional[str] = ..., reasons: _Optional[_Iterable[str]] = ..., workers: _Optional[_Union[WorkerCounts, _Mapping]] = ..., capacity: _Optional[int] = ..., idle_capacity: _Optional[int] = ..., jobs: _Optional[_Union[JobCounts, _Mapping]] = ..., artifact_bytes: _Optional[float] = ...) -> None: ...

class WorkerCounts(_message.Message):
    __slots__ = ("idle", "computing", "recovering", "draining", "quarantined")
    IDLE_FIELD_NUMBER: _ClassVar[int]
    COMPUTING_FIELD_NUMBER: _ClassVar[int]
    RECOVERING_FIELD_NUMBER: _ClassVar[int]
    DRAINING_FIELD_NUMBER: _ClassVar[int]
    QUARANTINED_FIELD_NUMBER: _ClassVar[int]
    idle: int
    computing: int
    recovering: int
    draining: int
    quarantined: int
    def __init__(self, idle: _Optional[int] = ..., computing: _Optional[int] = ..., recovering: _Optional[int] = ..., draining: _Optional[int] = ..., quarantined: _Optional[int] = ...) -> None: ...

class JobCounts(_message.Message):
    __slots__ = ("queued", "running", "completed", "failed", "cancelled")
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    RUNNING_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    queued: int
    running: int
    completed: int
    failed: int
    cancelled: int
    def __init__(self, queued: _Optional[int] = ..., running: _Optional[int] = ..., completed: _Optional[int] = ..., failed: _Optional[int] = ..., cancelled: _Optional[int] = ...) -> None: ...

class ListJobsRequest(_message.Message):
    __slots__ = ("active_only",)
    ACTIVE_ONLY_FIELD_NUMBER: _ClassVar[int]
    active_only: bool
    def __init__(self, active_only: _Optional[bool] = ...) -> None: ...

class ListJobsResponse(_message.Message):
    __slots__ = ("jobs",)
    JOBS_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[Job]
    def __init__(self, jobs: _Optional[_Iterable[_Union[Job, _Mapping]]] = ...) -> None: ...

class GetJobRequest(_message.Message):
    __slots__ = ("job_id", "seen_revision", "wait_seconds")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_REVISION_FIELD_NUMBER: _ClassVar[int]
    WAIT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    seen_revision: int
    wait_seconds: int
    def __init__(self, job_id: _Optional[str] = ..., seen_revision: _Optional[int] = ..., wait_seconds: _Optional[int] = ...) -> None: ...

class Job(_message.Message):
    __slots__ = ("job_id", "kind", "name", "program", "form", "units", "log_size", "security", "state", "phase", "progress", "position", "submitted_at", "started_at", "phase_started_at", "ended_at", "failure", "workers", "shares", "aggregation", "revision")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PROGRAM_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    LOG_SIZE_FIELD_NUMBER: _ClassVar[int]
    SECURITY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    SUBMITTED_AT_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    PHASE_STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    SHARES_FIELD_NUMBER: _ClassVar[int]
    AGGREGATION_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    kind: str
    name: str
    program: str
    form: str
    units: int
    log_size: int
    security: int
    state: str
    phase: str
    progress: float
    position: int
    submitted_at: float
    started_at: float
    phase_started_at: float
    ended_at: float
    failure: Failure
    workers: _containers.RepeatedScalarFieldContainer[str]
    shares: _containers.RepeatedCompositeFieldContainer[Share]
    aggregation: Aggregation
    revision: int
    def __init__(self, job_id: _Optional[str] = ..., kind: _Optional[str] = ..., name: _Optional[str] = ..., program: _Optional[str] = ..., form: _Optional[str] = ..., units: _Optional[int] = ..., log_size: _Optional[int] = ..., security: _Optional[int] = ..., state: _Optional[str] = ..., phase: _Optional[str] = ..., progress: _Optional[float] = ..., position: _Optional[int] = ..., submitted_at: _Optional[float] = ..., started_at: _Optional[float] = ..., phase_started_at: _Optional[float] = ..., ended_at: _Optional[float] = ..., failure: _Optional[_Union[Failure, _Mapping]] = ..., workers: _Optional[_Iterable[str]] = ..., shares: _Optional[_Iterable[_Union[Share, _Mapping]]] = ..., aggregation: _Optional[_Union[Aggregation, _Mapping]] = ..., revision: _Optional[int] = ...) -> None: ...

class Failure(_message.Message):
    __slots__ = ("kind", "message", "phase")
    KIND_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    kind: str
    message: str
    phase: str
    def __init__(self, kind: _Optional[str] = ..., message: _Optional[str] = ..., phase: _Optional[str] = ...) -> None: ...

class Share(_message.Message):
    __slots__ = ("number", "first_unit", "end_unit", "worker", "state", "activity", "progress", "contributed", "segments_kept", "pieces_kept", "attempts")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    FIRST_UNIT_FIELD_NUMBER: _ClassVar[int]
    END_UNIT_FIELD_NUMBER: _ClassVar[int]
    WORKER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    CONTRIBUTED_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_KEPT_FIELD_NUMBER: _ClassVar[int]
    PIECES_KEPT_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    number: int
    first_unit: int
    end_unit: int
    worker: str
    state: str
    activity: str
    progress: float
    contributed: bool
    segments_kept: int
    pieces_kept: int
    attempts: _containers.RepeatedCompositeFieldContainer[Attempt]
    def __init__(self, number: _Optional[int] = ..., first_unit: _Optional[int] = ..., end_unit: _Optional[int] = ..., worker: _Optional[str] = ..., state: _Optional[str] = ..., activity: _Optional[str] = ..., progress: _Optional[float] = ..., contributed: _Optional[bool] = ..., segments_kept: _Optional[int] = ..., pieces_kept: _Optional[int] = ..., attempts: _Optional[_Iterable[_Union[Attempt, _Mapping]]] = ...) -> None: ...

class Aggregation(_message.Message):
    __slots__ = ("worker", "activity", "merged", "shares", "pieces_kept", "attempts")
    WORKER_FIELD_NUMBER: _ClassVar[int]
    ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    MERGED_FIELD_NUMBER: _ClassVar[int]
    SHARES_FIELD_NUMBER: _ClassVar[int]
    PIECES_KEPT_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    worker: str
    activity: str
    merged: int
    shares: int
    pieces_kept: int
    attempts: _containers.RepeatedCompositeFieldContainer[Attempt]
    def __init__(self, worker: _Optional[str] = ..., activity: _Optional[str] = ..., merged: _Optional[int] = ..., shares: _Optional[int] = ..., pieces_kept: _Optional[int] = ..., attempts: _Optional[_Iterable[_Union[Attempt, _Mapping]]] = ...) -> None: ...

class Attempt(_message.Message):
    __slots__ = ("worker", "end", "reason")
    WORKER_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    worker: str
    end: str
    reason: Failure
    def __init__(self, worker: _Optional[str] = ..., end: _Optional[str] = ..., reason: _Optional[_Union[Failure, _Mapping]] = ...) -> None: ...

class GetProofRequest(_message.Message):
    __slots__ = ("job_id",)
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    def __init__(self, job_id: _Optional[str] = ...) -> None: ...

class Proof(_message.Message):
    __slots__ = ("job_id", "proof")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    proof: bytes
    def __init__(self, job_id: _Optional[str] = ..., proof: _Optional[bytes] = ...) -> None: ...

class ExplainJobRequest(_message.Message):
    __slots__ = ("job_id",)
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    def __init__(self, job_id: _Optional[str] = ...) -> None: ...

class Explanation(_message.Message):
    __slots__ = ("job_id", "state", "reasons")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    state: str
    reasons: _containers.RepeatedCompositeFieldContainer[Reason]
    def __init__(self, job_id: _Optional[str] = ..., state: _Optional[str] = ..., reasons: _Optional[_Iterable[_Union[Reason, _Mapping]]] = ...) -> None: ...

class Reason(_message.Message):
    __slots__ = ("subject", "text", "since")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    subject: str
    text: str
    since: float
    def __init__(self, subject: _Optional[str] = ..., text: _Optional[str] = ..., since: _Optional[float] = ...) -> None: ...

class CancelJobRequest(_message.Message):
    __slots__ = ("job_id",)
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    def __init__(self, job_id: _Optional[str] = ...) -> None: ...

class CancelJobResponse(_message.Message):
    __slots__ = ("job_id", "cancelled", "state")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    cancelled: bool
    state: str
    def __init__(self, job_id: _Optional[str] = ..., cancelled: _Optional[bool] = ..., state: _Optional[str] = ...) -> None: ...

class ListWorkersRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListWorkersResponse(_message.Message):
    __slots__ = ("workers",)
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    workers: _containers.RepeatedCompositeFieldContainer[Worker]
    def __init__(self, workers: _Optional[_Iterable[_Union[Worker, _Mapping]]] = ...) -> None: ...

class Worker(_message.Message):
    __slots__ = ("worker_id", "state", "capacity", "program", "job_id", "task", "activity", "connected_at", "silent_seconds", "failures", "last_failure")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    PROGRAM_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    CONNECTED_AT_FIELD_NUMBER: _ClassVar[int]
    SILENT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    LAST_FAILURE_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    state: str
    capacity: int
    program: str
    job_id: str
    task: str
    activity: str
    connected_at: float
    silent_seconds: float
    failures: int
    last_failure: str
    def __init__(self, worker_id: _Optional[str] = ..., state: _Optional[str] = ..., capacity: _Optional[int] = ..., program: _Optional[str] = ..., job_id: _Optional[str] = ..., task: _Optional[str] = ..., activity: _Optional[str] = ..., connected_at: _Optional[float] = ..., silent_seconds: _Optional[float] = ..., failures: _Optional[int] = ..., last_failure: _Optional[str] = ...) -> None: ...

class DrainWorkerRequest(_message.Message):
    __slots__ = ("worker_id", "undo")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    UNDO_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    undo: bool
    def __init__(self, worker_id: _Optional[str] = ..., undo: _Optional[bool] = ...) -> None: ...

class WatchEventsRequest(_message.Message):
    __slots__ = ("after", "run", "follow")
    AFTER_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    FOLLOW_FIELD_NUMBER: _ClassVar[int]
    after: int
    run: str
    follow: bool
    def __init__(self, after: _Optional[int] = ..., run: _Optional[str] = ..., follow: _Optional[bool] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("number", "run", "at", "job_id", "worker_id", "text")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    number: int
    run: str
    at: float
    job_id: str
    worker_id: str
    text: str
    def __init__(self, number: _Optional[int] = ..., run: _Optional[str] = ..., at: _Optional[float] = ..., job_id: _Optional[str] = ..., worker_id: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...
