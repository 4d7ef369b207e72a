"""Proving on many machines: the coordinator, the worker and what they say to each other.

Coordinator and worker are each a pure state machine (events in, commands out, the clock passed in) beside a
thin asyncio shell that owns the network, the disk and the prover.
"""
