"""Kernels for the host's processor, compiled by Numba."""
