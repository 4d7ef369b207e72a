"""Poseidon2 of width 24 and what is built on it: sponge, Merkle trees, transcript."""
