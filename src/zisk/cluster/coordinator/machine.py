"""The coordinator's decisions: events in, commands out. No clock, no network, no disk, no randomness.

Beside the module of the prove flow this one holds what every job has in common: registration, admission, the
queue, ends of all kinds, and time.
"""

from zisk.cluster.coordinator import commands as do
from zisk.cluster.coordinator import events as on
from zisk.cluster.coordinator.commands import Command
from zisk.cluster.coordinator.events import Event
from zisk.cluster.coordinator.jobs import (
    Failure,
    Happening,
    Job,
    JobState,
    Member,
    Phase,
)
from zisk.cluster.coordinator.proving import ProveFlow
from zisk.cluster.coordinator.selection import allocate, select
from zisk.cluster.coordinator.state import Worker, WorkerState
from zisk.cluster.tasks import (
    MAX_UNITS,
    ContributeTask,
    ExecuteTask,
    InputPath,
    JobKind,
    JobRequest,
    SetupTask,
)
from zisk.errors import ErrorKind

__all__ = ["Coordinator"]


class Coordinator(ProveFlow):
    """The state machine; `handle` is its only way in, `state` may be read at any time."""

    def handle(self, event: Event, now: float) -> list[Command]:
        """Take an event in at time `now` (seconds, never falling); what is to be done, in order."""
        self.now = now
        self.out = []
        worker = self._sender(event)
        if worker is not None:
            worker.last_heartbeat = now
        match event:
            case on.WorkerConnected():
                self._connect(event)
            case on.JobSubmitted():
                self._submit(event)
            case on.CancelRequested(job_id):
                self._cancel(job_id)
            case on.ChallengeDerived() | on.ProofAccepted() | on.JobWorkFailed():
                if (job := self.running(event.job_id)) is not None:
                    self.own_work_done(job, event)
            case on.StopRequested(at_once):
                self._stop(at_once)
            case on.Tick():
                self._tick()
            case _ if worker is not None:
                self._from_worker(worker, event)
            case _:
                pass  # From a connection that was replaced or lost: whoever it concerned has been told.
        self._schedule()
        return self.out

    # What workers say

    def _sender(self, event: Event) -> Worker | None:
        """The worker that an event came from, unless its connection is not the worker's any more."""
        if isinstance(event, on.WorkerConnected):
            return None
        worker = self.state.workers.get(getattr(event, "worker_id", ""))
        return (
            worker if worker is not None and worker.connection == getattr(event, "connection", None) else None
        )

    def _from_worker(self, worker: Worker, event: Event) -> None:
        match event:
            case on.WorkerGone(reason=reason):
                self._lose(worker, reason)
            case on.HeartbeatSeen(job_id=job_id, done=done, total=total, activity=activity):
                self.out.append(do.AnswerHeartbeat(worker.connection))
                if worker.job_id == job_id and (member := self.state.jobs[job_id].member(worker.worker_id)):
                    member.done, member.total, member.activity = done, total, activity
            case on.WorkerRecovered():
                if worker.state is WorkerState.RECOVERING:
                    worker.state = WorkerState.IDLE
            case on.TaskFailed():
                self._task_failed(worker, event)
            case (
                on.ContributionMade()
                | on.UnitProofsMade()
                | on.AggregationStepDone()
                | on.FinalProofMade()
                | on.ExecutionDone()
                | on.SetupDone()
            ):
                job = self.running(event.job_id)
                member = job.member(worker.worker_id) if job is not None else None
                if job is not None and member is not None and member.busy:
                    self.task_done(job, member, event)
            case _:
                pass

    def _connect(self, event: on.WorkerConnected) -> None:
        old = self.state.workers.get(event.worker_id)
        refusal = ""
        if self.state.stopping:
            refusal = "the coordinator is stopping"
        elif event.capacity < 1:
            refusal = "the compute capacity is at least 1; set --compute-capacity"
        elif old is not None and not event.reconnecting:
            refusal = (
                f"worker id {event.worker_id} is already connected; give each worker its own --worker-id"
            )
        elif old is None and 0 < self.limits.max_total_workers <= len(self.state.workers):
            refusal = f"all {self.limits.max_total_workers} places of coordinator.max_total_workers are taken"
        if refusal:
            self.out.append(do.RefuseRegistration(event.worker_id, event.connection, refusal))
            return
        if old is not None:
            self.out.append(do.CloseConnection(old.connection, "the worker has connected again"))
            self._lose(old, "it connected again without its earlier connection having ended")
        self.state.registrations += 1
        self.state.workers[event.worker_id] = Worker(
            event.worker_id,
            event.connection,
            event.capacity,
            event.program,
            self.state.registrations,
            self.now,
            self.now,
        )
        # A job does not outlive the connection of one of its workers, so whatever it last worked on is over.
        directive = do.Directive.CANCEL_STALE_JOB if event.last_job else do.Directive.NONE
        self.out.append(do.ConfirmRegistration(event.worker_id, event.connection, event.capacity, directive))

    def _lose(self, worker: Worker, why: str) -> None:
        del self.state.workers[worker.worker_id]
        if worker.job_id is not None:
            job = self.state.jobs[worker.job_id]
            self.fail(job, ErrorKind.WORKER_LOST, f"worker {worker.worker_id} was lost: {why}")

    def _task_failed(self, worker: Worker, event: on.TaskFailed) -> None:
        if worker.job_id != event.job_id:
            return
        job = self.state.jobs[event.job_id]
        self.free(job, worker.worker_id)
        if event.recovering:
            worker.state = WorkerState.RECOVERING
        where = f"worker {worker.worker_id}"
        if event.kind is ErrorKind.BAD_PROOF and job.handing_over and job.handed_over is not None:
            where += f", taking in the proofs of worker {job.handed_over}"
        self.fail(job, event.kind, f"{where}: {event.message}")

    # What clients say

    def _submit(self, event: on.JobSubmitted) -> None:
        refusal = self._refusal(event)
        if refusal is not None:
            self.out.append(do.RefuseJob(event.job_id, *refusal))
            return
        job = Job(event.job_id, event.request, self.now)
        self.state.jobs[job.job_id] = job
        self.state.queue.append(job.job_id)
        self.note(job, Happening.QUEUED)
        if not isinstance(event.request.input, InputPath):
            self.out.append(do.Hold(job.job_id, (event.request.input,)))

    def _refusal(self, event: on.JobSubmitted) -> tuple[ErrorKind, str] | None:
        """Why a job is not taken in, if it is not."""
        demand = event.request.demand
        if self.state.stopping:
            return ErrorKind.UNREACHABLE, "the coordinator is stopping; submit again when it is back"
        if event.job_id in self.state.jobs:
            return ErrorKind.USAGE, f"there is a job {event.job_id} already"
        if demand.units < 1:
            return ErrorKind.USAGE, "Compute capacity must be greater than zero"
        if demand.units > MAX_UNITS:
            return ErrorKind.USAGE, f"a job has at most {MAX_UNITS} compute units, not {demand.units}"
        if demand.minimum is not None and demand.minimum > demand.units:
            return ErrorKind.USAGE, "Minimal compute capacity must not exceed compute capacity"
        if not self.state.workers:
            return (
                ErrorKind.UNREACHABLE,
                "no worker is connected; start one: zisk-worker --elf FILE --coordinator-url URL",
            )
        if event.request.kind is JobKind.PROVE and demand.minimum is not None:
            attainable = self._attainable(demand.units)
            if demand.minimum > attainable:
                return ErrorKind.NO_CAPACITY, self._too_much(demand.minimum, attainable)
        if not event.may_wait and (self.state.queue or self._choose(event.request) is None):
            return (
                ErrorKind.NO_CAPACITY,
                "Insufficient compute capacity: workers are busy with other jobs; launch again later",
            )
        return None

    def _too_much(self, wanted: int, attainable: int) -> str:
        text = f"Insufficient compute capacity: {wanted} units asked for, {self.state.capacity} connected"
        if attainable < min(wanted, self.state.capacity):
            return f"{text}, {attainable} within coordinator.max_workers_per_job; raise it or ask for less"
        return f"{text}; start more workers or ask for at most {attainable} with --compute-capacity"

    def _cancel(self, job_id: str) -> None:
        job = self.state.jobs.get(job_id)
        if job is not None and not job.state.terminal:
            self.end(job, JobState.CANCELLED, "cancelled by a client")

    def _stop(self, at_once: bool) -> None:
        self.state.stopping = True
        for job in list(self.state.jobs.values()):
            if job.state is JobState.QUEUED or (at_once and job.state is JobState.RUNNING):
                self.fail(job, ErrorKind.STOPPED, "the coordinator was stopped; submit the job again")

    # The queue

    def _attainable(self, units: int) -> int:
        """Capacity that one job could have if every connected worker were idle, up to `units`."""
        chosen = select(self.state.connected(), units, 1, self.limits.max_workers_per_job) or []
        return sum(capacity for _, capacity in chosen)

    def _choose(self, request: JobRequest) -> list[tuple[str, int]] | None:
        """Idle workers that could start a job now; None where it has to wait."""
        idle = self.state.idle()
        match request.kind:
            case JobKind.PROVE:
                units = request.demand.units
                required = request.demand.required(self._attainable(units))
                return select(idle, units, required, self.limits.max_workers_per_job)
            case JobKind.EXECUTE:
                return idle[:1] or None
            case JobKind.SETUP:
                return idle or None

    def _schedule(self) -> None:
        """Start waiting jobs in order.

        One that has to wait for busy workers holds up those behind it, so that large jobs get their turn.
        One that needs more than is connected at present does not.
        """
        for job_id in list(self.state.queue):
            job = self.state.jobs[job_id]
            chosen = self._choose(job.request)
            if chosen is not None:
                self._start(job, chosen)
            elif self._could_start(job.request):
                return

    def _could_start(self, request: JobRequest) -> bool:
        """Whether a job would start if every connected worker were idle."""
        if request.kind is not JobKind.PROVE:
            return bool(self.state.workers)
        attainable = self._attainable(request.demand.units)
        return 0 < attainable >= request.demand.required(attainable)

    def _start(self, job: Job, chosen: list[tuple[str, int]]) -> None:
        self.state.queue.remove(job.job_id)
        job.state = JobState.RUNNING
        job.started = job.phase_started = self.now
        request = job.request
        if request.kind is JobKind.PROVE:
            job.phase = Phase.CONTRIBUTIONS
            runs = allocate(request.demand.units, [capacity for _, capacity in chosen])
        else:
            job.phase = Phase.EXECUTION if request.kind is JobKind.EXECUTE else Phase.SETUP
            runs = [range(0)] * len(chosen)
        self.note(job, Happening.STARTED)
        if request.kind is JobKind.PROVE:
            self.out.append(do.PrepareProgram(request))
        for rank, ((worker_id, _), units) in enumerate(zip(chosen, runs, strict=True)):
            job.members.append(Member(worker_id, units))
            worker = self.state.workers[worker_id]
            worker.state = WorkerState.COMPUTING
            worker.job_id = job.job_id
            match request.kind:
                case JobKind.PROVE:
                    task = ContributeTask(request, rank, len(chosen), units)
                case JobKind.EXECUTE:
                    task = ExecuteTask(request)
                case JobKind.SETUP:
                    task = SetupTask(request)
            self.send(job, worker_id, task)

    # Time

    def _tick(self) -> None:
        silence = self.limits.silence_seconds
        for worker in list(self.state.workers.values()):
            if silence and self.now - worker.last_heartbeat >= silence:
                self.out.append(do.CloseConnection(worker.connection, f"silent for {silence:g} s"))
                self._lose(worker, f"it was silent for {silence:g} s")
        for job in self.state.running():
            phase = self.timed_phase(job)
            limit, key = self.limits.of_phase(phase)
            if limit and job.phase_started is not None and self.now - job.phase_started >= limit:
                text = f"phase {phase} took longer than {limit:g} s; raise {key} if the job needs it"
                self.end(job, JobState.FAILED, text, Failure(ErrorKind.TIMEOUT, text, job.phase, limit))
        ttl = self.limits.job_ttl_seconds
        for job in list(self.state.jobs.values()):
            if ttl and job.ended is not None and self.now - job.ended >= ttl:
                del self.state.jobs[job.job_id]
                self.out.append(do.Forget(job.job_id))
