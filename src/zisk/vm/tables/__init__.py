"""The tables of the machine: one file each, with columns, constraints, messages and trace filling."""
