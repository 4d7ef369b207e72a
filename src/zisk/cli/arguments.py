"""Flags that several commands share, spelt as `cargo-zisk` spells them."""

import argparse
import sys
from contextlib import suppress
from typing import Any, NoReturn

from zisk.choices import (
    DEFAULT_LOG_SIZE,
    DEFAULT_SECURITY,
    DEFAULT_STEP_LIMIT,
    DEFAULT_UNITS,
    LOG_SIZES,
    MAXIMAL_UNITS,
    SECURITY_LEVELS,
)
from zisk.exit_codes import ExitCode
from zisk.printable import is_text


class OneLineParser(argparse.ArgumentParser):
    """A parser whose refusals are one line that names the page of help."""

    def error(self, message: str) -> NoReturn:
        """Print one line and end the program with the code for usage."""
        with suppress(BrokenPipeError):  # nobody reads it: the code says it all the same
            print(f"{self.prog}: error: {message}; see {self.prog} --help", file=sys.stderr)
        self.exit(ExitCode.USAGE)


def add_elf(parser: argparse.ArgumentParser) -> None:
    """Add `-e/--elf`."""
    parser.add_argument("-e", "--elf", metavar="FILE", required=True, help="guest program, a RV64IMAC ELF")


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """Add `-i/--inputs`."""
    parser.add_argument(
        "-i",
        "--inputs",
        "--input",
        metavar="FILE",
        help="input of the guest: a path or file:// URI (default: empty)",
    )


def add_size(parser: argparse.ArgumentParser) -> None:
    """Add `--size`."""
    parser.add_argument(
        "--size",
        type=int,
        choices=LOG_SIZES,
        default=DEFAULT_LOG_SIZE,
        help="core segments hold up to 2^SIZE steps; smaller needs less memory (default: %(default)s)",
    )


def add_security(parser: argparse.ArgumentParser) -> None:
    """Add `--security`."""
    parser.add_argument(
        "--security",
        type=int,
        choices=SECURITY_LEVELS,
        default=DEFAULT_SECURITY,
        help="bits of proven soundness (default: %(default)s)",
    )


def add_compute_capacity(parser: argparse.ArgumentParser) -> None:
    """Add `--compute-capacity`."""
    parser.add_argument(
        "--compute-capacity",
        type=compute_units,
        metavar="N",
        help=f"compute units that share the job's segments; part of the proof (default: {DEFAULT_UNITS})",
    )


def add_max_steps(parser: argparse.ArgumentParser) -> None:
    """Add `-n/--max-steps`."""
    parser.add_argument(
        "-n",
        "--max-steps",
        type=positive,
        metavar="N",
        default=DEFAULT_STEP_LIMIT,
        help="end the run after N steps (default: %(default)s)",
    )


def add_expect_exit(parser: "argparse._ActionsContainer") -> None:
    """Add `--expect-exit`."""
    parser.add_argument(
        "--expect-exit",
        type=exit_code,
        metavar="N",
        help="refuse unless the guest's exit code is N, which may be below zero as in C "
        "(guests of unmodified ZisK leave it undefined)",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")


def positive(text: str) -> int:
    """A whole number from 1 up, for argparse."""
    value = _whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 up")
    return value


def text(given: str) -> str:
    """Text that a message can hold, for argparse."""
    if not is_text(given):
        raise argparse.ArgumentTypeError(f"{given!r} is not UTF-8")
    return given


def compute_units(text: str) -> int:
    """A number of compute units that a job may have, for argparse."""
    value = _whole(text)
    if not 1 <= value <= MAXIMAL_UNITS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {MAXIMAL_UNITS}")
    return value


def exit_code(text: str) -> int:
    """An exit code in 64 bits without sign, for argparse.

    It is written in any base that Python writes; below zero it is meant as C means it.
    """
    value = _whole(text)
    if not -(1 << 63) <= value < 1 << 64:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from -2^63 to 2^64 - 1")
    return value % (1 << 64)


def _whole(text: str) -> int:
    """A whole number written in any base that Python knows."""
    try:
        return int(text, 0)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


Subparsers = Any
"""What `ArgumentParser.add_subparsers` returns; argparse gives its type no public name."""
