"""The coordinator: takes jobs in, shares them out, puts the proof together."""
