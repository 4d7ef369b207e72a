"""Circuits that check proofs: straight lines of operations, proved as tables with preprocessed wiring."""
