"""What operators are shown of the coordinator's state, as messages."""

from collections import Counter
from zlib import crc32

from zisk.cluster.coordinator.health import HealthWatch
from zisk.cluster.coordinator.shell import CoordinatorShell
from zisk.cluster.protocol.generated import cluster_pb2 as wire
from zisk.cluster.scheduling.explain import explain, task_text
from zisk.cluster.scheduling.jobs import Failure, Job, JobState, Share
from zisk.cluster.scheduling.journal import Entry
from zisk.cluster.scheduling.state import Worker, WorkerState
from zisk.cluster.tasks import JobKind
from zisk.version import __version__

__all__ = ["ClusterView"]


class ClusterView:
    """Reads a coordinator; changes nothing. `run` names this start of it."""

    def __init__(self, shell: CoordinatorShell, watch: HealthWatch, run: str) -> None:
        self._shell = shell
        self._watch = watch
        self._run = run

    def status(self) -> wire.Status:
        """How many workers and jobs there are, in which states, and whether all is well."""
        state = self._shell.machine.state
        workers = Counter(worker.shown for worker in state.workers.values())
        jobs = Counter(job.state for job in state.jobs.values())
        report = self._watch.report()
        return wire.Status(
            name=self._shell.rules.name,
            version=__version__,
            started_at=self._shell.wall(self._shell.started),
            health=report["status"],
            reasons=self._watch.reasons(),
            workers=wire.WorkerCounts(**{each.lower(): workers[each] for each in WorkerState}),
            capacity=state.capacity,
            idle_capacity=sum(capacity for _, capacity in state.idle()),
            jobs=wire.JobCounts(**{each.lower(): jobs[each] for each in JobState}),
            artifact_bytes=report["artifact_bytes"],
        )

    def row(self, job: Job) -> wire.Job:
        """A job as one of many; its revision is left out."""
        request, wall = job.request, self._shell.wall
        row = wire.Job(
            job_id=job.job_id,
            kind=request.kind,
            name=request.data_id,
            program=request.hash_id,
            form=request.form if request.kind is JobKind.PROVE else "",
            units=request.demand.units,
            log_size=request.log_size,
            security=request.security,
            state=job.state,
            phase=job.phase or "",
            progress=self._progress(job),
            submitted_at=wall(job.submitted),
            workers=job.workers,
        )
        if job.started is not None:
            row.started_at = wall(job.started)
        if job.phase_started is not None:
            row.phase_started_at = wall(job.phase_started)
        if job.ended is not None:
            row.ended_at = wall(job.ended)
        if job.failure is not None:
            row.failure.CopyFrom(_failure(job.failure))
        return row

    def job(self, job: Job) -> wire.Job:
        """A job with all its shares."""
        shown = self.row(job)
        if job.state is JobState.QUEUED:
            shown.position = self._shell.machine.state.queue.index(job.job_id) + 1
        crew = self._shell.machine.state.crew(job)
        at_work = {worker.lease.share: worker for worker in crew if worker.lease is not None}
        shown.shares.extend(_share(job, share, at_work.get(share.number)) for share in job.shares)
        if job.aggregation is not None or job.unfit or job.lost:
            shown.aggregation.CopyFrom(_aggregation(job, at_work.get(None)))
        shown.revision = crc32(shown.SerializeToString(deterministic=True)) | 1
        return shown

    def explanation(self, job: Job) -> wire.Explanation:
        """What a job waits for, and since when."""
        machine = self._shell.machine
        explanation = wire.Explanation(job_id=job.job_id, state=job.state)
        for reason in explain(machine.state, machine.limits, job, self._shell.now()):
            told = explanation.reasons.add(subject=reason.subject, text=reason.text)
            if reason.since is not None:
                told.since = self._shell.wall(reason.since)
        return explanation

    def worker(self, worker: Worker) -> wire.Worker:
        """A worker, and what it is at."""
        job = self._shell.machine.state.jobs[worker.job_id] if worker.job_id is not None else None
        return wire.Worker(
            worker_id=worker.worker_id,
            state=worker.shown,
            capacity=worker.capacity,
            program=worker.program,
            job_id=worker.job_id or "",
            task=task_text(job, worker.lease) if job is not None and worker.lease is not None else "",
            activity=worker.activity if worker.lease is not None else "",
            connected_at=self._shell.wall(worker.connected_at),
            silent_seconds=max(0.0, self._shell.now() - worker.last_heartbeat),
            failures=worker.failures,
            last_failure=worker.last_failure,
        )

    def event(self, entry: Entry) -> wire.Event:
        """An entry of the journal."""
        return wire.Event(
            number=entry.number,
            run=self._run,
            at=self._shell.wall(entry.at),
            job_id=entry.job_id,
            worker_id=entry.worker_id,
            text=entry.text,
        )

    def _progress(self, job: Job) -> float:
        """How much of its phase a job has done; only one that runs is looked into."""
        if job.state is JobState.RUNNING:
            return self._shell.machine.state.progress(job)
        return 1.0 if job.state is JobState.COMPLETED else 0.0


def _share(job: Job, share: Share, worker: Worker | None) -> wire.Share:
    """A share, and what the worker that has its task is at."""
    state = "at work" if worker is not None else "waits" if share.worker is not None else "nobody"
    contributed = share.contribution is not None or job.challenge is not None
    return wire.Share(
        number=share.number,
        first_unit=share.units.start,
        end_unit=share.units.stop,
        worker=share.worker or "",
        state="done" if share.done else "ended" if job.state.terminal else state,
        activity=worker.activity if worker is not None else "",
        progress=1.0 if share.done else worker.progress if worker is not None else 0.0,
        contributed=contributed,
        segments_kept=len(share.committed),
        pieces_kept=len(share.pieces),
        attempts=_attempts(share.lost, share.failed),
    )


def _aggregation(job: Job, worker: Worker | None) -> wire.Aggregation:
    """The aggregation of a job, and what the worker that has its task is at."""
    aggregation = job.aggregation
    return wire.Aggregation(
        worker=aggregation.worker if aggregation is not None else "",
        activity=worker.activity if worker is not None else "",
        merged=len(aggregation.merged) if aggregation is not None else 0,
        shares=len(job.shares),
        pieces_kept=len(job.pieces),
        attempts=_attempts(job.lost, job.unfit),
    )


def _failure(failure: Failure) -> wire.Failure:
    return wire.Failure(kind=failure.kind, message=failure.message, phase=failure.phase or "")


def _attempts(lost: dict[str, Failure], failed: dict[str, Failure]) -> list[wire.Attempt]:
    return [
        wire.Attempt(worker=name, end=end, reason=_failure(reason))
        for end, attempts in (("lost", lost), ("failed", failed))
        for name, reason in attempts.items()
    ]
