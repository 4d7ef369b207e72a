"""The job that the pictures show."""

SEGMENTS = {"core": 6, "edges": 1}
UNITS = 4
CAPACITIES = (2, 1, 1)
"""The job of the pictures: its segments of each kind, its compute units, the capacities of its workers."""
