"""What the benches share: how figures are printed, what is counted, and what the bare kernels reach."""
