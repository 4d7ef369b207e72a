"""Workers that fail at what others succeed at take no jobs until they have proved a canary.

A canary is a small job that only the suspect works at, checked like any other. While it fails, the next one
comes later and later.
"""

from dataclasses import replace

from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling.jobs import Happening, Job, JobState, Share
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.scheduling.state import Quarantine, Worker, WorkerState
from zisk.cluster.scheduling.turn import Turn

__all__ = ["judge_canaries", "send_canaries", "suspect_failed"]

_LONGEST_SECONDS = 3600.0
"""The longest time from one canary to the next."""


def suspect_failed(turn: Turn, job: Job) -> None:
    """Put workers into quarantine that failed at what others have done, once the whole job has gone well.

    Not before: who says that it has done something need not have done it.
    """
    if job.canary_of is not None:
        return
    done_by = {name: share.worker for share in job.shares for name in share.failed}
    if job.aggregation is not None:
        done_by |= dict.fromkeys(job.unfit, job.aggregation.worker)
    for name, other in done_by.items():
        if name != other and name not in turn.state.quarantined:
            _put_away(turn, name)
            turn.tell(job, f"worker {name} failed at what worker {other} could do; it is in quarantine")


def _put_away(turn: Turn, name: str) -> None:
    pause = turn.limits.quarantine_seconds
    turn.state.quarantined[name] = Quarantine(turn.now + pause, pause)
    worker = turn.state.workers.get(name)
    if worker is not None and worker.state is WorkerState.IDLE:
        worker.state = WorkerState.QUARANTINED


def send_canaries(turn: Turn) -> None:
    """Give workers in quarantine whose time has come a canary to prove."""
    request = turn.state.canary
    if request is None or turn.state.stopping:
        return
    for name, quarantine in turn.state.quarantined.items():
        worker = turn.state.workers.get(name)
        if worker is not None and worker.state is WorkerState.QUARANTINED and turn.now >= quarantine.due:
            turn.state.canaries += 1
            job = Job(f"canary-{turn.state.canaries}", replace(request, data_id=name), turn.now)
            _start(turn, job, worker)


def _start(turn: Turn, job: Job, worker: Worker) -> None:
    job.canary_of = worker.worker_id
    job.state, job.phase = JobState.RUNNING, Phase.CONTRIBUTIONS
    job.started = job.phase_started = turn.now
    job.shares.append(Share(0, range(job.request.demand.units), worker.worker_id))
    turn.state.jobs[job.job_id] = job
    turn.hold(job, worker)
    turn.note(job, Happening.STARTED)
    turn.out.append(do.PrepareProgram(job.request))


def judge_canaries(turn: Turn) -> None:
    """Let workers go whose canary is proved; of others the next one comes later."""
    ended = [job for job in turn.state.jobs.values() if job.canary_of is not None and job.state.terminal]
    for job in ended:
        name = str(job.canary_of)
        del turn.state.jobs[job.job_id]
        turn.out.append(do.Forget(job.job_id))
        quarantine = turn.state.quarantined[name]
        if job.state is JobState.COMPLETED:
            del turn.state.quarantined[name]
            turn.tell(job, f"worker {name} has proved its canary; its quarantine is over")
            worker = turn.state.workers.get(name)
            if worker is not None and worker.state is WorkerState.QUARANTINED:
                worker.state = WorkerState.IDLE
        else:
            quarantine.pause = min(2 * quarantine.pause, _LONGEST_SECONDS)
            quarantine.due = turn.now + quarantine.pause
            turn.tell(job, f"worker {name} stays in quarantine for {quarantine.pause:g} s more")
