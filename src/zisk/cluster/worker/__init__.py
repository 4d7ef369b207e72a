"""The worker: takes tasks from a coordinator and does them with the prover."""
