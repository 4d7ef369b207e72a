"""The chips: one table for each sort of operation that a circuit can contain."""
