"""What time brings: workers that are silent, phases that take too long, jobs that are long over."""

from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling.jobs import Failure, JobState
from zisk.cluster.scheduling.phases import timed_phase
from zisk.cluster.scheduling.turn import Turn
from zisk.cluster.scheduling.workers import lose
from zisk.errors import ErrorKind

__all__ = ["pass_time"]


def pass_time(turn: Turn) -> None:
    """Act on every limit that has been reached."""
    _lose_silent_workers(turn)
    _end_late_jobs(turn)
    _forget_old_jobs(turn)


def _lose_silent_workers(turn: Turn) -> None:
    silence = turn.limits.silence_seconds
    for worker in list(turn.state.workers.values()):
        if silence and turn.now - worker.last_heartbeat >= silence:
            turn.out.append(do.CloseConnection(worker.connection, f"silent for {silence:g} s"))
            lose(turn, worker, f"it was silent for {silence:g} s")


def _end_late_jobs(turn: Turn) -> None:
    for job in turn.state.running():
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
