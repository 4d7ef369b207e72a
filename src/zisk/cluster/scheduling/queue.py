"""The queue: which job starts next, and on which workers."""

from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling.dealing import deal
from zisk.cluster.scheduling.jobs import Happening, Job, JobState, Share
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.scheduling.selection import allocate, select
from zisk.cluster.scheduling.turn import Turn
from zisk.cluster.tasks import JobKind, JobRequest

__all__ = ["attainable", "choose", "could_start", "schedule"]


def attainable(turn: Turn, units: int) -> int:
    """Capacity that one job could have if every connected worker were idle, up to `units`."""
    chosen = select(turn.state.connected(), units, 1, turn.limits.max_workers_per_job) or []
    return sum(capacity for _, capacity in chosen)


def choose(turn: Turn, request: JobRequest) -> list[tuple[str, int]] | None:
    """Idle workers that could start a job now; None where it has to wait."""
    idle = turn.state.idle()
    match request.kind:
        case JobKind.PROVE:
            units = request.demand.units
            required = request.demand.required(attainable(turn, units))
            return select(idle, units, required, turn.limits.max_workers_per_job)
        case JobKind.EXECUTE:
            return idle[:1] or None
        case JobKind.SETUP:
            return idle or None


def schedule(turn: Turn) -> None:
    """Start waiting jobs in order.

    One that has to wait for busy workers holds up those behind it, so that large jobs get their turn.
    One that needs more than is connected at present does not.
    """
    for job_id in list(turn.state.queue):
        job = turn.state.jobs[job_id]
        chosen = choose(turn, job.request)
        if chosen is not None:
            _start(turn, job, chosen)
        elif could_start(turn, job.request):
            return


def could_start(turn: Turn, request: JobRequest) -> bool:
    """Whether a job would start if every connected worker were idle."""
    if request.kind is not JobKind.PROVE:
        return bool(turn.state.connected())
    within = attainable(turn, request.demand.units)
    return 0 < within >= request.demand.required(within)


def _start(turn: Turn, job: Job, chosen: list[tuple[str, int]]) -> None:
    turn.state.queue.remove(job.job_id)
    job.state = JobState.RUNNING
    job.started = job.phase_started = turn.now
    request = job.request
    if request.kind is JobKind.PROVE:
        job.phase = Phase.CONTRIBUTIONS
        runs = allocate(request.demand.units, [capacity for _, capacity in chosen])
    else:
        job.phase = Phase.EXECUTION if request.kind is JobKind.EXECUTE else Phase.SETUP
        runs = [range(0)] * len(chosen)
    turn.note(job, Happening.STARTED)
    if request.kind is JobKind.PROVE:
        turn.out.append(do.PrepareProgram(request))
    for number, ((worker_id, _), units) in enumerate(zip(chosen, runs, strict=True)):
        job.shares.append(Share(number, units, worker_id, since=turn.now))
        turn.hold(job, turn.state.workers[worker_id])
    deal(turn, job)
