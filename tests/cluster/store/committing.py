"""A process that commits until it is killed."""

import itertools
from multiprocessing.connection import Connection

from tests.cluster.store.jobs import queued_job, rows
from zisk.cluster.scheduling.jobs import Happening, JobEvent
from zisk.cluster.store import Store

__all__ = ["JOBS", "commit_for_ever"]

JOBS = ("one", "two")


def commit_for_ever(url: str, told: Connection) -> None:
    """Count up in the events of two jobs at once, and tell each number whose commit has returned."""
    store = Store.open(url, holder="to be killed")
    jobs = store.load(now=0.0, wall=0.0).jobs or {job_id: queued_job(job_id) for job_id in JOBS}
    for number in itertools.count(len(jobs[JOBS[0]].events)):
        for job in jobs.values():
            job.events.append(JobEvent(Happening.PROGRESS, float(number)))
        store.commit([rows(job) for job in jobs.values()], programs=[str(number)])
        told.send(number)
