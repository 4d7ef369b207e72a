"""Pinned digests of proofs: the same program, input and units give the same bytes, everywhere and for good."""
