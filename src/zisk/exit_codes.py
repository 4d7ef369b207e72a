"""The one table of exit codes of every program in this package.

The programs are `zisk`, `zisk-coordinator` and `zisk-worker`.
A script that calls them can tell a refused proof from a mistyped flag or a full disk without reading text.
"""

from enum import IntEnum

__all__ = ["ExitCode"]


class ExitCode(IntEnum):
    """Why a program ended. The number is what the shell sees in `$?`."""

    OK = 0
    """It did what it was asked to do."""

    REFUSED = 1
    """A proof was checked and does not hold, or the bytes are no proof."""

    USAGE = 2
    """The command line, a configuration file or an environment variable cannot be understood."""

    BAD_FILE = 3
    """A guest program, an input, a key or a proof file is missing or unreadable, or a guest is malformed."""

    GUEST_FAULT = 4
    """The guest program did something the machine does not allow, such as a store to an unmapped address."""

    STEP_LIMIT = 5
    """The guest program ran past the limit on its steps."""

    NO_CAPACITY = 6
    """No coordinator answers, or fewer compute units are connected than were asked for."""

    HOST = 7
    """The host refused something: a port is taken, a disk is full, a folder cannot be written.

    Or a package that this one depends on is not installed.
    """

    JOB_FAILED = 8
    """The cluster accepted the job and could not finish it."""

    INTERRUPTED = 130
    """The user interrupted it (128 + SIGINT)."""
