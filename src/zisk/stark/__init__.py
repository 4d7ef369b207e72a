"""The proof system: AIRs, buses, lifted commitment, FRI, prover, verifier and soundness report."""
