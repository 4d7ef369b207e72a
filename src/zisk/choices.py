"""What a user chooses of a job and its proof, and what is taken where nothing is chosen."""

__all__ = [
    "DEFAULT_LOG_SIZE",
    "DEFAULT_SECURITY",
    "DEFAULT_STEP_LIMIT",
    "DEFAULT_UNITS",
    "LOG_SIZES",
    "MAXIMAL_UNITS",
    "PUBLIC_WORDS",
    "SECURITY_LEVELS",
]

LOG_SIZES = (16, 18, 20, 22)
"""Sizes: binary logarithms of the steps of a core segment."""

DEFAULT_LOG_SIZE = 20

SECURITY_LEVELS = (100, 128)
"""Levels: bits of proven soundness."""

DEFAULT_SECURITY = 128
"""Bits of a proof, and the fewest that a verifier takes."""

MAXIMAL_UNITS = 1 << 12
"""Most compute units that a job is cut into, and so most workers, contributions and payloads of one."""

DEFAULT_UNITS = 10

DEFAULT_STEP_LIMIT = (1 << 36) - 1
"""Steps after which a run is ended: the default of ZisK's emulator."""

PUBLIC_WORDS = 64
"""Public words of a run, of 32 bits each."""
