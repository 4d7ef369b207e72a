"""Domain tags: the first capacity element of a sponge, one for each use, so that no two uses can collide."""

TAG_COMPRESSION = 1
"""Two children of a Merkle node."""
TAG_LEAF = 2
"""A row of a committed matrix."""
TAG_SEGMENT = 3
"""The transcript of a segment proof."""
TAG_JOB = 4
"""The transcript of a job's global challenge."""
TAG_KEY = 5
"""A verifying key."""
TAG_PROGRAM = 6
"""A program digest."""
TAG_CONTRIBUTION = 7
"""A node of a job's contribution tree."""
TAG_CODEWORD = 8
"""A row of a FRI layer."""
TAG_CHUNK = 9
"""An entry of a program's tree of image chunks."""
TAG_PART = 10
"""A part of a row of a committed matrix that has a sponge of its own."""
