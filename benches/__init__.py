"""Measurements: one script for each claim about speed, size or soundness.

Run them from the root of the repository, `python -m benches.NAME`; `docs/measuring.md` says how to read them.
"""
