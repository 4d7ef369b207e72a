"""What proves for a cluster: the face that its programs see, and the prover of this package behind it."""
