"""The commands `zisk`, `zisk-coordinator` and `zisk-worker`."""
