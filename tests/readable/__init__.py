"""A verifier in plain Python integers, written from `docs/` alone: the readable specification.

It imports nothing of `zisk` and nothing beyond the standard library. `job.verify(proof, key)` is its door;
`proving` and the tests are no part of it.
"""
