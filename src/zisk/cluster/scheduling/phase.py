"""The phases of a job."""

from enum import StrEnum

__all__ = ["Phase"]


class Phase(StrEnum):
    """What a running job is at, in the words of the JobStatus call."""

    EXECUTION = "Execution"
    SETUP = "Setup"
    CONTRIBUTIONS = "Contributions"
    PROVE = "Prove"
    AGGREGATE = "Aggregate"
