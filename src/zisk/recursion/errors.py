"""Errors of the recursion layer: circuits that cannot be built, and inputs that do not satisfy them."""


class CircuitLayerError(Exception):
    """Base of every error that this package raises on purpose."""


class CircuitError(CircuitLayerError):
    """A circuit is not well formed: a wire nobody uses, a table that outgrows its kind."""


class WitnessError(CircuitLayerError):
    """Inputs do not satisfy a circuit, or there are too few or too many of them."""
