"""What time brings about: silent workers are lost, late jobs end, old jobs are forgotten.

Time counts only while the coordinator runs and a worker is there. After a pause of its own it first hears
what there is to hear, and then judges.
"""

from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling.failures import lose
from zisk.cluster.scheduling.jobs import Failure, JobState
from zisk.cluster.scheduling.phases import timed_phase
from zisk.cluster.scheduling.quarantine import send_canaries
from zisk.cluster.scheduling.turn import Turn
from zisk.errors import ErrorKind

__all__ = ["pass_time"]

_PAUSE_SECONDS = 5.0
"""More time than this between two ticks was a pause: the coordinator was stopped, or the machine slept."""


def pass_time(turn: Turn) -> None:
    """Act on every limit that has been reached."""
    passed = turn.now - turn.state.ticked if turn.state.ticked is not None else 0.0
    turn.state.ticked = turn.now
    if passed > _PAUSE_SECONDS or turn.state.deserted is not None:
        _stop_clocks(turn, passed)
    _lose_silent_workers(turn)
    _end_late_jobs(turn)
    _forget_old_jobs(turn)
    send_canaries(turn)


def _stop_clocks(turn: Turn, passed: float) -> None:
    """Let time that has passed count for nobody who was waiting for something."""
    for worker in turn.state.workers.values():
        worker.last_heartbeat = min(worker.last_heartbeat + passed, turn.now)
    for job in turn.state.running():
        if job.phase_started is not None:
            job.phase_started = min(job.phase_started + passed, turn.now)


def _lose_silent_workers(turn: Turn) -> None:
    silence = turn.limits.silence_seconds
    for worker in list(turn.state.workers.values()):
        if silence and turn.now - worker.last_heartbeat >= silence:
            turn.out.append(do.CloseConnection(worker.connection, f"silent for {silence:g} s"))
            lose(turn, worker, f"it was silent for {silence:g} s")


def _end_late_jobs(turn: Turn) -> None:
    wait, since = turn.limits.no_worker_seconds, turn.state.deserted
    for job in turn.state.running():
        if since is not None and wait and turn.now - since >= wait:
            text = f"no worker has been connected for {wait:g} s; start one and submit the job again"
            turn.fail(job, ErrorKind.WORKER_LOST, text)
            continue
        phase = timed_phase(job)
        limit, key = turn.limits.of_phase(phase)
        if limit and job.phase_started is not None and turn.now - job.phase_started >= limit:
            text = f"phase {phase} took longer than {limit:g} s; raise {key} if the job needs it"
            turn.end(job, JobState.FAILED, text, Failure(ErrorKind.TIMEOUT, text, job.phase, limit))


def _forget_old_jobs(turn: Turn) -> None:
    ttl = turn.limits.job_ttl_seconds
    for job in list(turn.state.jobs.values()):
        if ttl and job.ended is not None and turn.now - job.ended >= ttl:
            del turn.state.jobs[job.job_id]
            turn.out.append(do.Forget(job.job_id))
