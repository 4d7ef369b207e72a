"""Errors of the recursion layer: circuits that cannot be built, and inputs that do not satisfy them."""

from zisk.errors import ZiskError


class CircuitError(ZiskError):
    """A circuit is not well formed: a wire nobody uses, a table that outgrows its kind."""


class WitnessError(ZiskError):
    """Inputs do not satisfy a circuit, or there are too few or too many of them."""
