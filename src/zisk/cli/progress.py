"""Which sink a command reports its progress to."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from zisk.cli.progress_lines import LinesProgress
from zisk.progress import Progress


@contextmanager
def command_progress() -> Iterator[Progress]:
    """A sink on standard error: bars where it is a terminal, JSON lines elsewhere."""
    if sys.stderr.isatty():
        from zisk.cli.progress_terminal import TerminalProgress

        with TerminalProgress() as progress:
            yield progress
    else:
        yield LinesProgress(sys.stderr)
