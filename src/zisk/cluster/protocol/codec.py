"""Tasks and results to and from the messages of the worker stream.

Where a field of ZisK's carries something of this project's, docs/wire.md says which.
Nothing that a message counts or numbers is expanded before it is bounded; `zisk.cluster.protocol.limits` has
the bounds.
"""

from collections.abc import Iterable, Iterator, Sequence, Sized
from contextlib import contextmanager
from dataclasses import replace

from zisk.choices import MAXIMAL_UNITS, PUBLIC_WORDS
from zisk.cluster.errors import WireError
from zisk.cluster.protocol.forms import form_of_name
from zisk.cluster.protocol.generated import distributed_pb2 as wire
from zisk.cluster.protocol.limits import INLINE_BYTES, MAX_COMMITMENT_BYTES, MAX_KEPT, MAX_SECONDS
from zisk.cluster.protocol.payload import Payload, from_field, from_words
from zisk.cluster.tasks import (
    AggregateTask,
    AggregationResult,
    Binding,
    Committed,
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
    Kept,
    Piece,
    ProofsResult,
    ProveTask,
    Result,
    SetupResult,
    SetupTask,
    Task,
)
from zisk.errors import JOB_FAILURES, ErrorKind
from zisk.printable import printable
from zisk.proof_format.forms import ProofForm
from zisk.proof_format.statement import MAXIMAL_SEGMENTS

__all__ = [
    "decode_kept",
    "decode_result",
    "decode_task",
    "encode_kept",
    "encode_result",
    "encode_task",
    "type_of",
]


@contextmanager
def _readable(what: str) -> Iterator[None]:
    """Turn whatever reading a message raises, lack of memory too, into its refusal."""
    try:
        yield
    except WireError:
        raise
    except Exception as error:
        text = printable(f"{type(error).__name__}: {error}")
        raise WireError(f"a {what} cannot be read: {text}") from error


def _check_count(what: str, items: Sized, most: int) -> None:
    if len(items) > most:
        raise WireError(f"a message has at most {most} {what}, not {len(items)}")


def type_of(task: Task) -> wire.TaskType:
    """The name of a task on the wire; a set-up has a message of its own and counts as an execution here."""
    match task:
        case ContributeTask():
            return wire.PARTIAL_CONTRIBUTION
        case ProveTask():
            return wire.PROVE
        case AggregateTask():
            return wire.AGGREGATE
        case ExecuteTask() | SetupTask():
            return wire.EXECUTION


# Tasks


def encode_task(worker_id: str, job_id: str, lease: int, task: Task) -> wire.CoordinatorMessage:
    """The message that gives a worker a task under a lease."""
    if isinstance(task, SetupTask):
        request = task.request
        setup = wire.SetupProgram(
            job_id=job_id, hash_id=request.hash_id, options=_options(request), lease=lease
        )
        return wire.CoordinatorMessage(setup_program=setup)
    message = wire.ExecuteTaskRequest(
        worker_id=worker_id, job_id=job_id, task_type=type_of(task), lease=lease
    )
    match task:
        case ContributeTask():
            _fill(message.contribution_params, task.request)
            message.contribution_params.rank_id = task.rank
            message.contribution_params.total_workers = task.workers
            message.contribution_params.worker_allocation.extend(task.units)
            message.contribution_params.committed.extend(map(_commitment, task.committed))
        case ExecuteTask():
            _fill(message.execution_params, task.request)
        case ProveTask():
            _bind(message.prove_params, task.binding)
            message.prove_params.worker_allocation.extend(task.units)
            message.prove_params.pieces.extend(map(_piece, task.pieces))
        case AggregateTask():
            _fill(message.agg_params.job, task.request)
            _bind(message.agg_params.binding, task.binding)
            message.agg_params.agg_proofs.CopyFrom(_proof_list(task.proofs))
            message.agg_params.first_proof = task.first
            message.agg_params.pieces.extend(map(_piece, task.pieces))
            message.agg_params.last_proof = task.last
            message.agg_params.final_proof = task.last
    return wire.CoordinatorMessage(execute_task=message)


def decode_task(message: wire.CoordinatorMessage) -> tuple[str, int, Task]:
    """The job, the lease and the task that a message gives a worker.

    Raises:
        WireError: it is of a kind that this version does not know, lacks something, or has too much of it.

    """
    with _readable("task"):
        if message.WhichOneof("payload") == "setup_program":
            setup = message.setup_program
            return setup.job_id, setup.lease, SetupTask(_read_setup(setup))
        return message.execute_task.job_id, message.execute_task.lease, _read_task(message.execute_task)


def _read_setup(setup: wire.SetupProgram) -> JobRequest:
    log_size, security, form = _read_options(setup.options)
    return JobRequest(
        JobKind.SETUP, setup.hash_id, from_field(b""), Demand(1, None), log_size, security, form=form
    )


def _read_task(task: wire.ExecuteTaskRequest) -> Task:
    match task.WhichOneof("params"):
        case "contribution_params":
            params = task.contribution_params
            units = _read_units(params.worker_allocation)
            request = _read_request(JobKind.PROVE, params)
            committed = _read_commitments(params.committed)
            return ContributeTask(request, params.rank_id, params.total_workers, units, committed)
        case "execution_params":
            return ExecuteTask(_read_request(JobKind.EXECUTE, task.execution_params))
        case "prove_params":
            units = _read_units(task.prove_params.worker_allocation)
            return ProveTask(units, _read_binding(task.prove_params), _read_pieces(task.prove_params.pieces))
        case "agg_params":
            params = task.agg_params
            return AggregateTask(
                _read_request(JobKind.PROVE, params.job),
                _read_binding(params.binding),
                _read_proof_list(params.agg_proofs),
                params.first_proof,
                params.last_proof,
                _read_pieces(params.pieces),
            )
        case other:
            raise WireError(f"tasks with {other or 'no parameters'} are not known to this version")


def _read_units(allocation: Sequence[int]) -> range:
    """The run of units that a list spells out."""
    _check_count("units", allocation, MAXIMAL_UNITS)
    first = allocation[0] if allocation else 0
    units = range(first, first + len(allocation))
    if list(units) != list(allocation):
        raise WireError("worker_allocation is one contiguous run of units")
    if units.stop > MAXIMAL_UNITS:
        raise WireError(f"units are numbered below {MAXIMAL_UNITS}, not up to {units[-1]}")
    return units


def _bind(params: wire.ProveParams, binding: Binding) -> None:
    params.challenges.extend(_challenges(binding.contributions))
    params.global_challenge = binding.challenge


def _read_binding(params: wire.ProveParams) -> Binding:
    _check_count("contributions", params.challenges, MAXIMAL_UNITS)
    entries = sorted(params.challenges, key=lambda entry: entry.worker_index)
    return Binding(tuple(from_words(entry.challenge) for entry in entries), params.global_challenge)


def _fill(params: wire.ContributionParams, request: JobRequest) -> None:
    params.data_id = request.data_id
    params.hash_id = request.hash_id
    params.job_compute_units = request.demand.units
    params.options.CopyFrom(_options(request))
    if isinstance(request.input, InputPath):
        params.input_path = request.input.path
    else:
        params.input_data = request.input.to_field()


def _read_request(kind: JobKind, params: wire.ContributionParams) -> JobRequest:
    if params.job_compute_units > MAXIMAL_UNITS:
        raise WireError(f"a job has at most {MAXIMAL_UNITS} compute units, not {params.job_compute_units}")
    path = params.WhichOneof("input_source") == "input_path"
    log_size, security, form = _read_options(params.options)
    return JobRequest(
        kind,
        params.hash_id,
        InputPath(params.input_path) if path else from_field(params.input_data),
        Demand(params.job_compute_units, None),
        log_size,
        security,
        params.data_id,
        form,
    )


def _options(request: JobRequest) -> wire.ProofOptions:
    return wire.ProofOptions(log_size=request.log_size, security=request.security, form=request.form)


def _read_options(options: wire.ProofOptions) -> tuple[int, int, ProofForm]:
    return options.log_size, options.security, form_of_name(options.form, ProofForm.FINAL)


def _challenges(contributions: Iterable[Payload]) -> list[wire.Challenges]:
    return [
        wire.Challenges(worker_index=rank, challenge=contribution.to_words())
        for rank, contribution in enumerate(contributions)
    ]


def _proof_list(proofs: Iterable[tuple[int, Payload]]) -> wire.ProofList:
    return wire.ProofList(
        proofs=[wire.ProofStark(airgroup_id=unit, values=proof.to_words()) for unit, proof in proofs]
    )


def _read_proof_list(proofs: wire.ProofList) -> tuple[tuple[int, Payload], ...]:
    _check_count("payloads of units", proofs.proofs, MAXIMAL_UNITS)
    return tuple((proof.airgroup_id, from_words(proof.values)) for proof in proofs.proofs)


# What is kept of a task


def encode_kept(worker_id: str, job_id: str, lease: int, kept: Kept) -> wire.WorkerMessage:
    """The message with which a worker hands in what it has made so far of the task of a lease."""
    message = wire.WorkKept(worker_id=worker_id, job_id=job_id, lease=lease)
    if isinstance(kept, Committed):
        message.committed.CopyFrom(_commitment(kept))
    else:
        message.piece.CopyFrom(_piece(kept))
    return wire.WorkerMessage(work_kept=message)


def decode_kept(message: wire.WorkKept) -> Kept:
    """What a worker hands in.

    Raises:
        WireError: it is nothing that is kept.

    """
    with _readable("piece of work"):
        match message.WhichOneof("kept"):
            case "committed":
                return _read_commitments([message.committed])[0]
            case "piece":
                return _read_pieces([message.piece])[0]
            case _:
                raise WireError("a worker hands nothing in")


def _commitment(committed: Committed) -> wire.SegmentCommitment:
    return wire.SegmentCommitment(position=committed.position, commitment=committed.commitment)


def _read_commitments(committed: Sequence[wire.SegmentCommitment]) -> tuple[Committed, ...]:
    _check_count("commitments to segments", committed, MAX_KEPT)
    for each in committed:
        _check_count("bytes of a commitment", each.commitment, MAX_COMMITMENT_BYTES)
    return tuple(Committed(each.position, each.commitment) for each in committed)


def _piece(piece: Piece) -> wire.ProofPiece:
    return wire.ProofPiece(start=piece.start, end=piece.end, proof=piece.proof.to_field())


def _read_pieces(pieces: Sequence[wire.ProofPiece]) -> tuple[Piece, ...]:
    _check_count("pieces of a proof", pieces, MAX_KEPT)
    for each in pieces:
        if not each.start < each.end <= MAXIMAL_SEGMENTS:
            raise WireError(f"no piece of a proof stands for segments {each.start} to before {each.end}")
    return tuple(Piece(each.start, each.end, from_field(each.proof)) for each in pieces)


# Results


def encode_result(
    worker_id: str, job_id: str, lease: int, task: Task, result: Result, recovering: bool = False
) -> wire.WorkerMessage:
    """The message with which a worker answers a task that it was given under a lease."""
    failure = result if isinstance(result, FailureResult) else None
    if isinstance(task, SetupTask):
        ack = wire.SetupProgramAck(
            job_id=job_id,
            worker_id=worker_id,
            hash_id=task.request.hash_id,
            success=failure is None,
            lease=lease,
        )
        if isinstance(result, FailureResult):
            ack.error_message, ack.failure_kind = result.message, result.kind
        elif isinstance(result, SetupResult):
            ack.vk = result.key
        return wire.WorkerMessage(setup_program_ack=ack)
    response = wire.ExecuteTaskResponse(
        job_id=job_id,
        worker_id=worker_id,
        task_type=type_of(task),
        success=failure is None,
        worker_in_recovery=recovering,
        lease=lease,
    )
    match result:
        case FailureResult(kind, message, unit):
            response.error_message, response.failure_kind = message, kind
            if unit is not None:
                response.refused_unit = unit
        case ContributionResult(contribution):
            response.challenges.challenges.append(wire.Challenges(challenge=contribution.to_words()))
        case ProofsResult(proofs, counts):
            response.proofs.CopyFrom(_proof_list(proofs))
            if counts is not None:
                response.proofs.executed_steps, response.proofs.cycles = counts.steps, counts.cycles
        case AggregationResult(proof):
            response.final_proof.proof_data = b"" if proof is None else proof.to_field()
        case ExecutionResult(execution):
            response.execution.CopyFrom(_execution(execution))
        case SetupResult():
            raise ValueError("a key answers a set-up")
    return wire.WorkerMessage(execute_task_response=response)


def decode_result(message: wire.WorkerMessage) -> tuple[str, int, Result]:
    """The job, the lease and the result that a message reports.

    Raises:
        WireError: the result is not one that the task can have.

    """
    with _readable("result"):
        if message.WhichOneof("payload") == "setup_program_ack":
            ack = message.setup_program_ack
            _check_count("bytes of a key", ack.vk, INLINE_BYTES)
            made = SetupResult(ack.vk) if ack.success else _failure(ack.failure_kind, ack.error_message)
            return ack.job_id, ack.lease, made
        response = message.execute_task_response
        return response.job_id, response.lease, _read_response(response)


def _read_response(response: wire.ExecuteTaskResponse) -> Result:
    if not response.success:
        unit = response.refused_unit if response.HasField("refused_unit") else None
        return replace(_failure(response.failure_kind, response.error_message), unit=unit)
    match response.WhichOneof("result_data"):
        case "challenges":
            return ContributionResult(_single(response.challenges.challenges))
        case "proofs":
            told = response.proofs
            counts = Counts(told.executed_steps, told.cycles) if told.executed_steps else None
            return ProofsResult(_read_proof_list(told), counts)
        case "final_proof":
            proof = response.final_proof.proof_data
            return AggregationResult(from_field(proof) if proof else None)
        case "execution":
            return ExecutionResult(_read_execution(response.execution))
        case other:
            raise WireError(f"a result with {other or 'no data'} is not known to this version")


def _single(challenges: Sequence[wire.Challenges]) -> Payload:
    if len(challenges) != 1:
        raise WireError(f"a worker sends one contribution for all of its units, not {len(challenges)}")
    return from_words(challenges[0].challenge)


def _failure(kind: str, message: str) -> FailureResult:
    return FailureResult(ErrorKind(kind) if kind in JOB_FAILURES else ErrorKind.WORKER_ERROR, message)


def _execution(execution: Execution) -> wire.Execution:
    return wire.Execution(
        instances=execution.segments,
        executed_steps=execution.steps,
        zisk_execution_time=wire.ZiskExecuteTime(total_duration=execution.seconds),
        witness_info=wire.WitnessExecInfo(publics=execution.outputs),
        exit_code=execution.exit_code,
        cycles=execution.cycles,
    )


def _read_execution(execution: wire.Execution) -> Execution:
    _check_count("output words", execution.witness_info.publics, PUBLIC_WORDS)
    seconds = execution.zisk_execution_time.total_duration
    if not 0 <= seconds < MAX_SECONDS:
        raise WireError(f"no execution takes {seconds} seconds")
    return Execution(
        steps=execution.executed_steps,
        cycles=execution.cycles if execution.HasField("cycles") else None,
        segments=execution.instances,
        exit_code=execution.exit_code,
        outputs=tuple(execution.witness_info.publics),
        seconds=seconds,
    )
