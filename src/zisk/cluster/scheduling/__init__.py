"""What the coordinator decides: events in, changes of its state and commands out.

No module here knows a clock, a network, a disk or a source of randomness.
"""
