"""Speed of the executor on one core: `python benches/executor.py`.

*run* executes without a trace; *record* executes and sorts what the tables of every segment need.
"""

from __future__ import annotations

import argparse

from support.clock import processor_seconds
from support.figures import Figure, show
from support.guests import INPUTS, input_for, read_guest

from zisk.vm.executor import execute, record_all, record_none
from zisk.vm.program import load_program

RUN_BOUND, RECORD_BOUND = 150, 40
"""Millions of instructions per second."""

LOG_SIZE = 20


def measure(guest: str, log_cycles: int) -> list[Figure]:
    """Both speeds on one guest."""
    program = load_program(read_guest(guest), LOG_SIZE)
    data, cycles = input_for(guest, 1 << log_cycles)
    figures = []
    for name, record, bound in (("run", record_none, RUN_BOUND), ("record", record_all, RECORD_BOUND)):
        seconds = processor_seconds(
            lambda record=record: execute(program, data, log_size=LOG_SIZE, record=record)
        )
        key = f"{guest.replace('-', '_')}_{name}_mips"
        figures.append(Figure(key, f"{guest}: {name}", cycles / seconds / 1e6, "M/s", bound, at_least=True))
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python benches/executor.py", description=__doc__)
    parser.add_argument("--log-cycles", type=int, default=22, help="each run takes at most 2^K cycles")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = [one for guest in INPUTS for one in measure(guest, arguments.log_cycles)]
    title = f"executor: millions of instructions per processor second, 2^{arguments.log_cycles} cycles"
    show(title, figures, {"log_cycles": arguments.log_cycles}, arguments.json)


if __name__ == "__main__":
    main()
