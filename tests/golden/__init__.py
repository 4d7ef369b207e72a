"""Pinned digests of proofs: one program, input and number of units give one proof, everywhere."""
