"""Running a program from its command line: the one place where failures become exit codes."""

import logging
import select
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from zisk.cli.arguments import OneLineParser
from zisk.cli.failures import explain
from zisk.cli.reports import escape_what_cannot_be_encoded
from zisk.exit_codes import ExitCode


def run(parser: OneLineParser, arguments: Sequence[str] | None = None) -> int:
    """Run the command that a command line names, and return its exit code.

    Expected failures end with one line on standard error.
    Where standard output is a pipe, its reader may leave: that ends a command, and is no failure.
    Anything else is a defect of this package and keeps its traceback, so that it can be reported.
    """
    escape_what_cannot_be_encoded()
    code: int = ExitCode.OK
    try:
        code = _run(parser, arguments)
        _flush_output()
    except (Exception, KeyboardInterrupt) as error:
        if not (isinstance(error, BrokenPipeError) and _reader_has_left()):
            explained = explain(error)
            if explained is None:
                raise
            code, line = explained
            with suppress(BrokenPipeError):
                print(f"{parser.prog}: error: {line}", file=sys.stderr)
        _drop_what_cannot_be_written()
    return code


def _run(parser: OneLineParser, arguments: Sequence[str] | None) -> int:
    try:
        parsed = parser.parse_args(arguments)
    except SystemExit:  # help or the version is shown, or the command line is wrong
        _flush_output()
        raise
    with _notes(parser.prog):
        return parsed.run(parsed)


@contextmanager
def _notes(program: str) -> Iterator[None]:
    """Show what the package logs as notes of a program, unless that starts a log of its own."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(f"{program}: note: %(message)s"))
    log = logging.getLogger("zisk")
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


def _flush_output() -> None:
    print(end="", flush=True)


def _reader_has_left() -> bool:
    """Whether standard output is a pipe that nobody reads any more."""
    try:
        descriptor = sys.stdout.fileno()
    except (AttributeError, OSError):
        return False
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))


def _drop_what_cannot_be_written() -> None:
    """Keep the interpreter from failing at its end over what a closed pipe or a full disk did not take."""
    for name in ("stdout", "stderr"):
        try:
            print(end="", flush=True, file=getattr(sys, name))
        except OSError:
            setattr(sys, name, None)
