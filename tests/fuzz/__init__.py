"""Hostile bytes for every parser, made by mutators that know where its fields are.

`python -m tests.fuzz --help` runs long; `test_fuzz.py` runs some thousand cases.
"""
