"""The commands of `zisk`, one module each: `add_parser` declares it, `run` does it.

Modules of this package import nothing heavy at their top, so that `--help` answers at once.
"""
