"""Keys, proofs and the claims of a job as bytes: what provers write, verifiers read, and neither decides."""
