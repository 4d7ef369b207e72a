"""Which jobs are taken in, and why others are not: the one place where a request is looked at as a whole."""

from collections.abc import Sequence

from zisk.choices import LOG_SIZES, MAXIMAL_UNITS, SECURITY_LEVELS
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.jobs import Happening, Job
from zisk.cluster.scheduling.queue import attainable, choose
from zisk.cluster.scheduling.turn import Turn
from zisk.cluster.tasks import InputPath, JobKind, JobRequest
from zisk.errors import ErrorKind

__all__ = ["submit"]


def submit(turn: Turn, event: on.JobSubmitted) -> None:
    """Put a job into the queue, or say why not."""
    refusal = _malformed(event.request) or _unwelcome(turn, event)
    if refusal is not None:
        turn.out.append(do.RefuseJob(event.job_id, *refusal))
        return
    job = Job(event.job_id, event.request, turn.now)
    turn.state.jobs[job.job_id] = job
    turn.state.queue.append(job.job_id)
    turn.note(job, Happening.QUEUED)
    if not isinstance(event.request.input, InputPath):
        turn.out.append(do.Hold(job.job_id, (event.request.input,)))


def _malformed(request: JobRequest) -> tuple[ErrorKind, str] | None:
    """Why a request is none, whatever is connected."""
    demand, text = request.demand, ""
    if request.log_size not in LOG_SIZES:
        text = f"there are no segments of 2^{request.log_size} steps; choose a size of {_either(LOG_SIZES)}"
    elif request.security not in SECURITY_LEVELS:
        text = f"{request.security} bits is no security level; choose one of {_either(SECURITY_LEVELS)}"
    elif demand.units < 1:
        text = "Compute capacity must be greater than zero"
    elif demand.units > MAXIMAL_UNITS:
        text = f"a job has at most {MAXIMAL_UNITS} compute units, not {demand.units}"
    elif demand.minimum is not None and demand.minimum > demand.units:
        text = "Minimal compute capacity must not exceed compute capacity"
    return (ErrorKind.USAGE, text) if text else None


def _unwelcome(turn: Turn, event: on.JobSubmitted) -> tuple[ErrorKind, str] | None:
    """Why a request is not taken in at present."""
    request, demand = event.request, event.request.demand
    if turn.state.stopping:
        return ErrorKind.UNREACHABLE, "the coordinator is stopping; submit again when it is back"
    if event.job_id in turn.state.jobs:
        return ErrorKind.USAGE, f"there is a job {event.job_id} already"
    if not turn.state.workers:
        return (
            ErrorKind.UNREACHABLE,
            "no worker is connected; start one: zisk-worker --elf FILE --coordinator-url URL",
        )
    if request.kind is JobKind.PROVE and demand.minimum is not None:
        within = attainable(turn, demand.units)
        if demand.minimum > within:
            return ErrorKind.NO_CAPACITY, _too_much(turn, demand.minimum, within)
    if not event.may_wait and (turn.state.queue or choose(turn, request) is None):
        return (
            ErrorKind.NO_CAPACITY,
            "Insufficient compute capacity: workers are busy with other jobs; launch again later",
        )
    return None


def _too_much(turn: Turn, wanted: int, within: int) -> str:
    connected = turn.state.capacity
    text = f"Insufficient compute capacity: {wanted} units asked for, {connected} connected"
    if within < min(wanted, connected):
        return f"{text}, {within} within coordinator.max_workers_per_job; raise it or ask for less"
    return f"{text}; start more workers or ask for at most {within} with --compute-capacity"


def _either(values: Sequence[int]) -> str:
    return ", ".join(str(value) for value in values)
