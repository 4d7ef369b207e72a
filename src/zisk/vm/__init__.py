"""The machine: loads RISC-V guests, runs them and records what the tables need."""
