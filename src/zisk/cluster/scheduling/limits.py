"""Bounds on jobs, workers and time, as a user sets them."""

from dataclasses import dataclass

from zisk.cluster.declared import key_of, setting
from zisk.cluster.scheduling.phase import Phase

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits; times in seconds, and 0 means no limit throughout."""

    max_workers_per_job: int = setting(
        "coordinator.max_workers_per_job", 10, "most workers in one job; 0: any number", least=0
    )
    max_total_workers: int = setting(
        "coordinator.max_total_workers", 1000, "most workers connected; 0: any number", least=0
    )
    execution_seconds: float = setting(
        "coordinator.execution_timeout_seconds", 300.0, "limit of execute and setup jobs; 0: none", least=0
    )
    phase1_seconds: float = setting(
        "coordinator.phase1_timeout_seconds", 300.0, "limit of Contributions; 0: none", least=0
    )
    phase2_seconds: float = setting(
        "coordinator.phase2_timeout_seconds", 600.0, "limit of Prove; 0: none", least=0
    )
    phase3_seconds: float = setting(
        "coordinator.phase3_timeout_seconds", 600.0, "limit of Aggregate; 0: none", least=0
    )
    heartbeat_seconds: float = setting(
        "coordinator.heartbeat_interval_seconds",
        30.0,
        "times heartbeat_max_missed: the silence after which a worker is lost; 0: never",
        least=0,
    )
    heartbeats_missed: int = setting(
        "coordinator.heartbeat_max_missed", 3, "heartbeats that may be missed", least=1
    )
    no_worker_seconds: float = setting(
        "coordinator.no_worker_timeout_seconds",
        600.0,
        "how long a running job whose workers are all gone waits for one to come; 0: for ever",
        least=0,
    )
    quarantine_seconds: float = setting(
        "coordinator.quarantine_seconds",
        60.0,
        "how long a worker that fails at what others succeed at is given nothing, before it is tried with a "
        "small job of its own",
        least=0,
    )
    job_ttl_seconds: float = setting(
        "coordinator.job_ttl_seconds",
        3600.0,
        "how long a finished job can be asked about; 0: for ever",
        least=0,
    )

    @property
    def silence_seconds(self) -> float:
        """The silence after which a worker is lost."""
        return self.heartbeat_seconds * self.heartbeats_missed

    def of_phase(self, phase: Phase) -> tuple[float, str]:
        """The limit of a phase, and the key that sets it."""
        name = _OF_PHASE[phase]
        return getattr(self, name), key_of(Limits, name)


_OF_PHASE = {
    Phase.EXECUTION: "execution_seconds",
    Phase.SETUP: "execution_seconds",
    Phase.CONTRIBUTIONS: "phase1_seconds",
    Phase.PROVE: "phase2_seconds",
    Phase.AGGREGATE: "phase3_seconds",
}
"""The limit of each phase."""
